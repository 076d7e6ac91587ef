"""Drawing surface of plots: SVG with axes, whose ink is the text colour of the page around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

COLOURS = ("#3b82f6", "#e0701a", "#16a34a", "#a855f7", "#d6336c", "#0e9aa7", "#8a7a00", "#7c7f86")
"""One a series, in turn. Each has a contrast of at least 3:1 with white and with #111 (WCAG 2.2,
success criterion 1.4.11)."""
WIDTH = 640  # px
_CHAR = 6.3  # px, mean width of a letter of 12 px


def nice_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers that span a range, at steps of 1, 2 or 5 times a power of ten.

    P. S. Heckbert, "Nice numbers for graph labels", Graphics Gems (1990).
    """
    if not high > low:
        high = low + (abs(low) or 1.0)
    rough = (high - low) / max(1, most - 1)
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(s * scale for s in (1, 2, 5, 10) if s * scale >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def number(value: float) -> str:
    """Return a number for an axis, without needless digits."""
    return f"{value:.6g}"


def text_width(text: str, size: float = 12) -> float:
    """Return the width of a text in px, about; Chinese characters are squares."""
    return sum(size if ord(char) > 0x2E7F else _CHAR * size / 12 for char in text)


class Canvas:
    """An SVG picture that says what it shows.

    Parameters
    ----------
    title : str
        What is drawn; also its accessible name.
    height : float
        px; the width is :data:`WIDTH`.
    left, right, top, bottom : float
        Margins around the plot, px.
    """

    def __init__(
        self,
        title: str,
        height: float,
        *,
        left: float = 60,
        right: float = 20,
        top: float = 34,
        bottom: float = 46,
    ) -> None:
        self.height = height
        self.left, self.right = left, WIDTH - right
        self.top, self.bottom = top, height - bottom
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH} {height:g}",
                "width": str(WIDTH),
                "role": "img",
                "aria-label": title,
                "style": "max-width:100%;height:auto;color:inherit",
                "font-family": "system-ui,sans-serif",
                "font-size": "12",
                "fill": "currentColor",
            },
        )
        ET.SubElement(self.root, "title").text = title
        self._x = self._y = (0.0, 1.0)

    def add(self, kind: str, tip: str = "", **attributes: Any) -> ET.Element:
        """Add an element; ``_`` in the names of attributes stands for ``-``."""
        found = {name.replace("_", "-"): _plain(value) for name, value in attributes.items()}
        element = ET.SubElement(self.root, kind, found)
        if tip:
            ET.SubElement(element, "title").text = tip
        return element

    def text(self, words: str, x: float, y: float, anchor: str = "start", **more: Any) -> None:
        """Write words."""
        self.add("text", x=x, y=y, text_anchor=anchor, **more).text = words

    def line(self, x1: float, y1: float, x2: float, y2: float, **more: Any) -> None:
        """Draw a line; by default a faint one."""
        style = {"stroke": "currentColor", "stroke_opacity": 0.18, **more}
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **style)

    def scale(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Set the ranges of both axes."""
        self._x, self._y = x, y

    def x(self, value: float) -> float:
        """Return the place of a value in px from the left."""
        low, high = self._x
        return self.left + (value - low) / ((high - low) or 1) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Return the place of a value in px from the top."""
        low, high = self._y
        return self.bottom - (value - low) / ((high - low) or 1) * (self.bottom - self.top)

    def x_axis(self, ticks: Sequence[float], label: str) -> None:
        """Draw vertical grid lines with their numbers below."""
        for tick in ticks:
            self.line(self.x(tick), self.top, self.x(tick), self.bottom)
            self.text(number(tick), self.x(tick), self.bottom + 16, "middle")
        self.text(label, (self.left + self.right) / 2, self.height - 8, "middle")

    def y_axis(self, ticks: Sequence[float], label: str) -> None:
        """Draw horizontal grid lines with their numbers at the left; the label stands above."""
        for tick in ticks:
            self.line(self.left, self.y(tick), self.right, self.y(tick))
            self.text(number(tick), self.left - 8, self.y(tick) + 4, "end")
        self.text(label, 4, 14)

    def legend(self, names: Sequence[str], y: float = 14) -> None:
        """Write the names of the series in their colours, from the right."""
        x = float(self.right)
        for place, name in reversed(list(enumerate(names))):
            x -= text_width(name)
            self.text(name, x, y)
            x -= 14
            mark(self, place, x + 5, y - 4)
            x -= 12

    def __str__(self) -> str:
        return ET.tostring(self.root, encoding="unicode")


def mark(canvas: Canvas, place: int, x: float, y: float, tip: str = "", size: float = 4) -> None:
    """Draw the mark of a series: colour and shape both tell it from the others."""
    colour = COLOURS[place % len(COLOURS)]
    style = {"fill": colour, "fill_opacity": 0.85}
    if place % 4 == 0:
        canvas.add("circle", tip, cx=x, cy=y, r=size, **style)
    elif place % 4 == 1:
        canvas.add("rect", tip, x=x - size, y=y - size, width=2 * size, height=2 * size, **style)
    elif place % 4 == 2:
        points = f"{x:.1f},{y - size - 1:.1f} {x + size + 1:.1f},{y + size:.1f} "
        canvas.add("polygon", tip, points=points + f"{x - size - 1:.1f},{y + size:.1f}", **style)
    else:
        d = size + 1
        points = f"{x:.1f},{y - d:.1f} {x + d:.1f},{y:.1f} {x:.1f},{y + d:.1f} {x - d:.1f},{y:.1f}"
        canvas.add("polygon", tip, points=points, **style)


def _plain(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
