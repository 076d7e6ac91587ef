"""The brush of landscapes: turns shapes into marks in six styles and three times of day."""

from __future__ import annotations

import random
from typing import Any

from zimg_kernel.nano.tables import Words, read_tables
from zimg_kernel.nano.world.landscape import Landscape
from zimg_kernel.nano.world.palette import RGB

from .marks import BANDS, HATCHED, PLAIN, Row, mark

MOOD = 0.12
"""Largest share by which a seed moves the colours of the sky, towards warm or cool light.

This and :meth:`Brush.phase` are all that a seed moves in a landscape. What stood here or there for
the same words, a small model drew in both places at once: towers with two spires, boats with two
masts.
"""
_WARM, _COOL = (255, 176, 120), (96, 150, 230)
MOST = 40
"""Marks of a scene at most."""


def _rgb(code: str) -> RGB:
    red, green, blue = bytes.fromhex(code)
    return red, green, blue


_TABLES = read_tables(__file__, "landscape_colours.yaml")
_PALETTES: dict[str, dict[str, RGB]] = {
    style: {role: _rgb(code) for role, (code,) in palette.items()}
    for style, palette in _TABLES["palettes"].items()
}
_SKIES: dict[str, Words] = _TABLES["skies"]
_COST = {"flowers": 15, "lanterns": 12, "pines": 12, "bamboo": 14, "pagoda": 10, "trees": 9}
_COST |= {"city": 9, "mountains": 7, "clouds": 6, "birds": 6, "sea": 6, "house": 5}
"""Marks that an element takes; where there are too many, it is painted with fewer."""

_SHINING = {"lit", "sun", "moon", "red", "gold", "star"}
_WIDE = {"far", "peak", "hill", "ground", "water", "deep", "back", "cloud", "tower"}
_SNOWY = {"far", "peak", "hill", "ground", "roof", "leaf", "pine"}
PAPER, GRAPHITE = (247, 244, 236), (74, 74, 80)
SEAL = (190, 44, 36)


def mix(a: RGB, b: RGB, t: float) -> RGB:
    """The colour at a share t of the way from a to b."""
    return (
        round(a[0] + (b[0] - a[0]) * t),
        round(a[1] + (b[1] - a[1]) * t),
        round(a[2] + (b[2] - a[2]) * t),
    )


def _lit(role: str, rgb: RGB, scene: Landscape) -> RGB:
    """A colour by daylight as it looks at the time of the scene."""
    if role == "lit" and scene.time != "day" and scene.style not in ("ink", "sketch"):
        return 255, 214, 102
    wide = role in _WIDE
    if role == "bird" and scene.style != "ink":
        rgb = (214, 220, 240) if scene.time == "night" else mix(rgb, (30, 20, 40), 0.5)
        return rgb if scene.style != "neon" else (255, 255, 255)
    if role not in _SHINING and scene.time != "day" and scene.style != "neon":
        if scene.style == "ink":
            rgb = mix(rgb, (40, 40, 42), 0.12 if scene.time == "dusk" else 0.2)
        elif scene.time == "dusk":
            weak = 0.5 if scene.style == "papercut" else 1.0
            rgb = mix(rgb, (122, 58, 104), (0.42 if wide else 0.22) * weak)
        else:
            weak = 0.85 if scene.style == "papercut" else 1.0
            rgb = mix(rgb, (20, 30, 84), (0.6 if wide else 0.34) * weak)
    if "snow" in scene.elements and role in _SNOWY and scene.style != "neon":
        light = (248, 250, 255) if scene.time != "night" else (186, 198, 226)
        light = (232, 230, 224) if scene.style == "ink" else light
        rgb = mix(rgb, light, 0.35 if role in ("leaf", "pine", "peak", "roof") else 0.8)
    return rgb


_COLOURS: dict[tuple[str, str, bool], dict[str, RGB]] = {}


def _colours(scene: Landscape) -> dict[str, RGB]:
    key = scene.style, scene.time, "snow" in scene.elements
    if key not in _COLOURS:
        table = _PALETTES.get(scene.style, _PALETTES["flat"])
        _COLOURS[key] = {r: _lit(r, c, scene) for r, c in table.items()}
    return _COLOURS[key]


