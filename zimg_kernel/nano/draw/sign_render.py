"""Rendering of signs onto batches of pictures with torch, on a CPU or a GPU."""

from __future__ import annotations

import torch
from torch import Tensor

from zimg_kernel.nano.world.palette import COLOURS
from zimg_kernel.nano.world.signs import GRID, MARGIN, MOST_GLYPHS, Sign, snapped

from .glyphs import CELL, CHARS

ROW = 14
"""Numbers that describe a sign: x, y, vertical, count, ink, board, six glyphs, two spare."""
_RADIUS = 4.0
_FRAME = 2.0
_NAMES = tuple(COLOURS)


def encode(sign: Sign | None) -> list[int | float]:
    """A sign as the fixed row of numbers that :func:`paste` takes (None: no sign)."""
    if sign is None:
        return [0.5, 0.5] + [0] * (ROW - 2)
    ids = [CHARS.index(c) for c in sign.text]
    ids += [0] * (ROW - 6 - len(ids))
    colours = _NAMES.index(sign.ink), _NAMES.index(sign.board)
    head = (snapped(sign.x), snapped(sign.y), int(sign.vertical), len(sign.text), *colours)
    return [*head, *ids]


def _start(fraction: Tensor, side: int, length: Tensor) -> Tensor:
    """First pixel of the cells along one side: the same numbers as ``signs.cells``."""
    wanted = torch.floor((fraction * side - length / 2) / GRID + 0.5) * GRID
    last = (side - length - GRID).clamp(min=GRID)
    return torch.minimum(wanted.clamp(min=GRID), last)


def _board(
    rows: Tensor, start: Tensor, size: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """Masks (N, 1, H, W) of the board and of its inside without the frame."""
    device = rows.device
    ys = (torch.arange(height, device=device) + 0.5)[None, :, None]
    xs = (torch.arange(width, device=device) + 0.5)[None, None, :]
    half = size / 2 + (MARGIN - _RADIUS)
    middle = start + size / 2
    dy = (ys - middle[:, 0, None, None]).abs() - half[:, 0, None, None]
    dx = (xs - middle[:, 1, None, None]).abs() - half[:, 1, None, None]
    # Signed distance to a rounded box; crisp, for the codec sees hard edges on the grid.
    d = (dx.clamp(min=0) ** 2 + dy.clamp(min=0) ** 2).sqrt() - _RADIUS
    d = d + torch.maximum(dx, dy).clamp(max=0)
    there = (rows[:, 3] > 0)[:, None, None]
    return ((d <= 0) & there)[:, None], ((d <= -_FRAME) & there)[:, None]


def paste(pictures: Tensor, rows: Tensor, atlas: Tensor, palette: Tensor) -> Tensor:
    """Draw at most one sign on each picture.

    Parameters
    ----------
    pictures : Tensor
        (N, 3, H, W) in 0..1; H and W multiples of 16 from 128 up.
    rows : Tensor
        (N, 14) float32 of :func:`encode`. Each sign must fit (``signs.fits``).
    atlas : Tensor
        (G, 32, 32) coverage of the glyphs, ``glyphs.atlas()``.
    palette : Tensor
        (12, 3) colours in 0..1.

    Returns
    -------
    Tensor
        New pictures; those of rows with count 0 are equal to what came in.
    """
    n, _, height, width = pictures.shape
    rows = rows.float()
    vertical, count = rows[:, 2], rows[:, 3]
    down, along = vertical, 1 - vertical
    long = count.clamp(min=1) * CELL
    size = torch.stack([down * long + along * CELL, along * long + down * CELL], 1)
    start = torch.stack(
        [_start(rows[:, 1], height, size[:, 0]), _start(rows[:, 0], width, size[:, 1])], 1
    )
    ink = palette[rows[:, 4].long()].to(pictures.dtype)
    board = palette[rows[:, 5].long()].to(pictures.dtype)
    dark = board.sum(1, keepdim=True) < 0.6
    frame = torch.where(dark, board * 0.4 + 0.45, board * 0.4)
    outer, inner = _board(rows, start, size, height, width)
    out = torch.where(outer, frame[:, :, None, None], pictures)
    out = torch.where(inner, board[:, :, None, None], out).flatten(2)
    offsets = torch.arange(CELL, device=rows.device)
    patch = (offsets[:, None] * width + offsets).flatten()
    for slot in range(MOST_GLYPHS):
        # Slots that a text leaves empty write back what they read: no branch on the data.
        top = (start[:, 0] + slot * CELL * down).clamp(max=height - CELL).long()
        left = (start[:, 1] + slot * CELL * along).clamp(max=width - CELL).long()
        index = ((top * width + left)[:, None] + patch)[:, None].expand(n, 3, -1)
        cover = atlas[rows[:, 6 + slot].long()].flatten(1)[:, None].to(pictures.dtype)
        lettered = torch.lerp(board[:, :, None], ink[:, :, None], cover)
        used = (slot < count)[:, None, None]
        out = out.scatter(2, index, torch.where(used, lettered, out.gather(2, index)))
    return out.view(n, 3, height, width)
