"""Signed distances of all kinds of marks, in torch; negative inside."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .marks import INDEX


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


def unit_distance(name: str, x: Tensor, y: Tensor, p: Tensor) -> Tensor:
    """Distance to a mark of radius 1 at the origin; x right, y down; p as in ``KINDS``."""
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
    if name == "hexagon":
        return torch.maximum(y.abs(), 0.5 * y.abs() + 0.866 * x.abs()) - 0.8
    if name == "disc":
        return r - 1
    if name == "box":
        qx, qy = x.abs() - 1 + p, y.abs() - 1 + p
        outside = (qx.clamp(min=0) ** 2 + qy.clamp(min=0) ** 2).sqrt()
        return outside + torch.maximum(qx, qy).clamp(max=0) - p
    if name == "dome":
        return torch.maximum(r - 1, y)
    if name == "trapezoid":
        slope = (1 - p) / 2
        side = (x.abs() - p - slope * (y + 1)) / (1 + slope * slope).sqrt()
        return torch.maximum(side, y.abs() - 1)
    if name == "wedge":
        return torch.maximum((x.abs() - 0.5 * (y + 1)) / math.hypot(1, 0.5), y - 1)
    if name == "vesica":
        return (x * x + (y.abs() + 0.75) ** 2).sqrt() - 1.25
    # arch
    return torch.maximum((r - 1 + p / 2).abs() - p / 2, y)


def stretch(kind: Tensor, u: Tensor, v: Tensor, rx: Tensor, ry: Tensor, p: Tensor) -> Tensor:
    """Return the factor from distance in unit coordinates to true distance, near a mark's edge.

    That is one over the length of the distance's gradient: most edges face away from the
    centre, those of boxes along an axis. Exact for ellipses and boxes; without it the short ends
    of flat marks would be blurred.
    """

    def facing(a: Tensor, b: Tensor) -> Tensor:
        length = (a * a + b * b).sqrt().clamp(min=1e-6)
        return length / ((a / rx) ** 2 + (b / ry) ** 2).sqrt().clamp(min=1e-6)

    one = torch.ones_like(u)
    scale = facing(u, v)
    axis = torch.where(u.abs() > v.abs(), rx, ry)
    side = (u.abs() - p - (1 - p) / 2 * (v + 1)) < v.abs() - 1
    flanks = {
        "box": axis,
        "trapezoid": torch.where(side, ry, facing(one, (p - 1) / 2)),
        "wedge": torch.where(u.abs() - 0.5 * (v + 1) < v - 1, ry, facing(one, one * 0.5)),
        "dome": torch.where(v > (u * u + v * v).sqrt() - 1, ry, scale),
        "vesica": facing(u, v.abs() + 0.75),
    }
    for name, value in flanks.items():
        scale = torch.where(kind == INDEX[name], value, scale)
    return scale


def _zigzag(u: Tensor) -> Tensor:
    return 1 - 2 * ((u - torch.floor(u)) - 0.5).abs()


def band_distance(name: str, x: Tensor, y: Tensor, rx: Tensor, ry: Tensor, p: Tensor) -> Tensor:
    """Distance (fractions of the shorter side) to all that lies below a line; x, y centred."""
    if name == "wave":
        turn = 2 * math.pi / rx
        line = -ry * torch.sin(x * turn + p)
        slope = ry * turn * torch.cos(x * turn + p)
        return (line - y) / (1 + slope * slope).sqrt()
    u = x / rx + p
    line = _zigzag(u) * 0.62 + _zigzag(u * 2.3 + p * 1.7) * 0.26 + _zigzag(u * 5.1 + p) * 0.12
    return (-ry * line - y) / (1 + (2 * ry / rx) ** 2).sqrt()


def _hash(i: Tensor, j: Tensor, seed: Tensor) -> Tensor:
    v = torch.sin(i * 12.9898 + j * 78.233 + seed * 3.7) * 437.585
    return v - torch.floor(v)


def field_distance(
    name: str, x: Tensor, y: Tensor, rx: Tensor, ry: Tensor, p: Tensor, angle: Tensor
) -> Tensor:
    """Distance to the nearest streak or speck; x, y from the picture's upper left corner."""
    if name == "streaks":
        along = (x - y * angle) / rx
        column = torch.floor(along)
        v = y / ry + _hash(column, column * 0, p) * 7
        gap = ((along - column) - 0.5).abs() * rx
        run = ((v - torch.floor(v)) - 0.5).abs() * ry
        return torch.maximum(gap - p, run - 0.3 * ry)
    i, j = torch.floor(x / rx), torch.floor(y / rx)
    a, b, c = (_hash(i + k, j - k, ry) for k in (0.0, 5.0, 11.0))
    u = x - (i + 0.2 + 0.6 * a) * rx
    v = y - (j + 0.2 + 0.6 * b) * rx
    return (u * u + v * v).sqrt() - p * (0.25 + 0.75 * c) + (c < 0.35) * rx
