"""Hash of a picture's pixels, under which its ratings are kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def pixel_hash(image: Image.Image) -> str:
    """Return 20 hex digits of size and pixels: the same in memory and in a file."""
    rgb = image.convert("RGB")
    return hashlib.sha256(f"{rgb.size}".encode() + rgb.tobytes()).hexdigest()[:20]
