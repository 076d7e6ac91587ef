"""Resizing of pictures as ComfyUI's nodes name it."""

from __future__ import annotations

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import MAX_PIXELS

from .values import Picture

IMAGE_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
LATENT_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
CROPS = ("disabled", "center")
_FILTERS = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "bislerp": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def check_size(size: tuple[int, int]) -> None:
    """Refuse a picture that would be too large to be held.

    Raises
    ------
    BadInput
        It has more pixels than any picture that is read.
    """
    if size[0] * size[1] > MAX_PIXELS:
        raise BadInput(
            f"A picture of {size[0]}x{size[1]} px is too large: the limit is "
            f"{MAX_PIXELS / 1e6:g} million pixels.",
            code="picture-too-large",
            field="width",
        )


def resize(picture: Picture, size: tuple[int, int], method: str, crop: str) -> Picture:
    """Return a picture in another size; a cut to its proportions comes first where asked for.

    Raises
    ------
    BadInput
        It would be too large.
    """
    check_size(size)
    image = picture.image
    if image.size == size:
        return picture
    box = None
    if crop == "center":
        width, height = image.size
        part = min(width, height * size[0] / size[1]), min(height, width * size[1] / size[0])
        left, top = (width - part[0]) / 2, (height - part[1]) / 2
        box = (left, top, left + part[0], top + part[1])
    resized = image.resize(size, _FILTERS[method], box)
    return Picture(pixels=resized, origin=picture.made or picture.origin)
