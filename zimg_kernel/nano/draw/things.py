"""Conversion of scenes to marks, and of marks to tensors for the renderer."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from zimg_kernel.nano.world.composites import COMPOSITES, composite_marks
from zimg_kernel.nano.world.landscape import is_pixel
from zimg_kernel.nano.world.palette import BACKGROUND_NAMES, COLOURS, RGB
from zimg_kernel.nano.world.scenes import QUALITIES, Scene, Thing, backdrop

from . import render
from .landscape_paint import landscape_marks
from .marks import DOTTED, STRIPED, Row, mark
from .sign_render import encode


def _mixed(a: RGB, b: RGB, share: float) -> RGB:
    x, y, z = (round(u + (v - u) * share) for u, v in zip(a, b, strict=True))
    return x, y, z


def thing_marks(t: Thing) -> list[Row]:
    """The marks of one object."""
    if t.shape in COMPOSITES:
        return composite_marks(t.shape, t.colour, t.x, t.y, t.radius)
    rgb = COLOURS[t.colour]
    pale = sum(rgb) > 510
    other = _mixed(rgb, (0, 0, 0), 0.28) if pale else _mixed(rgb, (255, 255, 255), 0.55)
    place = (t.shape, t.x, t.y, t.radius, t.radius)
    if t.fill in ("striped", "dotted"):
        pattern = STRIPED if t.fill == "striped" else DOTTED
        return [mark(*place, rgb, pattern=pattern, ink=other)]
    if t.fill == "outlined":
        return [mark(*place, rgb, opacity=0.0, stroke=0.014, ink=rgb)]
    if t.fill == "gradient":
        return [mark(*place, rgb, bottom=other)]
    if t.fill == "neon":
        bright = _mixed(rgb, (255, 255, 255), 0.35)
        glow = {"opacity": 0.0, "soft": 0.07, "stroke": 0.012, "ink_opacity": 0.6}
        core = {"opacity": 0.12, "stroke": 0.009, "ink": bright}
        return [mark(*place, rgb, ink=rgb, **glow), mark(*place, rgb, **core)]  # type: ignore[arg-type]
    return [mark(*place, rgb)]


def scene_marks(scene: Scene) -> list[Row]:
    """The marks of a scene, from back to front."""
    if scene.land:
        return landscape_marks(scene.land)
    return [row for t in scene.things for row in thing_marks(t)]


def scene_flags(scene: Scene) -> list[int]:
    """Background, pixel style and quality of a scene, see ``render.Packed.flags``."""
    pixel = scene.land is not None and is_pixel(scene.land)
    return [
        BACKGROUND_NAMES.index(backdrop(scene)),
        int(pixel),
        QUALITIES.index(scene.quality),
    ]


def pack(scenes: Sequence[Scene]) -> render.Packed:
    """Turn scenes into tensors."""
    marks, reach = render.pad_marks([scene_marks(s) for s in scenes])
    flags = torch.tensor([scene_flags(s) for s in scenes])
    signs = torch.tensor([[float(v) for v in encode(s.sign)] for s in scenes])
    return render.Packed(marks, flags, signs, reach)
