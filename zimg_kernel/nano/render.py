"""Draws scenes in batches with torch, on a CPU or a GPU, with antialiased edges."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zimg_kernel.nano.world import (
    BACKGROUND_NAMES,
    BACKGROUNDS,
    COLOURS,
    FILLS,
    SHAPES,
    Scene,
    backdrop,
)

MOST = 5
"""The most things a scene has."""

_COLOUR_NAMES = tuple(COLOURS)


class Packed(NamedTuple):
    """Scenes as tensors: what :func:`draw` takes."""

    geometry: Tensor
    """(N, 5, 3) float: x, y, radius."""
    kinds: Tensor
    """(N, 5, 3) int: shape (-1: none), colour, fill."""
    background: Tensor
    """(N,) int: index into ``BACKGROUND_NAMES``."""

    def to(self, device: str | torch.device) -> Packed:
        """The same scenes on a device."""
        return Packed(*(t.to(device) for t in self))

    def take(self, index: Tensor) -> Packed:
        """Some of the scenes."""
        return Packed(*(t[index] for t in self))


def pack(scenes: Sequence[Scene]) -> Packed:
    """Turn scenes into tensors."""
    geometry = [[[0.5, 0.5, 0.1]] * MOST for _ in scenes]
    kinds = [[[-1, 0, 0]] * MOST for _ in scenes]
    for i, scene in enumerate(scenes):
        for j, t in enumerate(scene.things):
            geometry[i][j] = [t.x, t.y, t.radius]
            kinds[i][j] = [
                SHAPES.index(t.shape),
                _COLOUR_NAMES.index(t.colour),
                FILLS.index(t.fill),
            ]
    grounds = [BACKGROUND_NAMES.index(backdrop(s)) for s in scenes]
    return Packed(torch.tensor(geometry), torch.tensor(kinds), torch.tensor(grounds))


def _box(x: Tensor, y: Tensor, half_w: float, half_h: float) -> Tensor:
    return torch.maximum(x.abs() - half_w, y.abs() - half_h)


def _star(x: Tensor, y: Tensor) -> Tensor:
    """Five points of radius 1, inner radius 0.44, centred on its bounding box."""
    y = y - 0.095
    sector = 2 * math.pi / 5
    angle = torch.remainder(torch.atan2(x, -y) + sector / 2, sector) - sector / 2
    r = (x * x + y * y).sqrt()
    px, py = r * angle.abs().sin(), r * angle.cos()
    bx, by = 0.44 * math.sin(sector / 2), 0.44 * math.cos(sector / 2)
    ex, ey = bx, by - 1.0
    return (ex * (py - 1.0) - ey * px) / math.hypot(ex, ey)


def _heart(x: Tensor, y: Tensor) -> Tensor:
    """Signed distance to a heart after Inigo Quilez, "2D distance functions"."""
    scale = 0.64
    px, py = x.abs() * scale, 0.56 - y * scale
    lobe = ((px - 0.25) ** 2 + (py - 0.75) ** 2).sqrt() - math.sqrt(2) / 4
    m = 0.5 * (px + py).clamp(min=0)
    tip = torch.minimum(px**2 + (py - 1) ** 2, (px - m) ** 2 + (py - m) ** 2).sqrt()
    return torch.where(px + py > 1, lobe, tip * torch.sign(px - py)) / scale


def distance(shape: int, x: Tensor, y: Tensor) -> Tensor:
    """Signed distance (negative inside) of a shape of radius about 1; x right, y down."""
    name = SHAPES[shape]
    r = (x * x + y * y).sqrt()
    if name == "circle":
        return r - 0.92
    if name == "square":
        return _box(x, y, 0.82, 0.82)
    if name == "triangle":
        return torch.maximum(y - 0.82, 0.866 * x.abs() - 0.5 * y - 0.41)
    if name == "star":
        return _star(x, y)
    if name == "heart":
        return _heart(x, y)
    if name == "diamond":
        return (x.abs() + 0.74 * y.abs() - 0.74) / math.hypot(1.0, 0.74)
    if name == "ring":
        return (r - 0.7).abs() - 0.22
    if name == "cross":
        return torch.minimum(_box(x, y, 0.3, 0.92), _box(x, y, 0.92, 0.3))
    if name == "crescent":
        return torch.maximum(r - 0.92, 0.76 - ((x - 0.44) ** 2 + (y + 0.1) ** 2).sqrt())
    return torch.maximum(y.abs(), 0.5 * y.abs() + 0.866 * x.abs()) - 0.8


def _table(rows: Sequence[Sequence[float]], device: torch.device) -> Tensor:
    return torch.tensor(rows, device=device, dtype=torch.float32) / 255


def tables(device: str | torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Palette (12, 3), background colours (N, 4, 3) and (N, 2): horizon, chequered."""
    device = torch.device(device)
    grounds = list(BACKGROUNDS.values())
    colours = [[*b.top, *b.bottom, *b.ground_top, *b.ground_bottom] for b in grounds]
    extra = torch.tensor([[b.horizon, float(b.chequered)] for b in grounds], device=device)
    return (
        _table(list(COLOURS.values()), device),
        _table(colours, device).view(-1, 4, 3),
        extra,
    )


