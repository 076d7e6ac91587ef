"""Composites show their main colour, hold together and cannot be mistaken for each other."""

from __future__ import annotations

import itertools
import math
import re
from functools import cache

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from zimg_kernel.nano.draw.marks import COLUMNS, KINDS, SHAPES, Row, mark
from zimg_kernel.nano.draw.render import Packed, draw, pad_marks
from zimg_kernel.nano.text import words
from zimg_kernel.nano.text.english import IRREGULAR
from zimg_kernel.nano.world import composites as c
from zimg_kernel.nano.world.palette import BACKGROUND_NAMES, BACKGROUNDS, COLOURS

SIDE = 256
_NAMES = list(COLOURS)
_PALETTE = np.array(list(COLOURS.values()), dtype=np.float32) / 255


def _contrasting(rows: list[Row]) -> str:
    """The plain background that is farthest from all colours of a drawing."""
    used = [[v * 255 for v in row[8:11]] for row in rows]
    plain = [b for b in BACKGROUND_NAMES if b.startswith("plain")]
    return max(plain, key=lambda b: min(math.dist(BACKGROUNDS[b].top, u) for u in used))


Drawn = tuple[np.ndarray, np.ndarray]


def _painted(pictures: list[list[Row]], grounds: list[str], canvas: int) -> list[Drawn]:
    """Pictures (H, W, 3), each with the mask of what differs from its background."""
    marks, reach = pad_marks(pictures)
    flags = torch.tensor([[BACKGROUND_NAMES.index(g), 0, 0] for g in grounds])
    painted = draw(Packed(marks, flags, torch.zeros(len(flags), 0), reach), canvas, canvas)
    out = []
    for picture, ground in zip(painted.permute(0, 2, 3, 1).numpy(), grounds, strict=True):
        plain = np.array(BACKGROUNDS[ground].top, dtype=np.float32) / 255
        out.append((picture, np.linalg.norm(picture - plain, axis=-1) > 0.12))
    return out


@cache
def _drawn(name: str, radius: float) -> dict[str, Drawn]:
    """A composite in each colour, as large as in a picture of ``SIDE`` pixels, cropped."""
    canvas = math.ceil(2.2 * radius * SIDE / 16) * 16
    rows = [c.composite_marks(name, k, 0.5, 0.5, radius * SIDE / canvas) for k in COLOURS]
    drawn = _painted(rows, [_contrasting(r) for r in rows], canvas)
    return dict(zip(COLOURS, drawn, strict=True))


def _parts(mask: np.ndarray) -> int:
    """How many 8-connected parts a mask has."""
    left, parts = torch.from_numpy(mask).float()[None, None], 0
    ys, xs = np.nonzero(mask)
    left = left[:, :, ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    while left.any():
        part = torch.zeros_like(left)
        part.view(-1)[left.argmax()] = 1
        while True:
            grown = torch.minimum(F.max_pool2d(part, 3, 1, 1), left)
            if torch.equal(grown, part):
                break
            part = grown
        left, parts = left - part, parts + 1
    return parts


def _normalised(mask: np.ndarray) -> np.ndarray:
    """A mask's box centred in a square of its longer side and scaled to 40 x 40 (as the judge)."""
    ys, xs = np.nonzero(mask)
    crop = mask[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    h, w = crop.shape
    side = max(h, w)
    square = np.zeros((side, side), dtype=np.float32)
    top, left = (side - h) // 2, (side - w) // 2
    square[top : top + h, left : left + w] = crop
    tensor = torch.from_numpy(square)[None, None]
    small = F.interpolate(tensor, (40, 40), mode="bilinear", antialias=True)
    return (small[0, 0].numpy() > 0.5).astype(np.float32)


def _share(name: str, colour: str, radius: float) -> float:
    """Share of a silhouette's pixels whose nearest colour is the main one."""
    picture, mask = _drawn(name, radius)[colour]
    nearest = np.linalg.norm(picture[mask][:, None] - _PALETTE, axis=-1).argmin(1)
    return float((nearest == _NAMES.index(colour)).mean())


def test_rows_are_marks():
    assert len(c.COMPOSITES) == 16
    for name, colour in itertools.product(c.COMPOSITES, COLOURS):
        rows = c.composite_marks(name, colour, 0.3, 0.6, 0.2)
        assert 1 <= len(rows) <= 9
        for row in rows:
            assert len(row) == COLUMNS
            assert all(isinstance(v, float) and math.isfinite(v) for v in row)
            assert row[1:3] == [0.3, 0.6]
            assert 0 <= row[0] < len(KINDS)
            assert all(0 <= v <= 1 for v in row[8:14])


@pytest.mark.parametrize("name", c.COMPOSITES)
def test_main_colour_is_the_majority(name):
    for colour in COLOURS:
        assert _share(name, colour, 0.17) > 0.52, colour


@pytest.mark.parametrize("name", c.COMPOSITES)
@pytest.mark.parametrize("radius", [0.12, 0.17])
def test_one_connected_part_fills_the_box(name, radius):
    for colour in COLOURS:
        mask = _drawn(name, radius)[colour][1]
        assert _parts(mask) == 1, colour
        ys, xs = np.nonzero(mask)
        box = np.array([xs.min(), xs.max() + 1, ys.min(), ys.max() + 1])
        assert max(box[1] - box[0], box[3] - box[2]) / SIDE == pytest.approx(2 * radius, abs=0.018)
        middle = (box[[0, 2]] + box[[1, 3]]) / 2
        assert np.abs(middle - len(mask) / 2).max() < 3 + 0.05 * radius * SIDE


def _silhouettes(colour: str) -> dict[str, np.ndarray]:
    out = {n: _normalised(_drawn(n, 0.17)[colour][1]) for n in c.COMPOSITES}
    for shape in SHAPES:
        rows = [mark(shape, 0.5, 0.5, 0.42, 0.42, COLOURS["red"])]
        out[shape] = _normalised(_painted([rows], ["plain white"], 112)[0][1])
    return out


def test_silhouettes_differ():
    forms = _silhouettes("red")
    for a, b in itertools.combinations(forms, 2):
        if a in c.COMPOSITES or b in c.COMPOSITES:
            overlap = np.minimum(forms[a], forms[b]).sum() / np.maximum(forms[a], forms[b]).sum()
            assert overlap < 0.8, (a, b, overlap)


def test_words():
    zh, en, measures = (
        {name: table[name] for name in c.COMPOSITES}
        for table in (words.ZH_SHAPES, words.EN_SHAPES, words.ZH_MEASURES)
    )
    for table in (zh, en, measures):
        assert all(table.values())
    for ours, shapes in ((zh, words.ZH_SHAPES), (en, words.EN_SHAPES)):
        every = [w for group in ours.values() for w in set(group)]
        assert len(every) == len(set(every))
        assert not set(every) & {w for k in SHAPES for w in shapes[k]}
    assert all(re.fullmatch("[a-z ]+", w) for ws in en.values() for w in ws)
    assert all(re.fullmatch("[\u4e00-\u9fff]+", w) for ws in zh.values() for w in ws)
    assert set(IRREGULAR) <= {w for ws in en.values() for w in ws}
