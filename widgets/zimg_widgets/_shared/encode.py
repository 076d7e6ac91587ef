"""Pictures encoded for the page: data URLs and limits."""

from __future__ import annotations

import base64
import io

from PIL import Image

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

_STILL_SIDE = 512


def shrunk(image: Image.Image, side: int) -> Image.Image:
    """Return a copy whose longer side is at most ``side`` px."""
    if max(image.size) <= side:
        return image.copy()
    if image.mode in ("1", "P"):  # which can be shrunk only by leaving pixels out
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BOX)
    return small


def png_bytes(image: Image.Image) -> bytes:
    """A picture as a PNG, for a trait of bytes (no base64 text travels to the browser)."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def jpeg_bytes(image: Image.Image, side: int, quality: int = 85, *, subsampling: int = -1) -> bytes:
    """A picture as a JPEG without notes, its longer side at most ``side`` px."""
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}  # a comment would travel along, and tell what made the picture
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def jpeg_url(jpeg: bytes) -> str:
    """Return the bytes of a JPEG as a ``data:`` address, for HTML that is stored."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def data_url(image: Image.Image, side: int = _STILL_SIDE, quality: int = 85) -> str:
    """A picture as a ``data:`` address of a JPEG, its longer side at most ``side`` px."""
    return jpeg_url(jpeg_bytes(image, side, quality))
