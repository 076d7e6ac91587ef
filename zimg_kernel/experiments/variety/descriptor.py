"""Descriptor of a picture: its layout of colours and its edge orientations."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

_SIDE = 128  # px; every picture is brought to this size
_GRID = 8  # cells a side, as in MPEG-7's colour layout
_BINS = 9  # unsigned orientations over 180 degrees, as in HOG
_BLUR = 1.5  # px; without it an edge in steps of pixels runs otherwise than a smooth one
_FLOOR = 0.5  # of L* per px: so much gradient a flat cell counts as having in all directions
SIZE = _GRID * _GRID * (3 + _BINS)
"""Length of a descriptor."""

# sRGB to CIE XYZ, D65 (IEC 61966-2-1), already divided by the white point.
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
) / np.array([[0.95047], [1.0], [1.08883]])  # fmt: skip


def lab(pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Return CIE 1976 L*a*b* (CIE 15:2004) of sRGB bytes, any shape (..., 3)."""
    rgb = np.asarray(pixels, dtype=np.float64) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _TO_XYZ.T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def describe(image: Image.Image) -> NDArray[np.float64]:
    """Return the descriptor of a picture, whatever its size: 768 numbers.

    Half of it is the mean L*a*b* colour of 8 x 8 cells, as MPEG-7's colour layout descriptor
    has it (ISO/IEC 15938-3, there in YCbCr and after a cosine transform). The other half is a
    histogram of gradient orientations in each cell (N. Dalal, B. Triggs, "Histograms of
    oriented gradients", CVPR 2005: 9 bins, linear between bins and between cells); of all
    cells together it is made to sum to 1 and the root is taken, so that distances are
    Hellinger's.

    The Euclidean distance of two descriptors is ``sqrt(c**2 / 2 + h**2 / 2)``: c is the root
    mean square colour difference of the cells divided by 100 (1: black against white), h the
    Hellinger distance of the histograms (0 to 1).
    """
    small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    colours = lab(np.asarray(small))
    means = _pooled(colours)
    layout = means.ravel() / (100 * np.sqrt(2 * _GRID * _GRID))
    edges = np.sqrt(_orientations(colours[..., 0]).ravel()) / 2
    return np.concatenate([layout, edges])


def _orientations(lightness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (8, 8, 9) shares of gradient by cell and orientation, 1 in all."""
    dy, dx = np.gradient(gaussian_filter(lightness, _BLUR))
    magnitude = np.hypot(dx, dy)
    place = (np.arctan2(dy, dx) % np.pi) / np.pi * _BINS
    low = np.floor(place)
    share = place - low
    planes = np.zeros((*lightness.shape, _BINS))
    rows, columns = np.indices(lightness.shape)
    first = low.astype(int) % _BINS
    planes[rows, columns, first] = magnitude * (1 - share)
    planes[rows, columns, (first + 1) % _BINS] += magnitude * share
    histogram = _pooled(planes) + _FLOOR / _BINS
    return histogram / histogram.sum()


def _pooled(planes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (8, 8, k) means of a (128, 128, k) picture, each pixel shared by its nearest cells."""
    weights = _weights()
    return np.einsum("ai,bj,ijk->abk", weights, weights, planes, optimize=True)


def _weights() -> NDArray[np.float64]:
    """Return (8, 128) weights of each pixel of a line for each cell; rows sum to 1."""
    pixels = (np.arange(_SIDE) + 0.5) * _GRID / _SIDE - 0.5
    near = np.clip(1 - np.abs(pixels[None] - np.arange(_GRID)[:, None]), 0, None)
    return near / near.sum(1, keepdims=True)
