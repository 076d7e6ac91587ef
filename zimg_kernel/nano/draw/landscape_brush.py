"""The brush of landscapes: turns shapes into marks in six styles and three times of day."""

from __future__ import annotations

import random
from typing import Any

from zimg_kernel.nano.world.landscape import Landscape
from zimg_kernel.nano.world.palette import RGB

from .marks import BANDS, HATCHED, PLAIN, Row, mark

MOOD = 0.12
"""How far at most a seed moves the colours of the sky, towards warm or cool light.

This and :meth:`Brush.phase` are all that a seed moves in a landscape. What stood here or there for
the same words, a small model drew in both places at once: towers with two spires, boats with two
masts.
"""
_WARM, _COOL = (255, 176, 120), (96, 150, 230)
MOST = 40
"""Marks of a scene at most."""

_ROLES = (
    *("far", "peak", "cap", "hill", "ground", "water", "deep", "leaf", "pine", "trunk", "wall"),
    *("roof", "lit", "stone", "hull", "sail", "sun", "moon", "cloud", "bird", "red", "gold"),
    *("petal", "star", "tower", "back"),
)


def _rgb(code: int) -> RGB:
    return code >> 16, code >> 8 & 255, code & 255


def _table(codes: str) -> dict[str, RGB]:
    return {r: _rgb(int(c, 16)) for r, c in zip(_ROLES, codes.split(), strict=True)}


_FLAT = _table(
    "a9c3dd 5f83b0 f6faff 8cc97a 5aa866 6fbfe0 2f7fb8 3f9d5c 2b7f5b 7d5233 fbeed6 d9593f "
    "6db4d8 a89b8c b5482f fffaf0 ffcf4a fff3c4 ffffff 33415c e23b36 f7c24b f2719b ffffff "
    "6f86ad a3b8d3"
)
_INK = _table(
    "b9b6af 4a4a4a f2eee2 a3a099 6e6c68 dcd8cd b4b1a8 56564f 2e2e2c 2b2a28 d6d2c6 343331 "
    "e6e2d6 6a6864 2a2927 f1ede0 c4362b f7f3e6 f4f0e6 2a2927 b8382e 2a2927 c4584e f7f3e6 "
    "5d5b57 a5a29a"
)
_NEON = _table(
    "7a4dff 22d9ff ffffff b04dff ff4fc8 22d9ff 5a6bff 3dffa2 3dffa2 ff9a4d ff4fc8 ffe14d "
    "ffe14d ff9a4d ffe14d ff4fc8 ffb02e fff6a8 8fb8ff ffffff ff4d6d ffe14d ff6fd8 ffffff "
    "22d9ff 8f4dff"
)
_PIXEL = _table(
    "8fb4e0 4d6fa8 ffffff 7cc75a 3f9a4a 4fb3e8 2a78c8 2f9440 1f7550 7a4a2a ffe9c4 d8432f "
    "58a8e0 a09888 9a3b26 fff6e0 ffcc33 fff0b0 ffffff 24304c e8302c ffc833 ff5f98 ffffff "
    "58709c 8aa4cc"
)
_CUT = _table(
    "f0a868 c8402f fdeccb e07a3a 1f7f7d 3fa8a0 1f7a80 147068 0e5a5c 6b2b20 fdeccb b52a25 "
    "f5c04a d89a58 8f1f20 fdeccb f5b83d fbe3a0 fff8e8 7a1f20 d42a28 f5b83d e5484a fbe3a0 "
    "c8402f e88a50"
)
_PALETTES = {"flat": _FLAT, "ink": _INK, "neon": _NEON, "pixel": _PIXEL, "papercut": _CUT}
_SKIES: dict[str, dict[str, tuple[int, int]]] = {
    "flat": {
        "day": (0x79BFEF, 0xE6F4FB),
        "dusk": (0x6A4C93, 0xFFB27D),
        "night": (0x101845, 0x46589E),
    },
    "ink": {
        "day": (0xF3EEE1, 0xEDE7D8),
        "dusk": (0xC9C2B4, 0xF0E9DA),
        "night": (0x77777A, 0xC6C2B8),
    },
    "neon": {
        "day": (0x1B1452, 0x4A2488),
        "dusk": (0x2E0B52, 0xA02A78),
        "night": (0x07061C, 0x1D1450),
    },
    "pixel": {
        "day": (0x5CAAF0, 0xC4E6FA),
        "dusk": (0x5A3F8C, 0xFFA868),
        "night": (0x0E1440, 0x3C4A94),
    },
    "sketch": {
        "day": (0xF7F4EC, 0xF7F4EC),
        "dusk": (0xE2DFD7, 0xF2EFE6),
        "night": (0xA9A9AC, 0xD6D4CE),
    },
    "papercut": {
        "day": (0xFBE3B4, 0xFDF0D4),
        "dusk": (0xE8743C, 0xF8BE6A),
        "night": (0x10304F, 0x1F5570),
    },
}
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
        table = _PALETTES.get(scene.style, _FLAT)
        _COLOURS[key] = {r: _lit(r, c, scene) for r, c in table.items()}
    return _COLOURS[key]


class Brush:
    """Turns shapes into marks in the style of a scene."""

    def __init__(self, scene: Landscape) -> None:
        self.style, self.time, self.has = scene.style, scene.time, set(scene.elements)
        self.colours = _colours(scene)
        top, low = _SKIES[scene.style][scene.time]
        self.top, self.low = _rgb(top), _rgb(low)
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
        """Where a skyline or a wave begins: one of four."""
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
