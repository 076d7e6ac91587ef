"""Pictures encoded as JPEG, PNG and data URLs."""

from __future__ import annotations

import base64
import io

from PIL import Image


def jpeg_bytes(
    image: Image.Image, side: int | None = None, quality: int = 85, *, subsampling: int = -1
) -> bytes:
    """Return a JPEG without metadata.

    Parameters
    ----------
    image : PIL.Image.Image
        Of any mode; transparency is dropped.
    side : int, optional
        The longer side at most, px.
    quality : int
        1 to 95.
    subsampling : int
        Pillow's: 0 keeps the full resolution of colours, -1 is the encoder's own choice.
    """
    small = image.convert("RGB")
    if side is not None:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.info = {}  # a comment would travel along, and tell what made the picture
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    return buffer.getvalue()


def png_bytes(image: Image.Image) -> bytes:
    """Return a PNG, compressed quickly."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def jpeg_url(jpeg: bytes) -> str:
    """Return the bytes of a JPEG as a data URL, for HTML that needs no other file."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def data_url(image: Image.Image, side: int | None = None, quality: int = 88) -> str:
    """Return a picture as the data URL of a JPEG; see :func:`jpeg_bytes`."""
    return jpeg_url(jpeg_bytes(image, side, quality))
