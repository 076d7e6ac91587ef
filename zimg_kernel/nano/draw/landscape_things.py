"""The things that stand, float and hang in landscapes."""

from __future__ import annotations

import math

from zimg_kernel.nano.world.landscape import BUILDINGS

from .landscape_brush import Brush, mix


def land(b: Brush) -> float:
    """Return the height at which standing things have their feet."""
    return 0.88 if b.has & {"lake", "sea"} else 0.85


def _scale(b: Brush) -> float:
    return 0.9 if b.crowded else 1.0


def glitters(b: Brush) -> bool:
    """Return whether sun or moon shines on the water, which the boat then leaves free."""
    busy = bool(b.has & {*BUILDINGS, "bridge"}) and "boat" in b.has
    return bool(b.has & {"sun", "moon"}) and not busy


def bridge(b: Brush) -> None:
    """An arched bridge from the bank into the picture."""
    x, y = 0.4, 0.88
    for rx, ry, p, role in ((0.3, 0.155, 0.42, "stone"), (0.3, 0.185, 0.1, "bird")):
        b.put("arch", x, y, rx, ry, role, p=p, bare=role == "bird", shade=True)


def boat(b: Brush) -> None:
    """A sailing boat; in ink, one with a canopy."""
    crowd = "bridge" in b.has
    x = 0.8 if crowd else 0.64 if glitters(b) else 0.34
    y, s = (0.71, 0.7) if crowd else (0.78, 1.0)
    if b.style == "ink":
        b.put("dome", x, y, 0.06 * s, 0.045 * s, "stone", dy=-0.005)
        b.put("dome", x, y, 0.13 * s, 0.036 * s, "hull", dy=-0.012, angle=math.pi)
        b.raw("disc", x, y, 0.12 * s, 0.008, b.colours["deep"], dy=0.04, opacity=0.7, soft=0.01)
        return
    b.put("box", x, y, 0.006, 0.13 * s, "hull", dy=-0.15 * s, bare=True)
    b.put("wedge", x, y, 0.068 * s, 0.11 * s, "sail", dx=0.075 * s, dy=-0.15 * s)
    b.put("wedge", x, y, 0.045 * s, 0.085 * s, "sail", dx=-0.055 * s, dy=-0.125 * s)
    b.put("trapezoid", x, y, 0.14 * s, 0.034 * s, "hull", p=0.66, angle=math.pi)


def house(b: Brush) -> None:
    """A house with a chimney."""
    x, y, s = 0.7, land(b) + 0.015, _scale(b)
    b.put("box", x, y, 0.03 * s, 0.05 * s, "trunk", dx=0.07 * s, dy=-0.31 * s)
    b.put("box", x, y, 0.14 * s, 0.09 * s, "wall", dy=-0.09 * s)
    b.put("trapezoid", x, y, 0.185 * s, 0.065 * s, "roof", dy=-0.225 * s, p=0.5, shade=True)
    b.put("box", x, y, 0.03 * s, 0.05 * s, "trunk", dx=-0.06 * s, dy=-0.05 * s, bare=True)
    b.put(
        "box", x, y, 0.034 * s, 0.03 * s, "lit", dx=0.06 * s, dy=-0.1 * s, bare=b.style != "sketch"
    )


def pagoda(b: Brush) -> None:
    """A tower of three storeys."""
    x, y, s = 0.73, land(b) + 0.015, _scale(b)
    b.put("wedge", x, y, 0.014 * s, 0.045 * s, "gold", dy=-0.545 * s, bare=True)
    for i in (2, 1, 0):
        k = (1 - 0.17 * i) * s
        foot = -i * 0.165 * s
        b.put("box", x, y, 0.085 * k, 0.065 * s, "wall", dy=foot - 0.06 * s)
        b.put("box", x, y, 0.024 * k, 0.035 * s, "lit", dy=foot - 0.05 * s, bare=True)
        b.put(
            "trapezoid", x, y, 0.155 * k, 0.033 * s, "roof", dy=foot - 0.145 * s, p=0.42, shade=True
        )


