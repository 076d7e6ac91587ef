"""Questions about a picture to the miniature's judge and its reader of signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from zimg_kernel.nano.judge.detection import LEAST_OVERLAP, Detected, detect, score
from zimg_kernel.nano.judge.sign_ocr import sign_score
from zimg_kernel.nano.world.palette import BACKGROUND_NAMES
from zimg_kernel.nano.world.scenes import PLACES, Scene, Thing

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage

    from .expected_objects import ExpectedObject

_SIDE = 64  # px at which backgrounds are compared
_EDGE = 3  # px of that: objects keep away from the edges

_last: tuple[Image.Image, list[Detected]] | None = None


def objects(image: GeneratedImage) -> list[Detected]:
    """Find a picture's objects, once for all checks of it."""
    global _last
    known = _last
    if known is None or known[0] is not image.image:
        known = _last = (image.image, detect(image.image))
    return known[1]


def judge(
    image: GeneratedImage, expected: Sequence[ExpectedObject], relation: str | None = None
) -> tuple[list[Detected], dict[str, bool]]:
    """Return the objects, and what holds: count, colour, shape, place, and the relation."""
    things = tuple(
        Thing(
            one.shape or "circle",
            one.colour or "red",
            *PLACES[one.place or "center"],
            0.2,
            place=one.place,
            colour_named=one.colour is not None,
            shape_named=one.shape is not None,
        )
        for one in expected
    )
    scene = Scene("two placed" if relation is None else "two", things, relation=relation)
    found = objects(image)
    return found, score(image.image, scene, found)


def count(found: Sequence[Detected], colour: str | None, shape: str | None) -> int:
    """Return how many objects have a colour, and a shape clearly enough."""
    return sum(
        (colour is None or one.colour == colour)
        and (shape is None or (one.shape == shape and one.overlap > LEAST_OVERLAP))
        for one in found
    )


def describe(found: Sequence[Detected]) -> str:
    """Return objects as text, such as "red circle left, 2 blue star"."""
    if not found:
        return "nothing"
    if len(found) > 3:
        numbers = Counter(_name(one) for one in found)
        return ", ".join(f"{n} {name}" for name, n in numbers.items())
    return ", ".join(f"{_name(one)} {_place(one)}" for one in found)


def _name(one: Detected) -> str:
    return f"{one.colour} {one.shape if one.overlap > LEAST_OVERLAP else 'something'}"


def _place(one: Detected) -> str:
    return min(PLACES, key=lambda p: (PLACES[p][0] - one.x) ** 2 + (PLACES[p][1] - one.y) ** 2)


def sign(image: GeneratedImage, text: str) -> tuple[str, float]:
    """Return what a sign says, and the share of a text's characters that it has in order."""
    from zimg_kernel.nano.judge.sign_ocr import read_sign
    from zimg_kernel.nano.world.signs import Sign

    held = sign_score(image.image, Sign(text, 0.5, 0.5))
    return (text if held["word"] else read_sign(image.image)), held["glyphs"] / len(text)


@lru_cache(maxsize=1)
def _background_edges() -> np.ndarray:
    """Return (B, P, 3) edge pixels of all backgrounds in 0..1."""
    from zimg_kernel.nano.draw.render import draw
    from zimg_kernel.nano.draw.things import pack

    scenes = [Scene("empty", (), name) for name in BACKGROUND_NAMES]
    pictures = draw(pack(scenes), _SIDE, _SIDE).permute(0, 2, 3, 1).numpy()
    return np.stack([_edges(picture) for picture in pictures])


def _edges(picture: np.ndarray) -> np.ndarray:
    inner = np.ones(picture.shape[:2], dtype=bool)
    inner[_EDGE:-_EDGE, _EDGE:-_EDGE] = False
    return picture[inner]


def background(image: GeneratedImage) -> tuple[str, float]:
    """Return the background most like a picture's, and its mean distance in RGB (0 to 1.73)."""
    small = image.image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    edges = _edges(np.asarray(small, dtype=np.float32) / 255)
    far = np.linalg.norm(_background_edges() - edges, axis=-1).mean(1)
    best = int(far.argmin())
    return BACKGROUND_NAMES[best], float(far[best])
