"""Lines of a picture by OpenCV: Canny's, soft edges and scribbles; nothing is downloaded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zimg_kernel.errors import BadInput

Plane = NDArray[np.float32]

_WORKING_SIDE = 2048  # px; larger pictures are scaled down for soft edges and scribbles
_UNIT_SIDE = 512  # px of the shorter side at which lengths count as they are
_SPECK = 9  # times the Gauss: a point gives a ring of 2 pi times, counted in pixels up to 8
_SATURATION = 0.3  # contrast at which a soft edge has 1 - 1/e of its full strength


def canny(image: Image.Image, low: float = 100, high: float = 200) -> Image.Image:
    """Return Canny's edges (Canny 1986, ``cv2.Canny``), one pixel wide, white on black.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB; an edge between colours of equal lightness counts too.
    low, high : float
        Sums of the absolute Sobel gradients, 8 bits: an edge begins above ``high`` and goes on
        above ``low``. 100 and 200 are what ControlNet's own annotator begins with (Zhang et
        al. 2023).
    """
    if low > high:
        raise BadInput(
            f"low ({low:g}) must not be above high ({high:g}).", code="out-of-range", field="low"
        )
    edges = cv2.Canny(np.asarray(image), low, high)
    if not edges.any():
        raise BadInput(
            _nothing(f"low and high ({low:g} and {high:g} now)"),
            code="nothing-found",
            field="image",
        )
    return Image.fromarray(edges).convert("RGB")


def soft_edge(
    image: Image.Image, threshold: float = 0.02, softness: float | None = None
) -> Image.Image:
    """Return soft grey lines, the brighter the stronger the contrast, as HED draws them.

    No learned model: ridges of the colour gradient at three scales (1, 2 and 4 px in a picture
    of 512), each thinned and made soft again; the strongest scale counts at each place.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB.
    threshold : float
        Contrast below which nothing is drawn; black beside white is 1.
    softness : float, optional
        Standard deviation of a line's profile, px; by default 1.5 in a picture of 512.
    """
    pixels, unit, scale = _working(image)
    sigma = max(0.5, 1.5 * unit if softness is None else softness * scale)
    strongest = np.zeros(pixels.shape[:2], np.float32)
    for step in (1, 2, 4):
        contrast, angle = _contrast(pixels, step * unit)
        thin = np.where(_ridge(contrast, angle), np.maximum(contrast - threshold, 0), 0)
        # A line of one pixel loses this factor of its height when it is blurred.
        soft = _blur(thin.astype(np.float32), sigma) * np.float32(np.sqrt(2 * np.pi) * sigma)
        np.maximum(strongest, soft, out=strongest)
    values = np.round(255 * (1 - np.exp(-strongest / _SATURATION))).astype(np.uint8)
    if not values.any():
        raise BadInput(
            _nothing(f"threshold ({threshold:g} now)"), code="nothing-found", field="image"
        )
    return _finished(values, image.size, Image.Resampling.LANCZOS)


def scribble(
    image: Image.Image,
    threshold: float = 0.12,
    detail: float | None = None,
    width: int | None = None,
) -> Image.Image:
    """Return a few bold white lines on black, as drawn by hand.

    The ridges of the colour gradient at one coarse scale, thinned; lines shorter than a tenth
    of the shorter side and the rings around specks are left out, the others drawn with a round
    brush.

    Parameters
    ----------
    image : PIL.Image.Image
        RGB.
    threshold : float
        Contrast from which a line begins (it goes on above half of that); black beside white
        is 1.
    detail : float, optional
        Standard deviation of the Gauss under which details vanish, px; by default 3 in a
        picture of 512.
    width : int, optional
        Of the lines, px; by default 5 in a picture of 512, and at least 3.
    """
    pixels, unit, scale = _working(image)
    sigma = 3 * unit if detail is None else max(0.5, detail * scale)
    contrast, angle = _contrast(pixels, sigma)
    ridge = _ridge(contrast, angle)
    weak = (ridge & (contrast >= threshold / 2)).astype(np.uint8)
    _, labels, found, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    strong = np.unique(labels[ridge & (contrast >= threshold)])
    short = min(pixels.shape[:2])
    shortest = max(short / 10, min(_SPECK * sigma, short / 4))
    long = [label for label in strong if label and found[label, cv2.CC_STAT_AREA] >= shortest]
    lines = np.isin(labels, long).astype(np.uint8) * 255
    if not lines.any():
        raise BadInput(
            _nothing(f"threshold ({threshold:g} now) or detail"),
            code="nothing-found",
            field="image",
        )
    across = max(3, round(5 * unit)) if width is None else max(1, round(width * scale))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    drawn = cv2.dilate(lines, brush).astype(np.uint8)
    return _finished(drawn, image.size, Image.Resampling.LANCZOS)


def _working(image: Image.Image) -> tuple[Plane, float, float]:
    """Pixels (h, w, 3) from 0 to 1, the length that 1 px has in a picture of 512, the scale."""
    scale = min(1.0, _WORKING_SIDE / max(image.size))
    if scale < 1:
        size = [max(1, round(side * scale)) for side in image.size]
        image = image.resize((size[0], size[1]), Image.Resampling.LANCZOS)
    pixels = np.asarray(image, np.float32) / np.float32(255)
    return pixels, max(1.0, min(image.size) / _UNIT_SIDE), scale


def _contrast(pixels: Plane, sigma: float) -> tuple[Plane, Plane]:
    """Contrast of the edges at one scale, 0 to 1, and the angle of their normals.

    The gradient of a colour picture is the larger eigenvalue of the channels' summed structure
    tensor (Di Zenzo 1986). It is multiplied by the width of the Gauss (Lindeberg 1998), so that
    a step of any sharpness between black and white gives 1; central differences widen the Gauss
    by a third of a pixel squared.
    """
    smooth = _blur(pixels, sigma)
    dx, dy = (
        cv2.filter2D(smooth, -1, kernel, borderType=cv2.BORDER_REPLICATE) for kernel in _DIFFERENCES
    )
    xx, yy, xy = ((a * b).sum(-1) for a, b in ((dx, dx), (dy, dy), (dx, dy)))
    largest = (xx + yy + np.sqrt((xx - yy) ** 2 + 4 * xy**2)) / 2
    widest = np.float32(np.sqrt(2 * np.pi * (sigma**2 + 1 / 3) / pixels.shape[2]))
    return np.sqrt(largest) * widest, np.arctan2(2 * xy, xx - yy) / 2


_ROW = np.array([[-0.5, 0, 0.5]], np.float32)
_DIFFERENCES = (_ROW, _ROW.T)


def _ridge(contrast: Plane, angle: Plane) -> NDArray[np.bool_]:
    """Return where the contrast is a maximum across the edge (Canny's non-maximum suppression)."""
    rows, columns = (axis.astype(np.float32) for axis in np.indices(contrast.shape))
    dx, dy = np.cos(angle), np.sin(angle)
    before, after = (
        cv2.remap(contrast, columns + side * dx, rows + side * dy, cv2.INTER_LINEAR,
                  borderMode=cv2.BORDER_REPLICATE)
        for side in (-1, 1)
    )  # fmt: skip
    ridge: NDArray[np.bool_] = (contrast > before) & (contrast >= after) & (contrast > 1e-3)
    return ridge


def _blur(pixels: Plane, sigma: float) -> Plane:
    blurred = cv2.GaussianBlur(pixels, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32).reshape(pixels.shape)


def _finished(
    values: NDArray[np.uint8], size: tuple[int, int], how: Image.Resampling
) -> Image.Image:
    drawn = Image.fromarray(values)
    return (drawn if drawn.size == size else drawn.resize(size, how)).convert("RGB")


def _nothing(settings: str) -> str:
    return (
        "No lines were found, so there is nothing to follow: the picture is flat, or its "
        f"contrasts are weaker than the settings ask. Lower {settings}, or choose another picture."
    )
