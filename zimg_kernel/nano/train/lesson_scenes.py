"""Scenes of tutorial training: one plain shape in a plain colour."""

from __future__ import annotations

import random

from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.world.scenes import Scene, sample_scene

SHAPES = ("circle", "square", "triangle", "star", "heart")
COLOURS = ("red", "yellow", "green", "blue", "purple", "black")


def sample_lesson_scene(rng: random.Random) -> Scene:
    """One of five shapes in one of six colours, half of the time at a named place."""
    while True:
        scene = sample_scene(rng, "single", details=False)
        thing = scene.things[0]
        if thing.shape in SHAPES and thing.colour in COLOURS:
            return scene


def lesson_example(rng: random.Random) -> tuple[tuple[Scene, ...], str]:
    """A scene and its caption in plain words."""
    scene = sample_lesson_scene(rng)
    return (scene,), caption(scene, rng, rng.choice(LANGUAGES), extras=False)
