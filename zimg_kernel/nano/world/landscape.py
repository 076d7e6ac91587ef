"""Landscapes of the miniature's world, and their sampling."""

from __future__ import annotations

import random
from dataclasses import dataclass

STYLES = ("flat", "ink", "neon", "pixel", "sketch", "papercut")
TIMES = ("day", "dusk", "night")
GROUNDS = ("mountains", "hills", "lake", "sea", "city")
"""Every scene has at least one of these."""

PLANTS = ("trees", "pines", "bamboo", "flowers")
BUILDINGS = ("house", "pagoda")
ON_WATER = ("bridge", "boat")
SKY = ("sun", "moon", "stars", "clouds", "birds", "rain", "snow")
ELEMENTS = (*GROUNDS, *PLANTS, *BUILDINGS, *ON_WATER, "lanterns", *SKY)

AFTER_DARK = ("moon", "stars")
"""A caption that names one of these need not say that it is night."""

_EXCLUDES = (
    ("sun", "moon"),
    ("sun", "rain"),
    ("sun", "snow"),
    ("sun", "stars"),
    ("stars", "rain"),
    ("stars", "snow"),
    ("stars", "clouds"),
    ("moon", "rain"),
    ("rain", "snow"),
    ("rain", "birds"),
    ("snow", "birds"),
    ("snow", "flowers"),
    ("snow", "moon"),
    ("snow", "bamboo"),
    ("lake", "sea"),
    ("city", "hills"),
    ("city", "house"),
    ("city", "pines"),
    ("city", "bamboo"),
    ("city", "pagoda"),
    ("city", "flowers"),
    ("lanterns", "flowers"),
    ("lanterns", "clouds"),
    ("pagoda", "flowers"),
    ("bamboo", "flowers"),
    ("bamboo", "pagoda"),
    ("city", "bridge"),
    ("sea", "bridge"),
    ("sea", "bamboo"),
    ("bridge", "flowers"),
    ("bamboo", "lanterns"),
    ("house", "pagoda"),
    ("trees", "pines"),
    ("trees", "bamboo"),
    ("pines", "bamboo"),
)
"""Pairs that contradict each other or crowd the picture."""

_AVOID = {e: {b for p in _EXCLUDES if e in p for b in p if b != e} for e in ELEMENTS}
_WEIGHTS = {"house": 1.3, "pagoda": 1.5, "boat": 2.2, "bridge": 6.0, "bamboo": 1.8}
_WEIGHTS |= {"sun": 1.8, "moon": 2.4, "stars": 3.5, "clouds": 0.8, "flowers": 1.2}
_SECOND: dict[str, tuple[str, ...]] = {
    "lake": ("mountains", "mountains", "hills"),
    "hills": ("mountains",),
    "mountains": ("lake", "hills"),
    "sea": ("mountains", "city"),
    "city": ("sea", "lake"),
}


@dataclass(frozen=True)
class Landscape:
    """A scene.

    Attributes
    ----------
    style, time : str
        One of ``STYLES`` and of ``TIMES``.
    elements : tuple of str
        Two to five of ``ELEMENTS`` in their order there, at least one of them a ground.
    seed : int
        Decides what the caption leaves open: the light of the sky, where skylines and hills begin.
    style_named, time_named : bool
        Whether the caption names them. A style that is not named is flat; a time that is not
        named is day, or night where an element of ``AFTER_DARK`` implies it.
    """

    style: str
    time: str
    elements: tuple[str, ...]
    seed: int
    style_named: bool
    time_named: bool


def contradictions(scene: Landscape) -> list[str]:
    """Return what in a scene cannot go together, in words; empty for a sensible one."""
    has = set(scene.elements)
    found = [f"{a} with {b}" for a, b in _EXCLUDES if a in has and b in has]
    if not has & set(GROUNDS):
        found.append("no ground")
    if "boat" in has and not has & {"lake", "sea"}:
        found.append("boat without water")
    if "bridge" in has and "lake" not in has:
        found.append("bridge without lake")
    allowed = {"sun": ("day", "dusk"), "moon": ("dusk", "night"), "stars": ("night",)}
    found += [
        f"{e} by {scene.time}" for e, t in allowed.items() if e in has and scene.time not in t
    ]
    return found


def _fits(name: str, has: list[str], time: str) -> bool:
    if name in has or not _AVOID[name].isdisjoint(has):
        return False
    if name == "boat":
        return "lake" in has or "sea" in has
    if name == "bridge":
        return "lake" in has
    if name == "sun":
        return time != "night"
    if name == "moon":
        return time != "day"
    return name != "stars" or time == "night"


def sample_landscape(rng: random.Random, style: str | None = None) -> Landscape:
    """A sensible scene.

    Parameters
    ----------
    rng : random.Random
    style : str, optional
        One of ``STYLES``; without it, each is equally likely.

    Returns
    -------
    Landscape
    """
    style = style or rng.choice(STYLES)
    later = (0.4, 0.65) if style == "neon" else (0.5, 0.75)
    lot = rng.random()
    time = "day" if lot < later[0] else "dusk" if lot < later[1] else "night"
    ground = rng.choice(GROUNDS)
    has = [ground]
    more = rng.choice((1, 1, 2, 2, 2, 3, 3, 4))
    if rng.random() < 0.4:
        has.append(rng.choice(_SECOND[ground]))
    while len(has) <= more:
        fits = [e for e in ELEMENTS if e not in GROUNDS and _fits(e, has, time)]
        if not fits:
            break
        has.append(rng.choices(fits, [_WEIGHTS.get(e, 1.0) for e in fits])[0])
    elements = tuple(e for e in ELEMENTS if e in has)
    implied = time == "day" or (time == "night" and any(e in has for e in AFTER_DARK))
    return Landscape(
        style=style,
        time=time,
        elements=elements,
        seed=rng.getrandbits(31),
        style_named=style != "flat" or rng.random() < 0.4,
        time_named=not implied or rng.random() < (0.25 if time == "day" else 0.7),
    )


def is_pixel(scene: Landscape) -> bool:
    """Return whether the renderer has to paint the scene on its coarse grid."""
    return scene.style == "pixel"
