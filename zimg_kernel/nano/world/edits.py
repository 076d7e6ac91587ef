"""Edits of scenes: a source, an instruction, and the target with nothing else changed."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

from zimg_kernel.nano.draw.landscape_paint import landscape_marks
from zimg_kernel.nano.text.instructions import edit_instruction

from .landscape import STYLES, TIMES, Landscape, contradictions
from .layout import radius_on_grid
from .palette import BACKGROUND_NAMES, COLOURS, visible
from .scenes import (
    HELD_OUT,
    PLACES,
    SHAPES,
    Scene,
    Thing,
    backdrop,
    sample_landscape_scene,
    sample_scene,
    sample_sign_scene,
)
from .signs import sample_sign

EDITS = {
    "recolour": 0.2,
    "reshape": 0.12,
    "move": 0.12,
    "add": 0.14,
    "remove": 0.12,
    "resize": 0.06,
    "background": 0.12,
    "text": 0.06,
    "style": 0.04,
    "time": 0.02,
}
"""Kinds of edits and how often training draws them."""


@dataclass(frozen=True)
class SceneEdit:
    """One edit.

    ``index`` is the object that changes, among the source's (for "add": among the target's), or
    -1. ``change`` is what it becomes: a colour, shape, place, size, background, text, style or
    time.
    """

    kind: str
    source: Scene
    target: Scene
    index: int
    change: str
    instruction: str


def _pinned(scene: Scene) -> Scene:
    """The scene with its background stated, so that changing an object cannot change it."""
    return replace(scene, background=backdrop(scene))


def _free_places(scene: Scene, skip: int = -1) -> list[str]:
    others = [t for i, t in enumerate(scene.things) if i != skip]
    return [
        name
        for name, spot in PLACES.items()
        if all(math.dist(spot, (t.x, t.y)) > 0.2 + t.radius for t in others)
    ]


def _with(scene: Scene, index: int, **changes: object) -> Scene:
    things = list(scene.things)
    things[index] = replace(things[index], **changes)  # type: ignore[arg-type]
    return replace(scene, things=tuple(things))


def _fits(scene: Scene) -> bool:
    seen = [(t.colour, t.shape) for t in scene.things]
    ground = backdrop(scene)
    return (
        len(set(seen)) == len(seen)
        and not any(pair in HELD_OUT for pair in seen)
        and all(visible(t.colour, ground) for t in scene.things)
    )


def _base(rng: random.Random, kind: str, details: bool) -> Scene:
    """A source with room for the edit."""
    kinds: tuple[str, ...] = ("single", "single", "two", "two", "two placed", "three")
    if kind in ("move", "add", "resize"):
        kinds = ("single", "single", "two", "two placed")
    if kind == "remove":
        kinds = ("two", "two", "two placed", "three")
    while True:
        scene = sample_scene(rng, rng.choice(kinds), details=details)
        plain = all(t.fill == "plain" and t.size is None for t in scene.things)
        if plain and all(t.colour_named and t.shape_named for t in scene.things):
            scene = _pinned(scene)
            if _fits(scene):
                return scene


def _changed(
    rng: random.Random, kind: str, scene: Scene, index: int
) -> tuple[Scene, str, int] | None:
    """The target, what the object becomes and its index; None if this scene does not suit."""
    thing = scene.things[index]
    if kind == "recolour":
        colour = rng.choice([c for c in COLOURS if c != thing.colour])
        return _with(scene, index, colour=colour), colour, index
    if kind == "reshape":
        shape = rng.choice([s for s in SHAPES if s != thing.shape])
        return _with(scene, index, shape=shape), shape, index
    if kind == "move":
        places = _free_places(scene, index)
        places = [p for p in places if math.dist(PLACES[p], (thing.x, thing.y)) > 0.2]
        if not places or thing.radius > 0.3:
            return None
        place = rng.choice(places)
        x, y = PLACES[place]
        return _with(scene, index, x=x, y=y, radius=min(thing.radius, 0.1875)), place, index
    if kind == "resize":
        size = rng.choice(("small", "large"))
        if thing.radius > 0.2 and size == "large":
            return None
        factor = 1.4 if size == "large" else 0.6
        return (
            _with(scene, index, radius=radius_on_grid(thing.radius * factor)),
            size,
            index,
        )
    if kind == "add":
        if (
            len(scene.things) == 1
            and thing.radius > 0.2
            and math.dist((thing.x, thing.y), (0.5, 0.5)) < 0.1
        ):
            return None
        places = _free_places(scene)
        if not places:
            return None
        place = rng.choice(places)
        x, y = PLACES[place]
        shape = rng.choice(SHAPES)
        new = Thing(shape, rng.choice(tuple(COLOURS)), x, y, rng.choice((0.125, 0.15625)), place)
        return replace(scene, things=(*scene.things, new)), place, len(scene.things)
    if kind == "remove":
        left = tuple(t for i, t in enumerate(scene.things) if i != index)
        return replace(scene, things=left), "", index
    names = [b for b in BACKGROUND_NAMES if b not in ("paper", "slate", scene.background)]
    ground = rng.choice(names)
    return replace(scene, background=ground), ground, -1


def sample_edit(
    rng: random.Random, kind: str | None = None, lang: str | None = None, *, details: bool = True
) -> SceneEdit:
    """Draw an edit.

    Parameters
    ----------
    rng : random.Random
    kind : str, optional
        One of ``EDITS``; drawn by their weights when None.
    lang : {"zh", "en"}, optional
        Language of the instruction; drawn when None.
    details : bool
        Whether sources may have composites and backgrounds.
    """
    kind = kind or rng.choices(tuple(EDITS), tuple(EDITS.values()))[0]
    lang = lang or rng.choice(("zh", "en"))
    if kind in ("style", "time"):
        return _landscape_edit(rng, kind, lang)
    if kind == "text":
        source = sample_sign_scene(rng)
        assert source.sign is not None
        text = sample_sign(rng, most=4).text
        target = replace(source, sign=replace(source.sign, text=text))
        if text == source.sign.text or not _roomy(target):
            return sample_edit(rng, kind, lang, details=details)
        words = edit_instruction(rng, lang, kind, source, target, -1, text)
        return SceneEdit(kind, source, target, -1, text, words)
    while True:
        scene = _base(rng, kind, details)
        changed = _changed(rng, kind, scene, rng.randrange(len(scene.things)))
        if changed and _fits(changed[0]):
            target, change, index = changed
            words = edit_instruction(rng, lang, kind, scene, target, index, change)
            return SceneEdit(kind, scene, target, index, change, words)


def _roomy(scene: Scene) -> bool:
    """Return whether a changed sign still fits where the old one was."""
    sign = scene.sign
    return sign is not None and not (sign.place in ("left", "right") and len(sign.text) > 2)


def _landscape_edit(rng: random.Random, kind: str, lang: str) -> SceneEdit:
    while True:
        source = sample_landscape_scene(rng)
        land = source.land
        assert land is not None
        other: Landscape
        if kind == "style":
            change = rng.choice([s for s in STYLES if s != land.style])
            other = replace(land, style=change)
        else:
            change = rng.choice([t for t in TIMES if t != land.time])
            other = replace(land, time=change)
        if contradictions(other) or landscape_marks(other) == landscape_marks(land):
            continue
        target = replace(source, land=other)
        return SceneEdit(
            kind,
            source,
            target,
            -1,
            change,
            edit_instruction(rng, lang, kind, source, target, -1, change),
        )
