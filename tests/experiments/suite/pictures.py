"""Exact pictures for the checks: painted by the miniature's renderer, without a model."""

from __future__ import annotations

from typing import Any

from PIL import Image

from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.experiments.suite import Case, CheckResult
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.scenes import PLACES, Scene, Thing
from zimg_kernel.nano.world.signs import Sign


def painted(*things: str, background: str | None = None, sign: str = "") -> GeneratedImage:
    """A picture of things such as "red circle @left", or of a sign."""
    made = []
    for words in things:
        noun, _, place = words.partition(" @")
        colour, shape = noun.split()
        made.append(Thing(shape, colour, *PLACES[place or "center"], 0.15))
    board = Sign(sign, 0.5, 0.5) if sign else None
    kind = "sign" if sign else "two placed" if made else "empty"
    pixels = draw(pack([Scene(kind, tuple(made), background, sign=board)]), 256, 256)[0]
    image = Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy())
    return GeneratedImage(image, GenerationParams(prompt="any"))


def verdict(checks: Any, image: GeneratedImage) -> CheckResult:
    """What the one check of a case says of a picture."""
    case = Case(id="one", prompt="any", checks=checks)
    (check,) = case.checks
    return check.evaluate(image, case)