def _spots(b: Brush) -> list[tuple[float, float]]:
    """Places (x, size) of trees, the nearest last."""
    if b.has & set(BUILDINGS):
        return [(0.36, 0.72), (0.17, 1.0)]
    if "lake" in b.has or "sea" in b.has:
        return [(0.72, 0.75), (0.89, 1.05)]
    row = [(0.14, 0.8), (0.67, 0.75), (0.86, 1.05)]
    return row[1:] if b.crowded else row


def trees(b: Brush) -> None:
    """Two or three round trees."""
    for x, s in _spots(b):
        y = land(b) + 0.02 * s
        b.put("box", x, y, 0.015 * s, 0.085 * s, "trunk", dy=-0.08 * s, bare=True)
        b.put("disc", x, y, 0.105 * s, 0.125 * s, "leaf", dy=-0.25 * s, shade=True)
        if b.style in ("flat", "pixel", "papercut"):
            tone = mix(b.colours["leaf"], (255, 255, 210), 0.22)
            b.raw("disc", x, y, 0.055 * s, 0.065 * s, tone, dx=-0.03 * s, dy=-0.285 * s)


def pines(b: Brush) -> None:
    """Two or three pines."""
    for x, s in _spots(b):
        y = land(b) + 0.02 * s
        b.put("box", x, y, 0.016 * s, 0.05 * s, "trunk", dy=-0.045 * s, bare=True)
        for r, h, up in ((0.115, 0.095, 0.165), (0.092, 0.085, 0.26), (0.066, 0.075, 0.35))[
            : 2 if b.crowded else 3
        ]:
            b.put("wedge", x, y, r * s, h * s, "pine", dy=-up * s, shade=True)


def bamboo(b: Brush) -> None:
    """Two stalks of bamboo at the edge."""
    edge = 0.1
    y = 0.96
    for i, (dx, tall) in enumerate(((0.0, 0.135), (0.1, 0.115))):
        lean = 0.03 * (i + 1)
        for k in range(4):
            up = (2 * k + 1) * tall
            b.put(
                "box",
                edge,
                y,
                0.017,
                tall * 0.96,
                "leaf",
                dx=dx + lean * k,
                dy=-up,
                angle=lean,
                p=0.3,
            )
    for dx, up, turn in (
        (0.12, 0.5, 0.5),
        (0.16, 0.58, -0.15),
        (-0.02, 0.72, 0.6),
        (0.1, 0.83, 0.1),
        (0.25, 0.77, 0.7),
        (0.27, 0.66, 0.3),
    ):
        b.put("vesica", edge, y, 0.085, 0.042, "pine", dx=dx, dy=-up, angle=turn)


def flowers(b: Brush) -> None:
    """Three large flowers in front."""
    three = (0.16, 0.83, 1.0), (0.84, 0.84, 0.95), (0.5, 0.89, 0.85)
    if "house" in b.has:  # which stands on the right
        three = (0.13, 0.83, 0.95), (0.43, 0.84, 0.9), (0.28, 0.9, 0.85)
    for x, y, s in three[: 2 if b.crowded else 3]:
        b.put("box", x, y, 0.008, 0.11, "pine", dy=0.11, bare=True)
        for k in range(3):
            turn = k * math.pi / 3 + 0.5
            b.put("disc", x, y, 0.08 * s, 0.03 * s, "petal", angle=turn, bare=b.style != "sketch")
        b.put("disc", x, y, 0.028 * s, 0.028 * s, "gold", bare=b.style != "sketch")


def lanterns(b: Brush) -> None:
    """Three lanterns that hang from the upper edge."""
    lit = bool(b.has & {"sun", "moon"})
    left = "pagoda" in b.has and not lit  # the pagoda stands on the right
    low = 0.55 if "pagoda" in b.has and lit else 1.0
    for x, y, s in ((0.1, 0.27, 1.0), (0.28, 0.18, 0.85), (0.43, 0.12, 0.7))[
        : 2 if b.crowded else 3
    ]:
        x, y = x if left else 1 - x, y * low
        b.put("box", x, y, 0.005, 0.5, "gold", dy=-0.5, bare=True)
        b.put("wedge", x, y, 0.016 * s, 0.04 * s, "red", dy=0.1 * s, bare=True)
        b.put("box", x, y, 0.038 * s, 0.08 * s, "gold", bare=b.style != "sketch")
        b.put("disc", x, y, 0.085 * s, 0.066 * s, "red")
