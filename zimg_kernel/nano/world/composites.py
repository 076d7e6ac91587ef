"""Composites: things made of several marks, such as a house, each with one main colour.

They are icons of a few large forms, so that a small model can learn them: each has one connected
silhouette that differs from those of the others and of the basic shapes, and most of its area
has the main colour. Accessories are shades of the main colour, or fixed colours with a second
choice where the first would look like the main one.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from zimg_kernel.nano.draw.marks import Row, mark

from .palette import COLOURS, RGB, contrast

COMPOSITES = (
    *("tree", "house", "cloud", "flower", "fish", "boat", "car", "rocket", "mushroom", "cat"),
    *("balloon", "mountain", "sun", "snowman", "lantern", "umbrella"),
)

WOOD, GOLD, GLASS, LAMP = (150, 100, 60), (236, 176, 52), (176, 218, 242), (255, 222, 120)
TYRE, STEEL, SILVER, INK = (52, 54, 64), (104, 106, 122), (196, 200, 208), (38, 36, 46)
CREAM, SKIN, LEAF, SNOW = (255, 244, 220), (238, 208, 164), (72, 168, 84), (196, 217, 240)
FLAME, ROSE, CRIMSON, NAVY = (255, 150, 40), (250, 150, 170), (206, 52, 60), (46, 66, 120)


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    """Colour that has ``share`` of b."""
    r, g, blue = (round(p + (q - p) * share) for p, q in zip(a, b, strict=True))
    return r, g, blue


class _Drawing:
    """One drawing: a method for each composite puts its marks, in units of the radius, y down."""

    def __init__(self, colour: str, x: float, y: float, radius: float) -> None:
        self.x, self.y, self.radius, self.main = x, y, radius, COLOURS[colour]
        self.rows: list[Row] = []
        bright = 0.3 * self.main[0] + 0.59 * self.main[1] + 0.11 * self.main[2]
        self.dark = _mix(self.main, (255, 255, 255) if bright < 40 else (0, 0, 20), 0.2)
        self.light = _mix(self.main, (255, 255, 255), 0.34)
        if bright > 240:
            self.light = _mix(self.main, (150, 165, 195), 0.3)
        self.line = CREAM if bright < 105 else INK  # eyes and the like
        self.wood = self.apart(WOOD, (84, 52, 36))

    def apart(self, *choices: RGB) -> RGB:
        """The first choice that stands out from the main colour, else the one that does most."""
        clear = [c for c in choices if contrast(c, self.main) > 0.4]
        return clear[0] if clear else max(choices, key=lambda c: contrast(c, self.main))

    def put(
        self,
        kind: str,
        at: tuple[float, float],
        rx: float,
        ry: float,
        colour: RGB | None = None,
        **more: Any,
    ) -> None:
        """Paint a mark; in the main colour if none is named."""
        r = self.radius
        more |= {"dx": at[0] * r, "dy": at[1] * r, "stroke": more.get("stroke", 0.0) * r}
        self.rows.append(mark(kind, self.x, self.y, rx * r, ry * r, colour or self.main, **more))

    def sail(self, at: tuple[float, float], side: float, way: int, colour: RGB) -> None:
        """Paint a right-angled triangle that goes up and sideways (way: 1 or -1) from a corner."""
        half = side / sqrt(8)
        middle = (at[0] + way * half / sqrt(2), at[1] - half / sqrt(2))
        self.put("wedge", middle, 2 * half, half, colour, angle=-way * 3 * pi / 4)

    def tree(self) -> None:
        self.put("trapezoid", (0, 0.62), 0.22, 0.38, self.wood, p=0.62)
        self.put("disc", (-0.43, 0.0), 0.46, 0.44)
        self.put("disc", (0.43, 0.0), 0.46, 0.44)
        self.put("disc", (0, -0.44), 0.56, 0.56)
        self.put("disc", (0, 0.02), 0.5, 0.42)
        self.put("disc", (-0.17, -0.6), 0.2, 0.18, self.light)
        self.put("disc", (0.42, 0.02), 0.15, 0.13, self.dark)

    def house(self) -> None:
        self.put("box", (0.54, -0.6), 0.13, 0.3)
        self.put("box", (0, 0.36), 0.82, 0.64)
        self.put("wedge", (0, -0.63), 1.0, 0.37, self.dark)
        self.put("box", (-0.36, 0.64), 0.18, 0.36, self.wood)
        self.put("box", (0.34, 0.34), 0.2, 0.19, self.apart(LAMP, NAVY))

    def cloud(self) -> None:
        self.put("disc", (-0.62, 0.26), 0.38, 0.38)
        self.put("disc", (0.64, 0.28), 0.36, 0.36)
        self.put("box", (0, 0.4), 0.64, 0.24)
        self.put("disc", (0.16, -0.1), 0.54, 0.54)
        self.put("disc", (-0.34, 0.0), 0.36, 0.36)
        self.put("disc", (0.26, -0.32), 0.2, 0.16, self.light)

    def flower(self) -> None:
        leaf = self.apart(LEAF, (24, 104, 60))
        self.put("box", (0, 0.66), 0.07, 0.34, leaf)
        self.put("vesica", (0.3, 0.68), 0.34, 0.15, leaf, angle=-0.6)
        self.put("vesica", (-0.3, 0.68), 0.34, 0.15, leaf, angle=0.6)
        for dx, dy in ((0, -0.66), (0.36, -0.4), (0.22, 0.03), (-0.22, 0.03), (-0.36, -0.4)):
            self.put("disc", (dx, dy), 0.34, 0.34)
        self.put("disc", (0, -0.28), 0.2, 0.2, self.apart(GOLD, WOOD))

    def fish(self) -> None:
        self.put("wedge", (0.68, 0), 0.52, 0.32, self.dark, angle=-pi / 2)
        self.put("wedge", (-0.02, -0.42), 0.34, 0.24, self.dark)
        self.put("disc", (-0.2, 0), 0.8, 0.5)
        self.put("vesica", (0.08, 0.12), 0.26, 0.14, self.dark, angle=-0.35)
        self.put("disc", (-0.6, -0.1), 0.15, 0.15, self.apart(CREAM, NAVY))
        self.put(
            "disc", (-0.63, -0.1), 0.075, 0.075, INK if self.main != COLOURS["white"] else CREAM
        )

    def boat(self) -> None:
        self.put("vesica", (-0.12, -0.1), 0.9, 0.14, self.wood, angle=pi / 2)
        self.sail((-0.07, 0.33), 1.0, 1, self.main)
        self.sail((-0.17, 0.33), 0.66, -1, self.light)
        self.put("trapezoid", (0, 0.69), 1.0, 0.31, angle=pi, p=0.62)
        self.put("trapezoid", (0, 0.92), 0.68, 0.08, self.dark, angle=pi, p=0.88)

    def car(self) -> None:
        glass, tyre = self.apart(GLASS, NAVY), self.apart(TYRE, STEEL)
        self.put("trapezoid", (-0.08, -0.3), 0.66, 0.32, p=0.6)
        self.put("box", (0, 0.2), 1.0, 0.28, p=0.4)
        self.put("trapezoid", (-0.3, -0.28), 0.2, 0.17, glass, p=0.7)
        self.put("trapezoid", (0.14, -0.28), 0.2, 0.17, glass, p=0.7)
        self.put("box", (0.9, 0.12), 0.1, 0.09, self.apart(LAMP, CREAM))
        for side in (-0.54, 0.54):
            self.put("disc", (side, 0.42), 0.24, 0.24, tyre)
        self.put("disc", (-0.54, 0.42), 0.1, 0.1, SILVER)
        self.put("disc", (0.54, 0.42), 0.1, 0.1, SILVER)

    def rocket(self) -> None:
        self.put("wedge", (0, 0.74), 0.3, 0.26, self.apart(FLAME, CRIMSON), angle=pi)
        self.put("trapezoid", (0, 0.4), 0.7, 0.25, self.dark, p=0.3)
        self.put("vesica", (0, -0.2), 0.8, 0.62, angle=pi / 2)
        self.put("box", (0, 0.5), 0.28, 0.1)
        self.put("disc", (0, -0.26), 0.19, 0.19, self.apart(GLASS, NAVY))

    def mushroom(self) -> None:
        self.put("trapezoid", (0, 0.54), 0.38, 0.46, SKIN, p=0.72)
        self.put("dome", (0, 0.12), 1.0, 1.1)
        self.put("disc", (-0.5, -0.16), 0.19, 0.19, self.light)
        self.put("disc", (0.06, -0.56), 0.21, 0.21, self.light)
        self.put("disc", (0.54, -0.1), 0.16, 0.16, self.light)

    def cat(self) -> None:
        for side in (-1, 1):
            self.put("wedge", (0.62 * side, -0.48), 0.38, 0.48, angle=0.24 * side)
        self.put("disc", (0, 0.27), 1.0, 0.7)
        for side in (-1, 1):
            self.put("wedge", (0.62 * side, -0.42), 0.19, 0.25, self.dark, angle=0.24 * side)
            self.put("disc", (0.4 * side, 0.18), 0.11, 0.15, self.line)
        self.put("wedge", (0, 0.46), 0.11, 0.08, self.apart(ROSE, CRIMSON), angle=pi)

    def balloon(self) -> None:
        self.put("arch", (0, 0.56), 0.18, 0.18, self.wood, angle=pi / 2, p=0.45)
        self.put("arch", (0, 0.84), 0.18, 0.18, self.wood, angle=-pi / 2, p=0.45)
        self.put("wedge", (0, 0.34), 0.16, 0.12, self.dark)
        self.put("disc", (0, -0.36), 0.56, 0.64)
        self.put("disc", (-0.2, -0.6), 0.12, 0.18, self.light, angle=0.4)

    def mountain(self) -> None:
        snow = self.apart(SNOW, (120, 160, 210))
        self.put("wedge", (0.46, 0.28), 0.54, 0.5, self.dark)
        self.put("wedge", (-0.22, 0.0), 0.78, 0.78)
        self.put("wedge", (-0.22, -0.51), 0.27, 0.27, snow)

    def sun(self) -> None:
        for turn in range(4):
            self.put("vesica", (0, 0), 1.0, 0.24, self.dark, angle=turn * pi / 4)
        self.put("disc", (0, 0), 0.58, 0.58)
        for side in (-0.2, 0.2):
            self.put("disc", (side, -0.1), 0.07, 0.09, self.line)
        self.put("arch", (0, 0.08), 0.26, 0.26, self.line, angle=pi, p=0.3)

    def snowman(self) -> None:
        hat = self.apart(TYRE, STEEL)
        self.put("disc", (0, 0.48), 0.56, 0.52)
        self.put("disc", (0, -0.3), 0.4, 0.38)
        self.put("box", (0, 0.03), 0.36, 0.09, self.apart(CRIMSON, NAVY, GOLD), p=0.6)
        self.put("box", (0, -0.82), 0.26, 0.18, hat)
        self.put("box", (0, -0.6), 0.44, 0.1, hat)
        for side in (-0.15, 0.15):
            self.put("disc", (side, -0.36), 0.06, 0.06, self.line)
        self.put("wedge", (0.12, -0.2), 0.07, 0.16, self.apart(FLAME, CREAM), angle=pi / 2)
        self.put("disc", (0, 0.44), 0.07, 0.07, self.line)

    def lantern(self) -> None:
        gold = self.apart(GOLD, CRIMSON)
        self.put("box", (0, -0.86), 0.08, 0.14, gold)
        self.put("box", (0, 0.6), 0.08, 0.24, gold)
        self.put("wedge", (0, 0.78), 0.22, 0.22, gold)
        self.put("disc", (0, -0.14), 1.0, 0.54)
        self.put("disc", (0, -0.14), 0.5, 0.54, ink=self.dark, stroke=0.045)
        self.put("box", (0, -0.66), 0.4, 0.1, gold)
        self.put("box", (0, 0.38), 0.4, 0.1, gold)

    def umbrella(self) -> None:
        self.put("box", (0, -0.87), 0.07, 0.12, self.wood)
        self.put("box", (0, 0.44), 0.06, 0.38, self.wood)
        self.put("arch", (-0.16, 0.78), 0.22, 0.22, self.wood, angle=pi, p=0.55)
        self.put("dome", (0, 0.06), 1.0, 0.9)
        self.put("dome", (0, 0.06), 0.28, 0.9, self.dark)


def composite_marks(name: str, colour: str, x: float, y: float, radius: float) -> list[Row]:
    """The marks of one composite, back to front.

    Parameters
    ----------
    name : str
        One of ``COMPOSITES``.
    colour : str
        Name of its main colour, one of ``palette.COLOURS``.
    x, y : float
        Centre in fractions of the width and the height.
    radius : float
        Half of its longer side in fractions of the picture's shorter side; from about 0.1 on
        all details are visible at 256 pixels.

    Returns
    -------
    list of list of float
        At most 9 rows of ``marks.COLUMNS`` numbers, all anchored at (x, y).

    Raises
    ------
    KeyError
        If there is no such composite or colour.
    """
    if name not in COMPOSITES:
        raise KeyError(f"There is no composite {name!r}; choose one of {', '.join(COMPOSITES)}.")
    drawing = _Drawing(colour, x, y, radius)
    getattr(drawing, name)()
    return drawing.rows
