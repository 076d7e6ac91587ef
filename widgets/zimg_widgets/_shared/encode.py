"""Pictures encoded for the page: data URLs and limits."""

from __future__ import annotations

from PIL import Image

from zimg_kernel.images import encode
from zimg_kernel.images.encode import jpeg_bytes, jpeg_url, png_bytes
from zimg_kernel.images.pixels import grey, highest, rgb
from zimg_kernel.images.reading import SOURCE_TYPES, Source, read, title

__all__ = [
    "SOURCE_TYPES",
    "Source",
    "data_url",
    "grey",
    "highest",
    "jpeg_bytes",
    "jpeg_url",
    "png_bytes",
    "read",
    "rgb",
    "shrunk",
    "title",
]

_STATIC_SIDE = 512


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return a copy whose longer side is at most ``side`` px."""
    if max(image.size) <= side:
        return image.copy()
    if image.mode in ("1", "P"):  # which can be shrunk only by leaving pixels out
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BOX)
    return small


def data_url(image: Image.Image, side: int = _STATIC_SIDE, quality: int = 85) -> str:
    """A picture as a ``data:`` address of a JPEG, its longer side at most ``side`` px."""
    return encode.data_url(image, side, quality)
