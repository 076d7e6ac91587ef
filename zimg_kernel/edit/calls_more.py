"""The edits that need more than the model itself: enlarging by tiles, and control maps."""

from __future__ import annotations

from typing import Any

from zimg_kernel.engine import Engine
from zimg_kernel.intake import MAX_PIXELS, Source, digest
from zimg_kernel.job import Job
from zimg_kernel.params import BadInput, Edit

from .request import Wish, begin, number, prompt_for
from .taking import Taken, take


def upscale(
    image: Source | Taken,
    factor: float = 2.0,
    prompt: str | None = None,
    *,
    strength: float = 0.1,
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Enlarge a picture and let the model draw its details, in tiles that leave no seams.

    Parameters
    ----------
    image, engine, **params
        As for :func:`~zimg_kernel.edit.img2img`; ``width`` and ``height`` are a tile's.
    factor : float
        How many times larger each side becomes, above 1 up to 8.
    prompt : str, optional
        By default the prompt of the picture itself.
    strength : float
        Above 0 up to 1: how much is drawn anew. With much more than the default, each tile
        begins to be a picture of its own. The broad colours are always the source's.
    """
    taken = take(image)
    times = number("factor", factor, 1, 8)
    width, height = (round(side * times) for side in taken.image.size)
    if width * height > MAX_PIXELS:
        largest = (MAX_PIXELS / (taken.image.width * taken.image.height)) ** 0.5
        raise BadInput(
            f"{width}×{height} px would be too large: the limit is {MAX_PIXELS / 1e6:g} million "
            f"pixels, which is factor={int(largest * 10) / 10:g} for this picture."
        )
    edit = Edit(
        kind="upscale",
        source=digest(taken.image),
        strength=number("strength", strength, 0, 1),
        factor=times,
    )
    return begin(Wish(edit, taken, prompt_for(prompt, taken), params=params), engine)


def control(
    image: Source | Taken,
    kind: str,
    prompt: str,
    scale: float = 0.75,
    *,
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Draw a picture that follows the lines, depth or pose of another one.

    Parameters
    ----------
    image, engine, **params
        As for :func:`~zimg_kernel.edit.img2img`. The model's card must name a ControlNet.
    kind : {"canny", "soft-edge", "scribble", "depth", "pose", "map"}
        What is taken from the picture; "map" if it is such a map already.
    prompt : str
        What the result shows.
    scale : float
        How strictly the map is followed, above 0 up to 2; 0.65 to 0.8 is the usual range.
    """
    taken = take(image)
    edit = Edit(
        kind="control",
        source=digest(taken.image),
        control=kind,
        scale=number("scale", scale, 0, 2),
    )
    return begin(Wish(edit, taken, prompt_for(prompt, taken), params=params), engine)
