"""Edit functions: each checks its input and returns a job."""

from __future__ import annotations

from typing import Any, Literal

from zimg_kernel.engine.job import Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import MAX_PIXELS
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.reading import Source
from zimg_kernel.images.source import SourceImage, load_source
from zimg_kernel.params import Edit

from .canvas import Fit
from .masks import load_mask
from .request import EditRequest, prompt_for, submit_edit
from .values import number, one_of, whole

Area = Literal["auto", "whole", "masked"]
_FITS = ("fit", "crop", "pad")
_MAX_MARGIN = 4096


def img2img(
    image: Source | SourceImage,
    prompt: str | None = None,
    strength: float = 0.6,
    *,
    fit: Fit = "fit",
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Draw a picture again from its own noise, as the prompt says.

    Parameters
    ----------
    image : GeneratedImage, PIL.Image.Image, str or Path
        Any picture: every mode, upright or by its EXIF note, up to 64 million pixels.
    prompt : str, optional
        What the result shall be; by default the prompt of the picture itself.
    strength : float
        Above 0 up to 1: how much noise the picture gets. The job's notes say how many steps
        that runs.
    fit : {"fit", "crop", "pad"}
        How another size than the model draws is brought to one: scaled as a whole; a part cut
        out of the middle; or scaled, with its rim drawn out.
    engine : Engine, optional
        This process's own otherwise.
    **params
        Fields of GenerationParams: model, steps, guidance, seed, count, width, height ...

    Returns
    -------
    Job
        Its pictures know what they were made from.

    Raises
    ------
    BadInput
        In one sentence, before anything is drawn.
    """
    source = load_source(image)
    edit = Edit(
        kind="img2img",
        source=source.digest,
        strength=number("strength", strength, 0, 1),
        fit=one_of("fit", fit, _FITS),
    )
    return submit_edit(EditRequest(edit, source, prompt_for(prompt, source), params=params), engine)


def vary(
    image: Source | SourceImage,
    amount: float = 0.5,
    prompt: str | None = None,
    *,
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Draw a picture again with other noise: the same subject, more or less changed.

    Parameters
    ----------
    image, engine, **params
        As for :func:`img2img`; with ``count`` there are several, each of another seed.
    amount : float
        Above 0 up to 1: how far from the picture.
    prompt : str, optional
        By default the prompt of the picture itself.
    """
    source = load_source(image)
    strength = number("amount", amount, 0, 1)
    edit = Edit(kind="vary", source=source.digest, strength=strength)
    return submit_edit(EditRequest(edit, source, prompt_for(prompt, source), params=params), engine)


def inpaint(
    image: Source | SourceImage,
    mask: Source,
    prompt: str | None = None,
    *,
    strength: float = 1.0,
    area: Area = "auto",
    padding: int = 32,
    feather: int = 0,
    control: str | None = None,
    scale: float = 0.75,
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Repaint a part of a picture; every pixel outside the mask stays as it is, to the bit.

    Parameters
    ----------
    image, engine, **params
        As for :func:`img2img`.
    mask : picture
        White is repainted, black stays; ``MaskPainter.mask`` gives one. In another size of the
        same proportions it is scaled.
    prompt : str, optional
        What the whole result shows; by default the prompt of the picture itself.
    strength : float
        Above 0 up to 1; with 1 what was under the mask is not seen any more.
    area : {"auto", "whole", "masked"}
        What the model sees: the whole picture, or only the masked area with ``padding`` around
        it, enlarged to the size that it draws best. "auto" takes the whole picture unless that
        would have to be reduced.
    padding : int
        Pixels around the mask that are seen with area="masked".
    feather : int
        Pixels over which the repainted part fades in, inside the mask.
    control : str, optional
        A kind of control map (see :func:`~zimg_kernel.edit.control`): what is repainted follows
        the lines, depth or pose of what was there.
    scale : float
        How strictly it is followed, above 0 up to 2.
    """
    source = load_source(image)
    if control is not None and strength != 1:
        raise BadInput(
            "With a control map the masked part begins as noise: leave strength at 1.",
            code="option-without-effect",
            field="strength",
        )
    painted, notes = load_mask(mask, source.image.size)
    edit = Edit(
        kind="inpaint",
        source=source.digest,
        mask=digest(painted),
        strength=number("strength", strength, 0, 1),
        feather=whole("feather", feather, 0, 512),
        padding=whole("padding", padding, 0, 1024),
        control=control,
        scale=None if control is None else number("scale", scale, 0, 2),
    )
    one_of("area", area, ("auto", "whole", "masked"))
    request = EditRequest(
        edit, source, prompt_for(prompt, source), painted, area, params=params, notes=notes
    )
    return submit_edit(request, engine)


def outpaint(
    image: Source | SourceImage,
    left: int = 0,
    right: int = 0,
    top: int = 0,
    bottom: int = 0,
    prompt: str | None = None,
    *,
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Make a picture larger at its sides; what was there stays as it is, to the bit.

    Parameters
    ----------
    image, engine, **params
        As for :func:`img2img`.
    left, right, top, bottom : int
        Pixels to add at each side, 0 to 4096.
    prompt : str, optional
        What the whole result shows; by default the prompt of the picture itself.
    """
    source = load_source(image)
    margins: dict[str, Any] = {
        name: whole(name, value, 0, _MAX_MARGIN)
        for name, value in {"left": left, "right": right, "top": top, "bottom": bottom}.items()
    }
    if not any(margins.values()):
        raise BadInput(
            "Nothing would be added: say by how many pixels, such as 64 at the left.",
            code="no-margin",
        )
    edit = Edit(kind="outpaint", source=source.digest, strength=1.0, **margins)
    return submit_edit(EditRequest(edit, source, prompt_for(prompt, source), params=params), engine)


def instruct(
    image: Source | SourceImage,
    instruction: str,
    *,
    fit: Fit = "fit",
    engine: Engine | None = None,
    **params: Any,
) -> Job:
    """Change a picture as an instruction says, such as "把灯笼变成蓝色".

    Parameters
    ----------
    image, fit, engine, **params
        As for :func:`img2img`. The model is one that has learned to follow instructions.
    instruction : str
        What to change, Chinese or English.
    """
    source = load_source(image)
    if not isinstance(instruction, str) or not instruction.strip():
        raise BadInput(
            'Say what to change, such as "make the circle blue" or "把圆变成蓝色".',
            code="empty-prompt",
            field="instruction",
        )
    edit = Edit(kind="instruct", source=source.digest, fit=one_of("fit", fit, _FITS))
    return submit_edit(EditRequest(edit, source, instruction, params=params), engine)


def upscale(
    image: Source | SourceImage,
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
    source = load_source(image)
    times = number("factor", factor, 1, 8)
    width, height = (round(side * times) for side in source.image.size)
    if width * height > MAX_PIXELS:
        largest = (MAX_PIXELS / (source.image.width * source.image.height)) ** 0.5
        raise BadInput(
            f"{width}×{height} px would be too large: the limit is {MAX_PIXELS / 1e6:g} million "
            f"pixels, which is {int(largest * 10) / 10:g} times this picture.",
            code="picture-too-large",
            field="factor",
        )
    edit = Edit(
        kind="upscale",
        source=source.digest,
        strength=number("strength", strength, 0, 1),
        factor=times,
    )
    return submit_edit(EditRequest(edit, source, prompt_for(prompt, source), params=params), engine)


def control(
    image: Source | SourceImage,
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
    source = load_source(image)
    edit = Edit(
        kind="control", source=source.digest, control=kind, scale=number("scale", scale, 0, 2)
    )
    return submit_edit(EditRequest(edit, source, prompt_for(prompt, source), params=params), engine)
