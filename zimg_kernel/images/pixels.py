"""Pixel formats and digests of pictures."""

from __future__ import annotations

import hashlib
from typing import Any

from PIL import Image, ImageChops

from .open_file import upright


def rgb(image: Image.Image, *, turn: bool = True) -> Image.Image:
    """Return RGB as a page shows it: on white where transparent, without a file's notes.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode; 16 bits are scaled to 8, and floating point counts from 0 to 1.
    turn : bool
        Whether a photograph is turned upright as it says itself; otherwise it keeps its size.
    """
    colours = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    if turn:
        image = upright(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(ground, layer)
    elif image.mode.startswith(("I", "F")):
        image = grey(image)
    flat = image.convert("RGB")
    flat.info = {"icc_profile": colours} if colours else {}
    return flat


def grey(image: Image.Image) -> Image.Image:
    """Return mode "L", what is transparent as black; floating point counts from 0 to 1."""
    if image.mode == "L":
        return image
    if image.mode == "F":
        return image.point(lambda value: value * 255 + 0.5).convert("L")
    if image.mode.startswith("I"):
        image = image.convert("I")
        if highest(image) > 255:  # 16 bits
            image = image.point(lambda value: value * (1 / 257))
        return image.convert("L")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return ImageChops.multiply(rgba.convert("L"), rgba.getchannel("A"))
    return image.convert("L")


def highest(image: Image.Image) -> int:
    """Return the highest value in a picture of one band."""
    extrema: Any = image.getextrema()
    return int(extrema[1])


def digest(image: Image.Image) -> str:
    """Return the SHA-256 of a picture's mode, size and pixels, as 64 hex digits.

    The same picture has the same digest in any lossless file, wherever that lies.
    """
    head = f"{image.mode} {image.width}x{image.height}\n".encode()
    return hashlib.sha256(head + image.tobytes()).hexdigest()
