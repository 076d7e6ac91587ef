"""Landscapes as marks: one composition, painted from back to front."""

from __future__ import annotations

import math
from collections.abc import Callable

from zimg_kernel.nano.world.landscape import BUILDINGS, PLANTS, Landscape

from .landscape_brush import GRAPHITE, PAPER, SEAL, Brush, mix
from .landscape_things import (
    bamboo,
    boat,
    bridge,
    flowers,
    glitters,
    house,
    land,
    lanterns,
    pagoda,
    pines,
    trees,
)
from .marks import HATCHED, PLAIN, Row

HORIZON = 0.64


def _sky(b: Brush) -> None:
    if b.style == "pixel":
        for i, y in enumerate((-0.02, 0.2, 0.36, 0.5)):
            b.raw("wave", 0, y, 1, 0, mix(b.top, b.low, i / 3))
    else:
        hatch = b.style == "sketch" and (b.time != "day" or bool(b.has & {"rain", "snow"}))
        grey = mix(b.top, GRAPHITE, 0.3)
        foot = mix(b.top, b.low, 1 / 0.7)  # so that the lower colour is reached at the horizon
        pattern = HATCHED if hatch else PLAIN
        b.raw("wave", 0, -0.02, 1, 0, b.top, bottom=foot, pattern=pattern, ink=grey)
    if b.style == "papercut":
        x = 0.24
        for r, t in ((0.62, 0.4), (0.38, 0.8)):
            tone = mix(b.top, b.low if b.time != "day" else (248, 205, 140), t)
            b.raw("disc", x, 0.2, r, r, (40, 10, 10), opacity=0.25, soft=0.04, dy=0.008, extra=True)
            b.raw("disc", x, 0.2, r, r, tone)


def _stars(b: Brush) -> None:
    big = 0.013 if b.style in ("pixel", "papercut") else 0.009
    b.raw("specks", 0, 0, 0.125, 0, b.colours["star"], p=big, soft=0.004)


def _sun(b: Brush) -> None:
    x, y = b.sun
    y += 0.12 if b.time == "dusk" else 0.0
    if b.style == "sketch":
        for k in range(4):
            b.raw("disc", x, y, 0.165, 0.005, GRAPHITE, angle=k * math.pi / 4 + 0.2)
        b.raw("disc", x, y, 0.11, 0.11, b.top)
    elif b.style in ("flat", "neon"):
        b.raw("disc", x, y, 0.22, 0.22, b.colours["sun"], opacity=0.3, soft=0.22)
    if b.style == "neon":
        b.raw("disc", x, y, 0.11, 0.11, (255, 214, 90), bottom=(255, 60, 140))
        return
    colour = (244, 120, 70) if b.time == "dusk" and b.style != "ink" else None
    b.put("disc", x, y, 0.1, 0.1, "sun", paint=colour)


def _moon(b: Brush) -> None:
    x, y = b.sun
    glow = {"flat": 0.25, "neon": 0.3, "ink": 0.5}.get(b.style, 0.0)
    if glow:
        b.raw("disc", x, y, 0.17, 0.17, b.colours["moon"], opacity=glow, soft=0.2)
    b.put("crescent", x, y, 0.1, 0.1, "moon", angle=-0.35)


def _clouds(b: Brush) -> None:
    for x, y, s in ((0.74, 0.2, 1.0), (0.34, 0.34, 0.75))[: 1 if b.crowded else 2]:
        if b.style == "ink":
            for dx, dy in ((-0.05, 0.0), (0.06, 0.025)):
                rx, ry, mist = 0.17 * s, 0.035 * s, (128, 126, 120)
                b.raw("disc", x, y, rx, ry, mist, dx=dx, dy=dy, opacity=0.42, soft=0.05)
            continue
        b.put("dome", x, y, 0.07 * s, 0.05 * s, "cloud", dx=-0.085 * s)
        b.put("dome", x, y, 0.075 * s, 0.062 * s, "cloud", dx=0.085 * s)
        b.put("dome", x, y, 0.095 * s, 0.1 * s, "cloud")


