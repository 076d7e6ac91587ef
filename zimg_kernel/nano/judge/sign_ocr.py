"""Optical character recognition of signs, by comparison with the glyphs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image
from torch import Tensor

from zimg_kernel.nano.draw.glyphs import CELL, CHARS, atlas
from zimg_kernel.nano.world.signs import GRID, Sign

THRESHOLD = 0.7
"""Least correlation of a glyph of many strokes."""
_STRICTER = 0.08
"""Additional threshold of letters, digits and simple characters: of 320 pictures without signs
one held an "A" of 0.77 and another a 一 of 0.74, none a rich character above 0.64. Glyphs under a
3 x 3 box blur and noise stayed above 0.86."""
_SHIFTS = (-2, -1, 0, 1, 2)
_LEAST_SPREAD = 0.1
"""Least standard deviation, over pixels and in RGB together, of a patch that can hold a glyph."""
_PROMISING = 0.5
"""Least correlation at a coarse shift for trying the fine ones."""


@dataclass(frozen=True)
class Glyph:
    """A glyph found in a picture: its top left pixel and its correlation (1: exactly it)."""

    char: str
    top: int
    left: int
    match: float


@lru_cache(maxsize=1)
def _templates() -> np.ndarray:
    """(1024, G) glyphs with mean 0 and norm 1."""
    flat = atlas().reshape(len(CHARS), -1)
    flat = flat - flat.mean(1, keepdims=True)
    return np.ascontiguousarray((flat / np.linalg.norm(flat, axis=1, keepdims=True)).T)


@lru_cache(maxsize=1)
def _strictness() -> np.ndarray:
    """(G,) what each glyph needs besides the threshold."""
    latin = np.array([c.isascii() for c in CHARS])
    return np.where(latin | (atlas().mean((1, 2)) < 0.22), _STRICTER, 0.0)


def _pixels(image: Image.Image | Tensor) -> np.ndarray:
    """(3, H, W) float32 in 0..1."""
    if isinstance(image, Image.Image):
        data = np.asarray(image.convert("RGB"), dtype=np.float32) / 255
        return np.ascontiguousarray(data.transpose(2, 0, 1))
    return image.detach().float().cpu().numpy()


def _correlate(windows: np.ndarray, tops: np.ndarray, lefts: np.ndarray) -> np.ndarray:
    """Correlation (P, G) of patches with all glyphs, light on dark or dark on light alike.

    Each patch is first seen along the line in RGB on which its colours differ most: from board
    to ink. Luminance alone would lose pairs such as red on blue.
    """
    patches = windows[:, tops, lefts].reshape(3, len(tops), -1).transpose(1, 0, 2)
    patches = patches - patches.mean(2, keepdims=True)
    scatter = patches @ patches.transpose(0, 2, 1)
    axis = np.linalg.eigh(scatter)[1][:, :, -1]
    seen = (axis[:, None] @ patches)[:, 0]
    # Only so much of the whole scatter as a true glyph explains counts as agreement.
    whole = np.sqrt(np.trace(scatter, axis1=1, axis2=2))
    return np.abs(seen @ _templates()) / np.maximum(whole, 1e-6)[:, None]


def find_glyphs(image: Image.Image | Tensor, threshold: float = THRESHOLD) -> list[Glyph]:
    """Find all glyphs near the 16-pixel grid.

    Parameters
    ----------
    image : PIL.Image.Image or Tensor
        A tensor is (3, H, W) in 0..1. Glyphs are 32 pixels high, whatever the picture's size.
    threshold : float
        Least correlation, 0 to 1; simple glyphs need 0.08 more.

    Returns
    -------
    list of Glyph
        No two overlap by more than a few pixels; best match first.
    """
    picture = _pixels(image)
    _, height, width = picture.shape
    if min(height, width) < CELL:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(picture, (CELL, CELL), axis=(1, 2))
    rows, columns = np.arange(0, height - CELL + 1, GRID), np.arange(0, width - CELL + 1, GRID)
    tops, lefts = (a.ravel() for a in np.meshgrid(rows, columns, indexing="ij"))
    spread = np.sqrt(windows[:, tops, lefts].var((2, 3)).sum(0))
    tops, lefts = tops[spread > _LEAST_SPREAD], lefts[spread > _LEAST_SPREAD]
    coarse = [(dy, dx) for dy in _SHIFTS[::2] for dx in _SHIFTS[::2]]
    found: list[Glyph] = []
    best = np.zeros(len(tops), dtype=np.float32)
    choice = np.zeros((len(tops), 3), dtype=np.int64)

    def look(which: np.ndarray, shifts: list[tuple[int, int]]) -> None:
        """Try shifts of some places and keep the best glyph of each."""
        for dy, dx in shifts:
            y, x = tops[which] + dy, lefts[which] + dx
            inside = (y >= 0) & (x >= 0) & (y <= height - CELL) & (x <= width - CELL)
            spot, y, x = which[inside], y[inside], x[inside]
            if not len(spot):
                continue
            match = _correlate(windows, y, x)
            char = match.argmax(1)
            top_match = match[np.arange(len(spot)), char]
            better = top_match > best[spot]
            best[spot[better]] = top_match[better]
            choice[spot[better]] = np.stack([char, y, x], 1)[better]

    look(np.arange(len(tops)), coarse)
    fine = [(dy, dx) for dy in _SHIFTS for dx in _SHIFTS if (dy, dx) not in coarse]
    look(np.flatnonzero(best > _PROMISING), fine)
    for i in np.argsort(-best):
        char, top, left = (int(v) for v in choice[i])
        if best[i] < threshold + _strictness()[char]:
            continue
        # Neighbours in a word stand a whole cell apart.
        if all(max(abs(top - g.top), abs(left - g.left)) > CELL - 8 for g in found):
            found.append(Glyph(CHARS[char], top, left, float(best[i])))
    return found


def read_sign(image: Image.Image | Tensor, threshold: float = THRESHOLD) -> str:
    """Read the lettering of a picture.

    Parameters
    ----------
    image : PIL.Image.Image or Tensor
        A tensor is (3, H, W) in 0..1.
    threshold : float
        Least correlation of a glyph, 0 to 1.

    Returns
    -------
    str
        Rows from top to bottom, each from left to right (a column is rows of one glyph); ""
        where there is no lettering.
    """
    rows: list[list[Glyph]] = []
    for glyph in sorted(find_glyphs(image, threshold), key=lambda g: g.top):
        if rows and glyph.top - rows[-1][0].top < GRID // 2:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    return "".join(g.char for row in rows for g in sorted(row, key=lambda g: g.left))


def _in_common(a: str, b: str) -> int:
    """Length of the longest common subsequence."""
    before = [0] * (len(b) + 1)
    for x in a:
        now = [0]
        for j, y in enumerate(b):
            now.append(before[j] + 1 if x == y else max(before[j + 1], now[j]))
        before = now
    return before[-1]


def sign_score(image: Image.Image | Tensor, sign: Sign) -> dict[str, int | bool]:
    """Judge a picture by a sign.

    Returns
    -------
    dict
        ``glyphs``: how many characters of the text stand there in its order (one that is
        missing does not spoil those after it). ``of``: how many there should be. ``word``:
        whether the picture says exactly the text.
    """
    read = read_sign(image)
    return {
        "glyphs": _in_common(read, sign.text),
        "of": len(sign.text),
        "word": read == sign.text,
    }
