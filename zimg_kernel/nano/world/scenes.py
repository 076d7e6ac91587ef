"""Scenes of the miniature's world, and their sampling from a seed.

A scene fixes some things and leaves others open: what is ``None`` is open, and no caption
mentions it. Positions are fractions of the width and the height, radii fractions of the
shorter side, so that one scene can be drawn at any size; both fall on the grid of :mod:`layout`.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from zimg_kernel.nano.draw.marks import SHAPES

from .composites import COMPOSITES
from .landscape import Landscape, sample_landscape
from .layout import PLACES, radius_on_grid
from .palette import BACKGROUND_NAMES, BACKGROUNDS, COLOURS, visible
from .signs import Sign, sample_sign
from .thing import Thing

__all__ = ["BACKGROUNDS", "BACKGROUND_NAMES", "COLOURS", "PLACES", "SHAPES", "Scene", "Thing"]

QUALITIES = ("fine", "blurred", "noisy", "poor")

FILLS = ("plain", "striped", "dotted", "outlined", "gradient", "neon")
SIZES = ("small", "large")

HELD_OUT = frozenset(
    {
        ("purple", "cross"),
        ("cyan", "crescent"),
        ("brown", "ring"),
        ("orange", "hexagon"),
        ("pink", "diamond"),
        ("gray", "heart"),
    }
)
"""Pairs of colour and shape (5 % of 120) that training never draws: they test binding."""


@dataclass(frozen=True)
class Scene:
    """Objects on a background, or a sign, or a landscape.

    ``relation`` is "left" or "above": the first thing is left of, or above, the second.
    ``background`` is None where open; :func:`backdrop` then chooses one that suits.
    """

    kind: str
    things: tuple[Thing, ...]
    background: str | None = None
    relation: str | None = None
    sign: Sign | None = None
    land: Landscape | None = None
    quality: str = "fine"


def backdrop(scene: Scene) -> str:
    """Name of the background to draw: the stated one, else paper (slate for white things)."""
    if scene.background is not None:
        return scene.background
    if any(t.fill == "neon" for t in scene.things):
        return "night"
    pale = any(not visible(t.colour, "paper") for t in scene.things)
    return "slate" if pale else "paper"


KINDS = {
    "single": 0.3,
    "two": 0.31,
    "two placed": 0.07,
    "two open": 0.05,
    "three": 0.08,
    "count": 0.17,
    "empty": 0.02,
}
"""Kinds of exact scenes and how often they are drawn; besides there are "sign" and "landscape"."""
MIX = {"exact": 0.55, "sign": 0.14, "landscape": 0.31}
"""Shares of the three worlds in training."""
POOR = 0.05
"""Share of pictures that are blurred or noisy, and say so."""
_LAYOUTS: dict[int, tuple[tuple[tuple[float, float], ...], ...]] = {
    1: (((0.5, 0.5),),),
    2: (((0.3125, 0.5), (0.6875, 0.5)),),
    3: (((0.5, 0.3125), (0.3125, 0.6875), (0.6875, 0.6875)),),
    4: (((0.3125, 0.3125), (0.6875, 0.3125), (0.3125, 0.6875), (0.6875, 0.6875)),),
    5: (((0.25, 0.25), (0.75, 0.25), (0.5, 0.5), (0.25, 0.75), (0.75, 0.75)),),
}
_COUNT_RADIUS = {1: 0.25, 2: 0.16, 3: 0.15, 4: 0.15, 5: 0.125}


def _radius(crowd: str, size: str | None) -> float:
    """The radius of a lone, a placed, a paired or a packed (three in a row) object, on the grid."""
    middle = {"lone": 0.26, "placed": 0.18, "paired": 0.17, "packed": 0.125}[crowd]
    scale = {None: 1.0, "small": 0.56, "large": {"lone": 1.38, "packed": 1.15}.get(crowd, 1.24)}
    return radius_on_grid(middle * scale[size])


class _Spot(NamedTuple):
    x: float
    y: float
    radius: float
    place: str | None
    size: str | None


def _pairs(
    rng: random.Random, n: int, unseen: bool | None, composites: float
) -> list[tuple[str, str]]:
    """Draw n different (colour, shape) pairs; a third of the time they share one of the two."""

    def noun() -> str:
        return rng.choice(COMPOSITES if rng.random() < composites else SHAPES)

    while True:
        out = [(rng.choice(tuple(COLOURS)), noun()) for _ in range(n)]
        if n > 1 and rng.random() < 0.3:
            shared = rng.randrange(2)
            out = [(out[0][0], p[1]) if shared else (p[0], out[0][1]) for p in out]
        held = [p in HELD_OUT for p in out]
        if len(set(out)) == n and (not any(held) if unseen is not True else all(held)):
            return out


def sample_scene(
    rng: random.Random,
    kind: str | None = None,
    *,
    details: bool = True,
    unseen: bool | None = None,
    placed: bool | None = None,
    composites: float | None = None,
) -> Scene:
    """Draw an exact scene: objects on a background.

    Parameters
    ----------
    rng : random.Random
        The only source of randomness.
    kind : str, optional
        One of ``KINDS``; drawn by their weights when None.
    details : bool
        Whether backgrounds, sizes, fills and open colours may occur.
    unseen : bool, optional
        True: only pairs of ``HELD_OUT``; otherwise never one of them.
    placed : bool, optional
        For single objects: whether a place is stated; drawn when None.
    composites : float, optional
        How often an object is a composite such as a house; by default 0.35 with details, else 0.
    """
    share = (0.35 if details else 0.0) if composites is None else composites
    kind = kind or rng.choices(tuple(KINDS), tuple(KINDS.values()))[0]
    relation: str | None = None
    if kind == "empty":
        return Scene(kind, (), rng.choice([b for b in BACKGROUND_NAMES if b != "slate"][1:]))

    def size() -> str | None:
        return rng.choice(SIZES) if details and rng.random() < 0.16 else None

    spots: list[_Spot] = []
    if kind == "single":
        named = rng.random() < 0.5 if placed is None else placed
        place = rng.choice(tuple(PLACES)) if named else None
        x, y = PLACES[place or "center"]
        s = size()
        crowd = "lone" if place in (None, "center") else "placed"
        spots = [_Spot(x, y, _radius(crowd, s), place, s)]
    elif kind == "two":
        relation = rng.choice(("left", "above"))
        ends = ("left", "right") if relation == "left" else ("top", "bottom")
        for end in ends:
            s = size()
            spots.append(_Spot(*PLACES[end], _radius("paired", s), None, s))
    elif kind == "two placed":
        while True:
            first, second = rng.sample(tuple(PLACES), 2)
            if math.dist(PLACES[first], PLACES[second]) > 0.4:
                break
        for place in (first, second):
            s = size()
            spots.append(_Spot(*PLACES[place], _radius("paired", s), place, s))
    elif kind == "two open":
        for x in (0.25, 0.75):
            s = size()
            spots.append(_Spot(x, 0.5, _radius("paired", s), None, s))
    elif kind == "three":
        relation = rng.choice((None, "left", "left", "above"))
        for v in (0.1875, 0.5, 0.8125):
            x, y = (0.5, v) if relation == "above" else (v, 0.5)
            spots.append(_Spot(x, y, _radius("packed", None), None, None))
    else:
        n = rng.randint(1, 5)
        s = size() if n == 1 else None
        lone = _radius("lone", s)
        for x, y in rng.choice(_LAYOUTS[n]):
            r = lone if n == 1 else radius_on_grid(_COUNT_RADIUS[n])
            spots.append(_Spot(x, y, r, None, s))
    pairs = _pairs(rng, 1 if kind == "count" else len(spots), unseen, share)
    pairs = pairs * len(spots) if kind == "count" else pairs
    colour_named = not (details and kind in ("single", "count") and rng.random() < 0.1)
    shape_named = not (details and colour_named and kind == "single" and rng.random() < 0.06)
    basic = all(shape in SHAPES for _, shape in pairs)
    fill = "plain"
    if details and kind in ("single", "two") and basic and rng.random() < 0.2:
        fill = rng.choice(FILLS[1:])
    background = None
    if details and fill == "plain" and rng.random() < 0.42:
        fits = [
            b
            for b in BACKGROUND_NAMES
            if b not in ("paper", "slate") and all(visible(c, b) for c, _ in pairs)
        ]
        background = rng.choice(fits) if fits else None
    things = tuple(
        Thing(
            shape, colour, x, y, r, place, s, fill, colour_named, shape_named or shape not in SHAPES
        )
        for (colour, shape), (x, y, r, place, s) in zip(pairs, spots, strict=True)
    )
    scene = Scene(kind, things, background, relation)
    if all(visible(t.colour, backdrop(scene), 0.3) for t in things):
        return scene
    return sample_scene(
        rng, kind, details=details, unseen=unseen, placed=placed, composites=composites
    )


def sample_sign_scene(rng: random.Random, *, details: bool = True, **options: Any) -> Scene:
    """Draw a scene with a sign: alone, on a background, or under an object.

    ``options`` go to :func:`signs.sample_sign`.
    """
    sign = sample_sign(rng, details=details, **options)
    background = None
    if details and rng.random() < 0.3:
        background = rng.choice([b for b in BACKGROUND_NAMES if b not in ("paper", "slate")])
    alone = sign.place or sign.vertical or rng.random() > 0.2
    if alone or not details:
        return Scene("sign", (), background, sign=sign)
    scene = sample_scene(rng, "single", placed=False)
    thing = replace(scene.things[0], x=0.5, y=0.3125, size=None, radius=0.1875, colour_named=True)
    if thing.fill != "plain" or not visible(thing.colour, scene.background or "paper"):
        return sample_sign_scene(rng, details=details, **options)
    sign = replace(sign, x=0.5, y=0.78)
    return Scene("sign", (thing,), scene.background, sign=sign)


def sample_landscape_scene(rng: random.Random, style: str | None = None) -> Scene:
    """Draw a landscape in some style, or in the style asked for."""
    return Scene("landscape", (), land=sample_landscape(rng, style))


def sample(rng: random.Random) -> Scene:
    """Draw any scene of the world, as training does."""
    world = rng.choices(tuple(MIX), tuple(MIX.values()))[0]
    if world == "sign":
        scene = sample_sign_scene(rng)
    else:
        scene = sample_scene(rng) if world == "exact" else sample_landscape_scene(rng)
    if rng.random() < POOR:
        scene = replace(scene, quality=rng.choice(QUALITIES[1:]))
    return scene