def _birds(b: Brush) -> None:
    tall, veiled = bool(b.has & {"mountains", "city"}), "clouds" in b.has
    x = 0.61 if "bamboo" in b.has or veiled else 0.54
    y = 0.37 if veiled else 0.15 if tall else 0.26
    p, size, small = (0.55, 1.3, 1.0) if b.style == "pixel" else (0.36, 1.15, 0.75)
    for dx, dy, s in ((0.0, 0.0, 1.0), (0.17, -0.08, 0.85), (0.23, 0.06, small))[
        : 2 if b.crowded else 3
    ]:
        for wing in (-1, 1):
            at = dx + wing * 0.031 * s * size
            rx, ry = 0.036 * s * size, 0.027 * s * size
            b.put("arch", x, y, rx, ry, "bird", dx=at, dy=dy, p=p, bare=True)


def _mountains(b: Brush) -> None:
    y = HORIZON + 0.03
    if b.style == "ink":
        _ink_mountains(b, y)
        return
    if b.style != "sketch":
        b.put("ridge", 0, y, 0.5, 0.3, "far", low="ground", p=b.phase())
    for x, rx, ry in ((0.17, 0.32, 0.15), (0.86, 0.34, 0.17), (0.54, 0.36, 0.225)):
        b.put("wedge", x, y, rx, ry, "peak", low="far" if b.style == "flat" else None, dy=-ry)
        k = 0.3
        b.put("wedge", x, y, rx * k, ry * k, "cap", dy=-2 * ry + ry * k, bare=b.style != "sketch")


def _ink_mountains(b: Brush, y: float) -> None:
    grey, pale = b.colours["peak"], b.colours["far"]
    b.raw("ridge", 0, 0.3, 0.62, -0.13, pale, p=b.phase(), opacity=0.7, fade=-0.3, soft=0.03)
    for x, rx, ry, dark in (
        (0.16, 0.2, 0.3, 0.6),
        (0.38, 0.15, 0.36, 0.75),
        (0.9, 0.2, 0.27, 0.65),
        (0.67, 0.2, 0.43, 0.95),
    ):
        b.raw("dome", x, y, rx, ry, grey, opacity=dark, fade=-dark, soft=0.014)


def _hills(b: Brush) -> None:
    y = HORIZON - 0.03
    b.put("wave", 0, y, 1.15, 0.06, "hill", low="ground", p=b.phase())
    b.put("wave", 0, y + 0.09, 0.85, 0.05, "ground", p=b.phase(), shade=True)


def _city(b: Brush) -> None:
    """Towers whose sides and windows fall on the grid of 64 of the pixel style."""
    wet = bool(b.has & {"lake", "sea"})
    foot = 45 if wet else 54
    for x, rx, ry in ((11, 6, 13), (24, 6, 17), (42, 6, 15), (57, 5, 18)):
        ry = round(ry * (0.7 if wet else 0.9)) - 1
        b.put(
            "box",
            x / 64,
            foot / 64,
            rx / 64,
            ry / 64,
            "back",
            dy=-ry / 64,
            bare=b.style != "sketch",
        )
    tall = 8, 12, 8, 16, 10
    for x, ry in zip((3, 18, 33, 48, 60), tall, strict=True):
        ry -= 2 if wet else 0
        b.put("box", x / 64, foot / 64, 6 / 64, ry / 64, "tower", dy=-ry / 64, windows=True)


def _water(b: Brush) -> None:
    y = HORIZON + 0.02
    if "lake" in b.has and not b.has & {"mountains", "hills", "city"}:
        b.put("wave", 0, y - 0.03, 0.9, 0.035, "hill", p=b.phase())
    light = mix(b.colours["water"], (255, 255, 255), 0.45)
    if b.style == "ink":
        b.raw("wave", 0, y, 1, 0, b.colours["cap"], bottom=b.colours["water"], soft=0.05)
    elif b.style == "neon":
        b.raw("wave", 0, y, 1, 0, mix(b.low, b.colours["water"], 0.3), bottom=b.top)
    elif b.style == "flat":
        glow = mix(b.colours["water"], b.low, 0.35)
        b.raw("wave", 0, y, 1, 0, glow, bottom=b.colours["deep"])
    else:
        b.put("wave", 0, y, 1, 0, "water")
    if glitters(b) and b.style not in ("sketch", "ink"):
        x, _ = b.sun
        tone = b.colours["sun" if "sun" in b.has else "moon"]
        for dy, rx in ((0.025, 0.1), (0.055, 0.07), (0.085, 0.04)):
            b.raw("disc", x, y, rx, 0.008, tone, dy=dy, opacity=0.75)
    if "sea" in b.has:
        for i, t in enumerate((0.1, 0.2, 0.3)):
            role = ("water", "deep", "deep")[i]
            if b.style == "ink":
                tone = b.colours["deep"]
                b.raw(
                    "wave", 0, y + t, 0.2, 0.012, tone, p=i * 2.0, opacity=0.45, fade=0, soft=0.008
                )
            elif b.style == "flat":
                tone = mix(b.colours["water"], b.colours["deep"], 0.4 + i * 0.3)
                b.raw("wave", 0, y + t, 0.28, 0.014, tone, p=i * 2.0)
            else:
                b.put("wave", 0, y + t, 0.28, 0.014, role, p=i * 2.0)
        return
    line = GRAPHITE if b.style == "sketch" else b.colours["deep"] if b.style == "ink" else light
    if b.style == "neon":
        line = b.colours["water"]
    for x, dy, rx in (
        (0.24, 0.06, 0.16),
        (0.6, 0.11, 0.2),
        (0.42, 0.17, 0.14),
    ):
        b.raw("disc", x, y, rx, 0.0055, line, dy=dy, opacity=0.75)