class Brush:
    """Conversion of shapes to marks in the style of a scene."""

    def __init__(self, scene: Landscape) -> None:
        self.style, self.time, self.has = scene.style, scene.time, set(scene.elements)
        self.colours = _colours(scene)
        self.top, self.low = map(_rgb, _SKIES[scene.style][scene.time])
        if self.has & {"rain", "snow"} and scene.style in ("flat", "pixel"):
            self.top = mix(self.top, (120, 128, 146), 0.6)
            self.low = mix(self.low, (176, 184, 198), 0.5)
        elif self.has & {"rain", "snow"} and scene.style == "ink":
            self.top = mix(self.top, (138, 138, 140), 0.6)
            self.low = mix(self.low, (170, 170, 168), 0.35)
        self.rows: list[tuple[bool, Row]] = []
        self.rng = random.Random(scene.seed)
        light, much = self.rng.choice((_WARM, _COOL)), self.rng.uniform(0, MOOD)
        if scene.style != "sketch":  # whose paper is always the same
            self.top, self.low = mix(self.top, light, much), mix(self.low, light, much)
        self.crowded = len(self.has) > 4 or sum(_COST.get(e, 4) for e in self.has) > 29
        self.sun = (0.64, 0.15) if "bamboo" in self.has else (0.24, 0.21)

    def phase(self) -> float:
        """Return the start of a skyline or a wave: one of four phases."""
        return self.rng.randrange(4) * 1.5

    def raw(self, *args: Any, extra: bool = False, **options: Any) -> None:
        """A mark as it is; ``extra`` ones go first when there are too many."""
        self.rows.append((extra, mark(*args, **options)))

    def put(
        self,
        kind: str,
        x: float,
        y: float,
        rx: float,
        ry: float,
        role: str,
        *,
        low: str | None = None,
        dx: float = 0.0,
        dy: float = 0.0,
        angle: float = 0.0,
        p: float = 0.0,
        shade: bool = False,
        windows: bool = False,
        bare: bool = False,
        paint: RGB | None = None,
    ) -> None:
        """One shape in the scene's style.

        Parameters
        ----------
        kind, x, y, rx, ry, dx, dy, angle, p
            As for :func:`marks.mark`.
        role, low : str
            Colour at the top and (if given) at the bottom.
        shade : bool
            Hatched in a sketch.
        windows : bool
            With rows of lit windows.
        bare : bool
            Without shadow, glow and outline: a small part of something larger.
        paint : tuple of int, optional
            A colour instead of the role's.
        """
        c, style = paint or self.colours[role], self.style
        foot = self.colours[low] if low else c
        place: dict[str, Any] = {"dx": dx, "dy": dy, "angle": angle, "p": p}
        look: dict[str, Any] = {"bottom": foot}
        if windows:
            lamp = self.colours["lit"]
            look |= {"pattern": 2, "ink": lamp if self.time != "day" else mix(c, lamp, 0.5)}
        if style == "flat":
            look["bottom"] = foot if low else mix(c, (30, 40, 80), 0.14)
        elif style == "pixel":
            look["bottom"] = c
        elif style == "ink":
            small = min(rx, ry) < 0.03
            look |= {"soft": 0.004 if small or bare else 0.012, "opacity": 0.92}
            if kind in BANDS:
                look |= {"opacity": 0.8, "fade": 0.12, "soft": 0.03}
            elif windows or role == "back":
                look |= {"fade": 0.25}
        elif style == "neon":
            if role == "back":
                c = mix(self._dark(c), c, 0.16)
                look["bottom"] = c
            elif not bare:
                glow = place | {"stroke": 0.006, "soft": 0.05, "ink": c, "ink_opacity": 0.55}
                self.raw(kind, x, y, rx, ry, c, opacity=0, extra=True, **glow)
                look = {"stroke": 0.0042, "ink": c, "bottom": self._dark(foot), "opacity": 0.94}
                if windows:
                    look |= {"pattern": 2}
                c = self._dark(c)
        elif style == "sketch":
            grey = mix(PAPER, (120, 120, 126), 0.0 if self.time == "day" else 0.12)
            dark = mix(grey, GRAPHITE, 0.85 if bare else 0.0)
            look = {"stroke": 0.0 if bare else 0.0032, "ink": GRAPHITE, "bottom": dark}
            look["pattern"] = 2 if windows else HATCHED if shade else PLAIN
            c = dark
        elif not bare:
            band = kind in BANDS
            drop = {**place, "dx": dx + 0.008, "dy": dy - 0.004 if band else dy + 0.012}
            self.raw(kind, x, y, rx, ry, (40, 10, 10), opacity=0.42, soft=0.03, extra=True, **drop)
            look["bottom"] = c
        self.raw(kind, x, y, rx, ry, c, **look, **place)

    def _dark(self, c: RGB) -> RGB:
        return mix(mix(self.top, self.low, 0.35), c, 0.08)

    def finish(self) -> list[Row]:
        """The marks, without as many of the extra ones as are too many."""
        over = len(self.rows) - MOST
        kept = []
        for extra, row in reversed(self.rows):
            if extra and over > 0:
                over -= 1
            else:
                kept.append(row)
        return kept[::-1]
