"""Share of a picture, or of a part of it, that is near a colour."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zimg_kernel.nano.world.layout import PLACES

_SIDE = 192  # px: shares of a larger picture are counted on a smaller copy
_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
    dtype=np.float32,
)
_WHITE = _TO_XYZ.sum(1)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIE 1976 L*a*b* of sRGB colours.

    The transfer curve and matrix are those of IEC 61966-2-1, L*a*b* that of CIE 15.

    Parameters
    ----------
    rgb : np.ndarray
        (..., 3) in 0 to 255.

    Returns
    -------
    np.ndarray
        (..., 3) float32: L* 0 to 100, a* and b* about -100 to 100; the white is D65.
    """
    s = rgb.astype(np.float32) / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    t = linear @ _TO_XYZ.T / _WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def share_near(
    image: Image.Image, rgb: tuple[int, int, int], near: float, where: str | None = None
) -> float:
    """Return the share of pixels within a distance of a colour, 0 to 1.

    Parameters
    ----------
    image : PIL.Image.Image
        The picture.
    rgb : tuple of int
        The colour in sRGB, 0 to 255.
    near : float
        The largest distance ΔE*ab (1976).
    where : str, optional
        A name of :data:`zimg_kernel.nano.world.layout.PLACES`: a half, a quarter, or for the center
        the middle half of each side.
    """
    small = image.convert("RGB").crop(_box(image.size, where))
    if max(small.size) > _SIDE:
        small.thumbnail((_SIDE, _SIDE), Image.Resampling.NEAREST)
    pixels = lab(np.asarray(small))
    wanted = lab(np.array(rgb))
    return float((np.linalg.norm(pixels - wanted, axis=-1) <= near).mean())


def _box(size: tuple[int, int], where: str | None) -> tuple[int, int, int, int]:
    if where is None:
        return (0, 0, *size)
    middle = where == "center"

    def span(at: float, side: int) -> tuple[int, int]:
        if at == 0.5:
            return (side // 4, side - side // 4) if middle else (0, side)
        return (0, side // 2) if at < 0.5 else (side // 2, side)

    (left, right), (top, bottom) = map(span, PLACES[where], size)
    return left, top, right, bottom