def _put(
    picture: Tensor, geometry: Tensor, kinds: Tensor, inks: Tensor, xs: Tensor, ys: Tensor
) -> Tensor:
    """Draw one thing on each picture (N, 3, H, W); xs, ys are pixels over the shorter side."""
    gx, gy, radius, short = (geometry[:, k][:, None, None] for k in range(4))
    shape, fill = kinds[:, 0][:, None, None], kinds[:, 2][:, None, None]
    x, y = torch.broadcast_tensors((xs - gx) / radius, (ys - gy) / radius)
    d = torch.ones_like(x)
    for k in range(len(SHAPES)):
        d = torch.where(shape == k, distance(k, x, y), d)
    soft = radius * short
    alpha = (0.5 - d * soft).clamp(0, 1)
    stripe = ((((x + y) * 1.6) % 1 - 0.5).abs() - 0.3) * soft / 2.26
    dots = (0.15 - (((x % 0.5) - 0.25) ** 2 + ((y % 0.5) - 0.25) ** 2).sqrt()) * soft
    mark = torch.where(fill == 1, stripe, dots)
    mark = (mark + 0.5).clamp(0, 1) * (fill > 0)
    first, second = inks[:, 0, :, None, None], inks[:, 1, :, None, None]
    ink = first + (second - first) * mark[:, None]
    return picture + (ink - picture) * alpha[:, None]


def draw(
    packed: Packed,
    height: int,
    width: int,
    look: tuple[Tensor, Tensor, Tensor] | None = None,
    put: Callable[..., Tensor] = _put,
) -> Tensor:
    """Draw packed scenes.

    Parameters
    ----------
    packed : Packed
    height, width : int
        Size in pixels.
    look : tuple of Tensor, optional
        What :func:`tables` returned for the device, if it is at hand.
    put : callable
        Draws one thing; a compiled version of the default, for speed.

    Returns
    -------
    Tensor
        (N, 3, height, width) in 0..1.
    """
    device = packed.background.device
    palette, grounds, extra = look or tables(device)
    short = min(height, width)
    ys = ((torch.arange(height, device=device) + 0.5) / height)[None, :, None]
    xs = ((torch.arange(width, device=device) + 0.5) / width)[None, None, :]
    picture = _ground(grounds[packed.background], extra[packed.background], xs, ys, short)
    rgb = palette[packed.kinds[:, :, 1]]
    pale = rgb.sum(-1, keepdim=True) > 2.0
    inks = torch.stack([rgb, torch.where(pale, rgb * 0.72, rgb * 0.45 + 0.55)], 2)
    scale = torch.tensor([width / short, height / short, 1.0], device=device)
    geometry = packed.geometry * scale
    geometry = torch.cat([geometry, torch.full_like(geometry[..., :1], short)], -1)
    xs, ys = xs * (width / short), ys * (height / short)
    for j in range(MOST):
        picture = put(picture, geometry[:, j], packed.kinds[:, j], inks[:, j], xs, ys)
    return picture


def _ground(four: Tensor, extra: Tensor, xs: Tensor, ys: Tensor, short: int) -> Tensor:
    """Backgrounds (N, 3, H, W) from their four colours (N, 4, 3)."""
    height, width = ys.shape[1], xs.shape[2]
    horizon, chequered = (extra[:, k][:, None, None] for k in range(2))
    upper = (ys / horizon).clamp(0, 1)
    lower = ((ys - horizon) / (1 - horizon).clamp(min=1e-3)).clamp(0, 1)
    ground = ((ys - horizon) * height + 0.5).clamp(0, 1)[:, None]
    cells = (torch.floor(ys * height / short * 8) + torch.floor(xs * width / short * 8)) % 2
    blend = torch.where(chequered > 0, cells, upper)[:, None]
    a, b, g, h = (four[:, k, :, None, None] for k in range(4))
    sky = a + (b - a) * blend
    return sky + (g + (h - g) * lower[:, None] - sky) * ground
