"""Colours and backgrounds of the miniature's world, and their contrast."""

from __future__ import annotations

import math
from dataclasses import dataclass

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "red": (220, 38, 38),
    "orange": (245, 130, 32),
    "yellow": (250, 204, 21),
    "green": (34, 160, 70),
    "cyan": (34, 200, 215),
    "blue": (37, 90, 220),
    "purple": (130, 60, 190),
    "pink": (250, 130, 180),
    "brown": (125, 75, 40),
    "black": (24, 24, 28),
    "white": (252, 252, 252),
    "gray": (140, 142, 148),
}


@dataclass(frozen=True)
class Background:
    """Two vertical gradients that meet at ``horizon`` (1.0: only the upper one)."""

    top: RGB
    bottom: RGB
    ground_top: RGB = (0, 0, 0)
    ground_bottom: RGB = (0, 0, 0)
    horizon: float = 1.0
    chequered: bool = False

    def colours(self) -> tuple[RGB, ...]:
        """All end colours that are visible."""
        ground = (self.ground_top, self.ground_bottom) if self.horizon < 1 else ()
        return (self.top, self.bottom, *ground)


def _plain(rgb: RGB) -> Background:
    return Background(rgb, rgb)


BACKGROUNDS: dict[str, Background] = {
    "paper": Background((250, 249, 246), (240, 238, 232)),
    "slate": Background((62, 76, 102), (52, 66, 92)),
    **{f"plain {name}": _plain(rgb) for name, rgb in COLOURS.items()},
    "light gray": _plain((214, 216, 220)),
    "beige": _plain((240, 228, 205)),
    "light blue": _plain((196, 222, 246)),
    "light green": _plain((205, 234, 205)),
    "light pink": _plain((252, 220, 228)),
    "light yellow": _plain((253, 245, 200)),
    "dark blue": _plain((22, 32, 74)),
    "sky": Background((128, 190, 248), (220, 238, 255)),
    "night": Background((12, 16, 48), (44, 48, 104)),
    "sunset": Background((92, 60, 130), (250, 170, 110)),
    "sea": Background((205, 230, 250), (235, 244, 252), (70, 150, 205), (28, 88, 160), 0.62),
    "grass": Background((190, 222, 250), (232, 244, 255), (140, 200, 96), (84, 160, 64), 0.62),
    "snow": Background((150, 180, 214), (200, 218, 236), (250, 252, 255), (226, 234, 244), 0.62),
    "chequered": Background((238, 240, 244), (206, 212, 222), chequered=True),
}
BACKGROUND_NAMES = tuple(BACKGROUNDS)


def contrast(a: RGB, b: RGB) -> float:
    """Euclidean distance of two colours in RGB scaled to 0..1 (0 to 1.73)."""
    return math.dist(a, b) / 255


def visible(colour: str, background: str, least: float = 0.42) -> bool:
    """Return whether an object of this colour stands out from all of the background."""
    return all(contrast(COLOURS[colour], c) >= least for c in BACKGROUNDS[background].colours())
