"""Other wordings of prompts, and reading the miniature's objects out of them."""

from __future__ import annotations

import random

import pytest

from refusals import refused
from zimg_kernel.experiments.variety import read_scene, reword
from zimg_kernel.nano.text.captions import caption
from zimg_kernel.nano.text.landscape_captions import EN_ELEMENTS, ZH_ELEMENTS
from zimg_kernel.nano.text.vocabulary import read
from zimg_kernel.nano.world.scenes import (
    Scene,
    sample_landscape_scene,
    sample_scene,
    sample_sign_scene,
)

PROMPTS = [
    "水墨画：山和湖",
    "剪纸：宝塔和飞鸟",
    "pencil sketch of hills and trees",
    "neon picture of a city at night",
    "一朵花",
    "an orange circle",
]


def said(scene: Scene) -> list[tuple[str, str, str]]:
    single = scene.kind == "single"
    return sorted(
        (
            thing.shape if thing.shape_named else "",
            thing.colour if thing.colour_named else "",
            (thing.place or "") if single else "",
        )
        for thing in scene.things
    )


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_miniature_knows_every_wording(prompt: str) -> None:
    found = reword(prompt, 6, seed=3)
    assert found[0] == prompt
    assert len(set(found)) == 6
    assert found == reword(prompt, 6, seed=3) != reword(prompt, 6, seed=4)
    assert [read(text).unknown for text in found] == [()] * 6


def test_objects_stay_the_same_in_other_words() -> None:
    meant = said(read_scene("三个红色的圆"))
    assert [said(read_scene(text)) for text in reword("三个红色的圆", 8)] == [meant] * 8


def test_landscapes_keep_their_elements() -> None:
    for text in reword("pencil sketch of hills and trees", 8):
        assert all(any(w in text for w in EN_ELEMENTS[name]) for name in ("hills", "trees"))
    for text in reword("剪纸：宝塔和飞鸟", 8):
        assert all(any(w in text for w in ZH_ELEMENTS[name]) for name in ("pagoda", "birds"))


def test_quoted_text_and_unknown_words_are_left_alone() -> None:
    for text in reword('a wooden board with "red circle", hills behind it', 5):
        assert '"red circle"' in text
        assert text.startswith("a wooden board")


def test_choices_in_a_prompt_are_drawn() -> None:
    found = reword("a {red|blue} vase {at dawn|at noon}", 4)
    assert sorted(found) == [
        "a blue vase at dawn", "a blue vase at noon", "a red vase at dawn", "a red vase at noon"
    ]  # fmt: skip


def test_the_callers_wordings_come_first_and_round_again() -> None:
    assert reword("x", 3, wordings=["a", "b"]) == ["a", "b", "a"]
    assert reword("x", 2, wordings=lambda prompt, n: (f"{prompt} {i}" for i in range(9))) == [
        "x 0", "x 1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wordings", "code"),
    [
        (None, "single-wording"),
        ([], "single-wording"),
        ("abc", "wrong-type"),
        ([3], "wrong-type"),
        (["", "x"], "wrong-type"),
    ],
)
def test_what_cannot_be_reworded_is_said(wordings: object, code: str) -> None:
    with refused(code):
        reword("porcelain", 3, wordings=wordings)  # type: ignore[arg-type]


def test_objects_are_read_as_their_captions_mean_them() -> None:
    rng = random.Random(3)
    read_back = 0
    for number in range(800):
        scene = sample_scene(rng, ("single", "count", "two open")[number % 3])
        found = read_scene(caption(scene, rng, ("zh", "en")[number % 2], extras=number % 4 < 2))
        if found is not None:
            read_back += 1
            assert said(found) == said(scene)
    assert read_back > 0.7 * 800


def test_landscapes_signs_and_other_worlds_are_not_read() -> None:
    rng = random.Random(4)
    for number in range(200):
        for scene in (sample_landscape_scene(rng), sample_sign_scene(rng)):
            assert read_scene(caption(scene, rng, ("zh", "en")[number % 2])) is None
    for prompt in ("a cat on a bicycle", "一只戴帽子的猫", "oak table, window light", "red", ""):
        assert read_scene(prompt) is None
