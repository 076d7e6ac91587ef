"""Previews of steps: what the sampler leaves for them, as a picture and as JSON."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel.images.encode import jpeg_bytes
from zimg_kernel.images.open_file import open_image

if TYPE_CHECKING:
    import torch

_SIDE = 256  # px, of the longer side of a preview
_JPEG_QUALITY = 80


@dataclass(frozen=True)
class Thumbnail:
    """Pixels of a few kilobytes, which take less time to send than to compress.

    Attributes
    ----------
    width, height : int
        px.
    rgb : bytes
        Three for each pixel, row by row.
    """

    width: int
    height: int
    rgb: bytes


def as_picture(sketch: Any) -> Image.Image | None:
    """Return what a sketch shows.

    Parameters
    ----------
    sketch : PIL.Image.Image, bytes, Thumbnail, torch.Tensor or None
        A picture, which is returned as it is; a JPEG; or small pixels, also as a tensor of bytes
        (height, width, 3), which become a picture of 256 px on its longer side.
    """
    if sketch is None or isinstance(sketch, Image.Image):
        return sketch
    if isinstance(sketch, bytes):
        return open_image(io.BytesIO(sketch))
    small = as_thumbnail(sketch)
    picture = Image.frombytes("RGB", (small.width, small.height), small.rgb)
    scale = _SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC)


def as_thumbnail(sketch: Thumbnail | torch.Tensor) -> Thumbnail:
    """Return the pixels of a sketch that is no picture."""
    if isinstance(sketch, Thumbnail):
        return sketch
    height, width, _ = sketch.shape
    return Thumbnail(width, height, sketch.numpy().tobytes())


def is_quick(sketch: Any) -> bool:
    """Whether a sketch becomes JSON in less than a tenth of a millisecond."""
    return not isinstance(sketch, Image.Image)


def size_of(sketch: bytes | Thumbnail | None) -> int:
    """Return the bytes of a sketch that came from another process."""
    return len(sketch.rgb if isinstance(sketch, Thumbnail) else sketch or b"")


def sketch_to_json(sketch: Any) -> dict[str, Any] | str | None:
    """Return a sketch as JSON: a thumbnail as an object, a picture as a JPEG in base64."""
    if sketch is None:
        return None
    if isinstance(sketch, Image.Image):
        sketch = jpeg_bytes(sketch, quality=_JPEG_QUALITY)
    if isinstance(sketch, bytes):
        return base64.b64encode(sketch).decode()
    small = as_thumbnail(sketch)
    rgb = base64.b64encode(small.rgb).decode()
    return {"width": small.width, "height": small.height, "rgb": rgb}


def sketch_from_json(data: Mapping[str, Any] | str | None) -> Any:
    """Return a sketch from JSON: a JPEG or a thumbnail.

    Raises
    ------
    ValueError, LookupError
        It is none.
    """
    if not data:
        return None
    if isinstance(data, str):
        return base64.b64decode(data)
    small = Thumbnail(int(data["width"]), int(data["height"]), base64.b64decode(data["rgb"]))
    if len(small.rgb) != 3 * small.width * small.height:
        raise ValueError(f"{len(small.rgb)} bytes are no {small.width} x {small.height} pixels")
    return small
