"""Broken pictures: of another size, of one colour, of noise alone, or in a broken file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

_FLAT = 1.0  # standard deviation of 8-bit values below which there is nothing on a picture
_NOISE = 0.2  # correlation of neighbours; pictures have above 0.8, white noise 0


def why_broken(image: Image, params: dict[str, Any]) -> str | None:
    """Return what is wrong with a picture in a few words, or None.

    Parameters
    ----------
    image : PIL.Image.Image
        The picture.
    params : dict
        The request; ``width`` and ``height`` count where they are given.
    """
    import numpy as np

    asked = params.get("width") or image.width, params.get("height") or image.height
    if image.size != asked and "edit" not in {key for key, value in params.items() if value}:
        return f"it has {image.width}x{image.height} px instead of {asked[0]}x{asked[1]}"
    try:
        grey = np.asarray(image.convert("L"), np.float32)
    except OSError as error:
        return f"it cannot be read ({error})"
    if grey.std() < _FLAT:
        return "it is of one colour"
    left, right = grey[:, :-1].ravel(), grey[:, 1:].ravel()
    if min(left.std(), right.std()) > 0 and np.corrcoef(left, right)[0, 1] < _NOISE:
        return "it is noise: neighbouring pixels have nothing in common"
    return None


def why_unreadable(path: Path) -> str | None:
    """Return what is wrong with a picture's file in a few words, or None."""
    from zimg_kernel.images.open_file import UNREADABLE, open_image

    try:
        with open_image(path) as image:
            image.load()
    except UNREADABLE as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return f"its file {path.name} cannot be read ({reason.rstrip('.')})"
    return None
