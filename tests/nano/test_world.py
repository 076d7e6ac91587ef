"""The world: scenes, captions and drawings are determined by their seed, and hang together."""

from __future__ import annotations

import random

import torch

from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.world.scenes import HELD_OUT, SHAPES, backdrop, sample_scene, visible


def _scenes(n: int, seed: int, **options):
    rng = random.Random(seed)
    return [sample_scene(rng, **options) for _ in range(n)]


def test_scenes_and_captions_follow_the_seed():
    assert _scenes(50, 3) == _scenes(50, 3)
    assert _scenes(50, 3) != _scenes(50, 4)
    scene = _scenes(1, 5, kind="two")[0]
    for lang in LANGUAGES:
        assert caption(scene, random.Random(1), lang) == caption(scene, random.Random(1), lang)


def test_training_never_draws_held_out_pairs():
    pairs = {(t.colour, t.shape) for s in _scenes(4000, 0) for t in s.things}
    assert not pairs & HELD_OUT
    basic = {pair for pair in pairs if pair[1] in SHAPES}
    assert len(basic) + len(HELD_OUT) == 120
    unseen = _scenes(30, 0, kind="single", unseen=True)
    assert all((t.colour, t.shape) in HELD_OUT for s in unseen for t in s.things)


def test_no_object_vanishes_in_its_background():
    for scene in _scenes(1000, 1):
        assert all(visible(t.colour, backdrop(scene), 0.3) for t in scene.things)


def test_captions_say_what_the_scene_fixes_and_no_more():
    rng = random.Random(2)
    for scene in _scenes(300, 2, kind="single", details=False, placed=False):
        text = caption(scene, rng, "en", extras=False).lower()
        assert not any(word in text.split() for word in ("left", "right", "background", "small"))
    for scene in _scenes(50, 2, kind="two", details=False):
        text = caption(scene, rng, "zh", extras=False)
        assert any(word in text for word in "左右上下顶底")


def test_drawing_is_deterministic_and_takes_any_aspect():
    packed = pack(_scenes(4, 6))
    for height, width in ((64, 64), (96, 64), (64, 128)):
        picture = draw(packed, height, width)
        assert picture.shape == (4, 3, height, width)
        assert torch.equal(picture, draw(packed, height, width))
        assert picture.min() >= 0
        assert picture.max() <= 1
