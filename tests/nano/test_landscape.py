"""Landscapes: sensible scenes, pictures in six styles, captions that name everything."""

from __future__ import annotations

import math
import random
import time
from dataclasses import replace
from itertools import combinations

import pytest
import torch

from zimg_kernel.nano.draw import render
from zimg_kernel.nano.draw.landscape_paint import landscape_marks
from zimg_kernel.nano.draw.marks import BANDS, COLUMNS, FIELDS, KINDS
from zimg_kernel.nano.text.landscape_captions import landscape_caption, named
from zimg_kernel.nano.world.landscape import (
    ELEMENTS,
    STYLES,
    TIMES,
    Landscape,
    contradictions,
    is_pixel,
    sample_landscape,
)


def _draw(scenes: list[Landscape], height: int = 64, width: int = 64) -> torch.Tensor:
    scenes = sorted(scenes, key=lambda s: -len(landscape_marks(s)))
    marks, reach = render.pad_marks([landscape_marks(s) for s in scenes])
    flags = torch.tensor([[0, int(is_pixel(s)), 0] for s in scenes])
    packed = render.Packed(marks, flags, torch.zeros(len(scenes), 0), reach)
    return render.draw(packed, height, width)


def test_scenes_are_sensible_and_repeatable() -> None:
    rng = random.Random(1)
    scenes = [sample_landscape(rng) for _ in range(4000)]
    assert scenes == [sample_landscape(r) for r in [random.Random(1)] for _ in range(4000)]
    assert not [contradictions(s) for s in scenes if contradictions(s)]
    assert all(2 <= len(s.elements) <= 5 for s in scenes)
    assert {e for s in scenes for e in s.elements} == set(ELEMENTS)
    assert {s.time for s in scenes} == set(TIMES)
    assert all(s.style == "flat" for s in scenes if not s.style_named)
    for s in scenes:
        assert s.time_named or s.time == "day" or {"moon", "stars"} & set(s.elements)
    for style in STYLES:
        assert abs(sum(s.style == style for s in scenes) / 4000 - 1 / 6) < 0.03


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_moves_nothing_that_stands(style: str) -> None:
    """What stood here or there for the same words was drawn in both places at once."""
    scene = Landscape(style, "day", ("hills", "lake", "house", "boat", "birds"), 0, True, True)
    drawn = [landscape_marks(replace(scene, seed=k)) for k in range(40)]
    standing = [
        [r[:8] for r in rows if KINDS[int(r[0])] not in BANDS + FIELDS and max(r[5:7]) < 0.3]
        for rows in drawn
    ]
    assert len(standing[0]) >= 10
    assert all(rows == standing[0] for rows in standing)
    # Light and skyline do change, but for a sketch's paper.
    assert len({str(rows) for rows in drawn}) > (3 if style == "sketch" else 20)


def test_contradictions_are_found() -> None:
    for time_, elements in (
        ("night", ("hills", "sun")),
        ("dusk", ("lake", "sun", "moon")),
        ("day", ("lake", "sun", "rain")),
        ("day", ("hills", "stars")),
        ("day", ("hills", "boat")),
        ("day", ("sea", "bridge")),
        ("day", ("house", "trees")),
    ):
        assert contradictions(Landscape("flat", time_, elements, 1, True, True)), elements


@pytest.mark.parametrize("style", STYLES)
def test_marks_are_finite_few_and_cover_the_picture(style: str) -> None:
    rng = random.Random(STYLES.index(style))
    for _ in range(400):
        scene = sample_landscape(rng, style)
        marks = landscape_marks(scene)
        assert marks == landscape_marks(scene)
        assert len(marks) <= 40
        assert all(len(m) == COLUMNS for m in marks)
        assert all(math.isfinite(v) for m in marks for v in m)
    sizes = ((64, 64), (48, 64), (64, 48)) if style == "flat" else ((64, 64),)
    for height, width in sizes:
        pictures = _draw([sample_landscape(rng, style) for _ in range(40)], height, width)
        assert torch.isfinite(pictures).all()
        assert 0 <= pictures.min() <= pictures.max() <= 1
        assert (pictures.flatten(1).std(1) > 0.01).all()


def test_the_background_below_does_not_show() -> None:
    rng = random.Random(3)
    for style in STYLES:
        scene = sample_landscape(rng, style)
        rows, reach = render.pad_marks([landscape_marks(scene)] * 2)
        flags = torch.tensor([[0, int(is_pixel(scene)), 0], [3, int(is_pixel(scene)), 0]])
        packed = render.Packed(rows, flags, torch.zeros(2, 0), reach)
        a, b = render.draw(packed, 128, 96)
        assert (a - b).abs().max() < 1e-5


def test_styles_and_times_differ() -> None:
    for elements in (("mountains", "lake", "boat"), ("city", "lanterns", "clouds")):
        scenes = [Landscape(s, "dusk", elements, 5, True, True) for s in STYLES]
        pictures = [_draw([s])[0] for s in scenes]
        for a, b in combinations(pictures, 2):
            assert (a - b).abs().mean() > 0.03
    for style in STYLES:
        times = [_draw([Landscape(style, t, ("hills", "house"), 5, True, True)]) for t in TIMES]
        assert all((a - b).abs().mean() > 0.03 for a, b in combinations(times, 2)), style


def test_each_element_shows() -> None:
    ground = {"boat": "lake", "bridge": "lake"}
    for style in STYLES:
        for element in ELEMENTS[5:]:
            base = ground.get(element, "mountains")
            when = {"stars": "night", "moon": "night"}.get(element, "day")
            pair = [(base, element), (base,)]
            a, b = (_draw([Landscape(style, when, e, 5, True, True)], 96, 96) for e in pair)
            assert ((a - b).abs().amax(1) > 0.08).float().mean() > 0.002, (style, element)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_captions_name_all(lang: str) -> None:
    rng = random.Random(7)
    seen = set()
    for _ in range(3000):
        scene = sample_landscape(rng)
        seed = rng.random()
        text = landscape_caption(scene, random.Random(seed), lang)
        assert text == landscape_caption(scene, random.Random(seed), lang)
        assert all(named(scene, text, lang).values()), (scene, text)
        assert not any(w in text for w in ("{", "  ", ", ,"))
        assert len(text) < (60 if lang == "zh" else 220)
        seen.add(text)
    assert len(seen) > 2700


def test_it_needs_little_time() -> None:
    rng = random.Random(2)
    start = time.process_time()
    for _ in range(500):
        scene = sample_landscape(rng)
        landscape_marks(scene)
        landscape_caption(scene, rng, "zh")
    assert time.process_time() - start < 0.5
