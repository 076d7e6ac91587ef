"""Static HTML of a mask over its picture, and the share of it that is painted."""

from __future__ import annotations

from collections.abc import Mapping

from PIL import Image, ImageChops, ImageFilter

PAINTED = 128  # from here on a pixel counts as painted, in the status and for the drawn edge
FAINT = 16  # below it are the rests of erased edges, which are not painted at all
TINTS = ("#ff2a6d", "#00d26a", "#2f7bff")
"""One of these is far from most colours of any picture."""


def tinted(picture: Image.Image, soft: Image.Image, hard: Image.Image, tint: str) -> Image.Image:
    """Return the picture with a mask laid over it: tinted where painted, and its edge drawn.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB, of any size.
    soft, hard : PIL.Image.Image
        The mask with and without its feather, mode "L", of one size.
    tint : str
        The colour, ``#rrggbb``.
    """
    soft = soft.resize(picture.size, Image.Resampling.BOX)
    # The edge as in the page: white inside, dark outside.
    hard = hard.resize(picture.size, Image.Resampling.BOX)
    hard = hard.point(lambda value: 255 * (value >= PAINTED))
    picture = picture.copy()
    picture.paste(tint, mask=soft.point(lambda value: value // 2))
    thick, thin = hard.filter(ImageFilter.MaxFilter(3)), hard.filter(ImageFilter.MinFilter(3))
    picture.paste("#202020", mask=ImageChops.subtract(thick, hard))
    picture.paste("#ffffff", mask=ImageChops.subtract(hard, thin))
    return picture


def coverage_text(hard: Image.Image, words: Mapping[str, str]) -> str:
    """Return how much is painted; the page counts and says the same."""
    counts = hard.histogram()
    total, painted = sum(counts), sum(counts[PAINTED:])
    if sum(counts[:FAINT]) == total:
        name = "none"
    elif painted == total:
        name = "whole"
    else:
        name = "some" if painted * 100 >= total else "little"
    return str(words[name]).replace("{n}", str(painted * 100 // total))


def far_colour(image: Image.Image) -> str:
    """Return the tint that is farthest from the picture's colours, by mean distance in RGB."""
    tiny = image.resize((16, 16), Image.Resampling.BOX)

    def distance(tint: str) -> int:
        apart = ImageChops.difference(tiny, Image.new("RGB", tiny.size, tint)).histogram()
        return sum((place % 256) * count for place, count in enumerate(apart))

    return max(TINTS, key=distance)