def _foreground(b: Brush) -> None:
    """The ground that things stand on, where there are any or no water."""
    stands = b.has & {*PLANTS, *BUILDINGS, "lanterns", "bridge"}
    if b.has & {"lake", "sea"} and not (stands - {"bridge", "lanterns"} or "lake" in b.has):
        return
    y = land(b)
    if b.style == "ink":
        tone = b.colours["ground"]
        b.raw(
            "wave",
            0,
            y - 0.02,
            1.1,
            0.02,
            tone,
            p=b.phase(),
            opacity=0.75,
            fade=0.1,
            soft=0.03,
        )
        return
    if not b.has & {"lake", "sea", "city", "hills"}:
        b.put("wave", 0, HORIZON + 0.02, 1.0, 0.03, "hill", low="ground", p=b.phase())
    if not ("hills" in b.has and not stands and not b.has & {"lake", "sea"}):
        b.put("wave", 0, y - 0.025, 1.2, 0.02, "ground", p=b.phase(), shade=True)


def _rain(b: Brush) -> None:
    tone = {"ink": (90, 90, 92), "sketch": GRAPHITE, "neon": (120, 220, 255)}.get(
        b.style, (228, 240, 255)
    )
    if b.style == "papercut" and b.time == "day":
        tone = (40, 110, 130)
    wide = 0.008 if b.style == "pixel" else 0.0035
    b.raw("streaks", 0, 0, 0.085, 0.26, tone, p=wide, angle=-0.22, opacity=0.7)


def _snow(b: Brush) -> None:
    tone = (120, 120, 126) if b.style == "sketch" else (255, 255, 255)
    if b.style == "papercut" and b.time == "day":
        tone = (255, 255, 255)
    b.raw("specks", 0, 0, 0.1, 20, tone, p=0.017, soft=0.004)


def _seal(b: Brush) -> None:
    x = 0.08
    b.raw("box", x, 0.93, 0.03, 0.036, SEAL, p=0.25)
    for dy, rx in ((-0.013, 0.016), (0.013, 0.016)):
        b.raw("box", x, 0.93, rx, 0.005, PAPER, dy=dy)


_ORDER: tuple[tuple[str, Callable[[Brush], None]], ...] = (
    ("stars", _stars),
    ("sun", _sun),
    ("moon", _moon),
    ("clouds", _clouds),
    ("mountains", _mountains),
    ("birds", _birds),
    ("hills", _hills),
    ("city", _city),
    ("lake", _water),
    ("sea", _water),
    ("boat", boat),
    ("bridge", bridge),
    ("", _foreground),
    ("house", house),
    ("pagoda", pagoda),
    ("trees", trees),
    ("pines", pines),
    ("bamboo", bamboo),
    ("flowers", flowers),
    ("lanterns", lanterns),
    ("rain", _rain),
    ("snow", _snow),
)


def landscape_marks(scene: Landscape) -> list[Row]:
    """The marks of a scene, from back to front.

    Parameters
    ----------
    scene : Landscape

    Returns
    -------
    list of list of float
        At most 40 rows of :func:`marks.mark`; the first ones cover the whole picture.
    """
    brush = Brush(scene)
    _sky(brush)
    for name, paint in _ORDER:
        if not name or name in brush.has:
            paint(brush)
    if scene.style == "ink":
        _seal(brush)
    return brush.finish()
