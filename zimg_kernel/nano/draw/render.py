"""Batched rendering with torch, on a CPU or a GPU, with antialiased edges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from zimg_kernel.nano.world.palette import BACKGROUNDS, COLOURS

from .distance import band_distance, field_distance, stretch, unit_distance
from .glyphs import atlas
from .marks import BANDS, COLUMNS, FIELDS, INDEX, KINDS, NOTHING, Row
from .sign_render import paste

PIXELS = 64
"""Cells on the shorter side of a picture in pixel style."""

FINE, BLURRED, NOISY, POOR = range(4)
"""Qualities of a picture: as it is, out of focus, grainy, both."""


class Packed(NamedTuple):
    """Pictures as tensors: what :func:`draw` takes."""

    marks: Tensor
    """(N, P, 24) float, see :mod:`marks`; a kind of -1 paints nothing."""
    flags: Tensor
    """(N, 3) int: index of the background, 1 for pixel style, quality."""
    signs: Tensor
    """(N, 14) float, see :mod:`sign_render`; (N, 0): none has a sign."""
    reach: list[int]
    """For each of the P marks, how many of the first pictures may have it."""

    def to(self, device: str | torch.device) -> Packed:
        """The same pictures on a device."""
        marks, flags, signs = (t.to(device) for t in (self.marks, self.flags, self.signs))
        return Packed(marks, flags, signs, self.reach)


class RenderConstants(NamedTuple):
    """Constants of the renderer on a device."""

    grounds: Tensor
    """(B, 4, 3): the colours of each background."""
    extra: Tensor
    """(B, 2): horizon, chequered."""
    atlas: Tensor
    """(G, 32, 32): coverage of the glyphs."""
    palette: Tensor
    """(12, 3): the named colours."""


def render_constants(device: str | torch.device) -> RenderConstants:
    """The constants that :func:`draw` needs, on a device."""
    grounds = list(BACKGROUNDS.values())
    colours = [[*b.top, *b.bottom, *b.ground_top, *b.ground_bottom] for b in grounds]
    table = torch.tensor(colours, device=device, dtype=torch.float32) / 255
    extra = torch.tensor([[b.horizon, float(b.chequered)] for b in grounds], device=device)
    glyphs = torch.from_numpy(atlas().copy()).to(device)
    palette = torch.tensor(list(COLOURS.values()), device=device, dtype=torch.float32) / 255
    return RenderConstants(table.view(-1, 4, 3), extra, glyphs, palette)


def pad_marks(pictures: Sequence[Sequence[Row]]) -> tuple[Tensor, list[int]]:
    """Marks (N, P, 24) of pictures with different numbers of them, and ``Packed.reach``."""
    most = max((len(p) for p in pictures), default=0)
    reach = [
        max((i + 1 for i, p in enumerate(pictures) if len(p) > j), default=0) for j in range(most)
    ]
    rows = [[*p, *[NOTHING] * (most - len(p))] for p in pictures]
    return torch.tensor(rows, dtype=torch.float32).view(len(pictures), most, COLUMNS), reach


def paint(
    picture: Tensor,
    rows: Tensor,
    x: Tensor,
    y: Tensor,
    pixel: Tensor,
    kinds: tuple[str, ...] = KINDS,
) -> Tensor:
    """Paint one mark on each picture.

    Parameters
    ----------
    picture : Tensor
        (N, 3, H, W).
    rows : Tensor
        (N, 24), anchors and offsets already added up, in fractions of the shorter side.
    x : Tensor
        (N, 1, W) centres of the columns in fractions of the shorter side.
    y : Tensor
        (N, H, 1) likewise.
    pixel : Tensor
        (N, 1, 1) size of a pixel, likewise.
    kinds : tuple of str
        Those that occur among the rows; all, where finding out would cost more.
    """
    column = [rows[:, k, None, None] for k in range(COLUMNS)]
    kind, gx, gy, _, _, rx, ry, angle = column[:8]
    soft, stroke, p, pattern = column[16], column[17], column[22], column[23]
    cx, cy = x - gx, y - gy
    cos, sin = angle.cos(), angle.sin()
    u, v = (cx * cos + cy * sin) / rx, (cy * cos - cx * sin) / ry
    d = torch.full_like(u, 9.0)
    for name in kinds:
        if name not in BANDS + FIELDS:
            d = torch.where(kind == INDEX[name], unit_distance(name, u, v, p), d)
    d = d * stretch(kind, u, v, rx, ry, p)
    blend = (v + 1) / 2
    bottom = y[:, -1:] + pixel / 2
    for name in [k for k in BANDS if k in kinds]:
        d = torch.where(kind == INDEX[name], band_distance(name, cx, cy, rx, ry, p), d)
        blend = torch.where(kind == INDEX[name], cy / (bottom - gy).clamp(min=0.01), blend)
    for name in [k for k in FIELDS if k in kinds]:
        field = field_distance(name, x, y, rx, ry, p, angle)
        d = torch.where(kind == INDEX[name], field, d)
        blend = torch.where(kind == INDEX[name], y / bottom, blend)
    blend = blend.clamp(0, 1)
    edge = torch.maximum(soft, pixel)
    alpha = (0.5 - d / edge).clamp(0, 1)
    alpha = alpha * (column[14] + (column[15] - column[14]) * blend)
    stripe = (((((u + v) * 1.6) % 1) - 0.5).abs() - 0.3) * rx / 2.26
    dots = (0.15 - (((u % 0.5) - 0.25) ** 2 + ((v % 0.5) - 0.25) ** 2).sqrt()) * rx
    lines = 0.0035 - ((((x + y) * 24) % 1) - 0.5).abs() / 34
    motif = torch.where(pattern == 1, stripe, torch.where(pattern == 2, dots, lines))
    motif = (motif / pixel + 0.5).clamp(0, 1) * (pattern > 0)
    rim = (0.5 - (d.abs() - stroke) / edge).clamp(0, 1) * (stroke > 0) * column[21]
    out = []
    for k in range(3):
        first, last, ink = column[8 + k], column[11 + k], column[18 + k]
        fill = first + (last - first) * blend
        fill = fill + (ink - fill) * motif
        painted = picture[:, k] + (fill - picture[:, k]) * alpha
        out.append(painted + (ink - painted) * rim)
    return torch.stack(out, 1)


@torch.no_grad()
def draw(
    packed: Packed,
    height: int,
    width: int,
    constants: RenderConstants | None = None,
    put: Callable[..., Tensor] = paint,
) -> Tensor:
    """Paint packed pictures.

    Parameters
    ----------
    packed : Packed
    height, width : int
        Size in pixels, multiples of 16.
    constants : RenderConstants, optional
        What :func:`render_constants` returned for the device, if it is at hand.
    put : callable
        Paints one mark; a compiled version of the default, for speed.

    Returns
    -------
    Tensor
        (N, 3, height, width) in 0..1.
    """
    device = packed.flags.device
    constants = constants or render_constants(device)
    n, short = len(packed.flags), min(height, width)
    x = ((torch.arange(width, device=device) + 0.5) / short).expand(n, 1, width)
    y = ((torch.arange(height, device=device) + 0.5) / short)[:, None].expand(n, height, 1)
    coarse = (packed.flags[:, 1] > 0)[:, None, None]
    x, y = (torch.where(coarse, (torch.floor(t * PIXELS) + 0.5) / PIXELS, t) for t in (x, y))
    pixel = torch.where(coarse, 0.05 / PIXELS, 1 / short)
    scale = torch.tensor([width / short, height / short], device=device)
    marks = packed.marks.clone()
    marks[:, :, 1:3] = marks[:, :, 1:3] * scale + marks[:, :, 3:5]
    chosen = packed.flags[:, 0]
    picture = _ground(constants.grounds[chosen], constants.extra[chosen], x, y, height / short)
    for j, k in enumerate(packed.reach):
        there: tuple[tuple[str, ...], ...] = ()
        if put is paint and device.type == "cpu":  # reading the kinds would hold up a GPU
            there = (tuple(KINDS[i] for i in marks[:k, j, 0].long().unique().tolist() if i >= 0),)
        part = put(picture[:k], marks[:k, j], x[:k], y[:k], pixel[:k], *there)
        picture = part if k == n else torch.cat([part, picture[k:]])
    if packed.signs.shape[1]:
        picture = paste(picture, packed.signs, constants.atlas, constants.palette)
    return _spoil(picture.clamp(0, 1), packed.flags[:, 2])


def _ground(four: Tensor, extra: Tensor, x: Tensor, y: Tensor, tall: float) -> Tensor:
    """Backgrounds (N, 3, H, W) from their four colours (N, 4, 3)."""
    horizon, chequered = (extra[:, k][:, None, None] for k in range(2))
    down = y / tall
    pixel = y[:, 1:2] - y[:, :1]
    upper = (down / horizon).clamp(0, 1)
    lower = ((down - horizon) / (1 - horizon).clamp(min=1e-3)).clamp(0, 1)[:, None]
    ground = ((down - horizon) * tall / pixel.clamp(min=1e-4) + 0.5).clamp(0, 1)[:, None]
    cells = (torch.floor(y * 8) + torch.floor(x * 8)) % 2
    blend = torch.where(chequered > 0, cells, upper.expand_as(cells))[:, None]
    a, b, g, h = (four[:, k, :, None, None] for k in range(4))
    sky = a + (b - a) * blend
    return sky + (g + (h - g) * lower - sky) * ground


def _spoil(picture: Tensor, quality: Tensor) -> Tensor:
    """Blur or roughen the pictures whose quality is not ``FINE``."""
    h, w = picture.shape[2:]
    factor = 8 if min(h, w) > 160 else 4
    small = F.interpolate(picture, (h // factor, w // factor), mode="area")
    blurred = F.interpolate(small, (h, w), mode="bilinear")
    q = quality[:, None, None, None]
    out = torch.where((q == BLURRED) | (q == POOR), blurred, picture)
    grain = 0.12 * torch.randn_like(out) * ((q == NOISY) | (q == POOR))
    return (out + grain).clamp(0, 1)
