"""Requests that take little time, and pictures to send."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

SMALL: dict[str, Any] = {"steps": 1, "width": 128, "height": 128}


def circle(seed: int = 1, **more: Any) -> dict[str, Any]:
    """A request for a red circle."""
    return {"prompt": "a red circle", "seed": seed, **SMALL, **more}


def png(mode: str = "RGB", size: tuple[int, int] = (128, 128), colour: Any = "red") -> bytes:
    """The file of a picture of one colour."""
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def half_mask(mode: str = "L") -> bytes:
    """A mask whose left half is to be changed: white, or in RGBA transparent."""
    buffer = io.BytesIO()
    mask = Image.new(mode, (128, 128), 0 if mode == "L" else (0, 0, 0, 255))
    mask.paste(255 if mode == "L" else (0, 0, 0, 0), (0, 0, 64, 128))
    mask.save(buffer, "PNG")
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture of a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
