"""Likeness of two pictures: PSNR, SSIM, and LPIPS where it can be measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from zimg_kernel.errors import BadInput

from .perceptual import lpips

if TYPE_CHECKING:
    from PIL import Image

_SIGMA = 1.5  # px of the Gaussian window
_TRUNCATE = 3.5  # so that the window is 11 px wide
_C1, _C2 = 0.01**2, 0.03**2  # for values of 0 to 1
# Weights of luma: ITU-R BT.601.
_LUMA = np.array([0.299, 0.587, 0.114])


def psnr(image: Image.Image, reference: Image.Image) -> float:
    """Return the peak signal-to-noise ratio in dB; infinite for equal pictures.

    10 log10(255² / MSE) over all channels of RGB (ITU-T J.340).

    Raises
    ------
    BadInput
        The sizes differ.
    """
    a, b = _pair(image, reference)
    error = float(np.mean((a - b) ** 2))
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(image: Image.Image, reference: Image.Image) -> float:
    """Return the structural similarity of luma: 1 for equal pictures.

    Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error
    visibility to structural similarity", IEEE Transactions on Image Processing 13 (2004), with
    its Gaussian window of 11 px (σ 1.5), K1 = 0.01, K2 = 0.03; the edge, where the window does
    not fit, is left out.

    Raises
    ------
    BadInput
        The sizes differ, or a side is shorter than the window.
    """
    from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

    a, b = (rgb @ _LUMA for rgb in _pair(image, reference))
    edge = round(_SIGMA * _TRUNCATE)
    if min(a.shape) <= 2 * edge:
        raise BadInput(
            f"SSIM needs pictures of more than {2 * edge} px a side.",
            code="invalid-size",
            field="image",
        )

    def blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = gaussian_filter(plane, _SIGMA, truncate=_TRUNCATE)
        return found

    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    top = (2 * mean_a * mean_b + _C1) * (2 * both + _C2)
    bottom = (mean_a**2 + mean_b**2 + _C1) * (var_a + var_b + _C2)
    return float((top / bottom)[edge:-edge, edge:-edge].mean())


def likeness_to(image: Image.Image, reference: Image.Image) -> dict[str, float]:
    """Return ``psnr`` in dB, ``ssim`` and ``lpips``.

    ``psnr`` is absent for equal pictures (infinite), ``lpips`` where it cannot be measured.
    """
    found = {"psnr": round(psnr(image, reference), 3), "ssim": round(ssim(image, reference), 5)}
    distance = lpips(image, reference)
    if distance is not None:
        found["lpips"] = round(distance, 4)
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _pair(a: Image.Image, b: Image.Image) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return both as (H, W, 3) numbers from 0 to 1."""
    if a.size != b.size:
        raise BadInput(
            f"Pictures of {a.width}×{a.height} and {b.width}×{b.height} px cannot be compared "
            "pixel by pixel: draw both at one size.",
            code="invalid-size",
            field="image",
        )
    return np.asarray(a.convert("RGB")) / 255, np.asarray(b.convert("RGB")) / 255
