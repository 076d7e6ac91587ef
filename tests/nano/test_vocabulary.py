"""Words that the miniature does not know are named; words that it knows are not."""

from __future__ import annotations

import random
import re

import pytest

import zimg_kernel as zimg
from refusals import refused
from zimg_kernel.engine.checks import check
from zimg_kernel.models.catalog import get_card
from zimg_kernel.nano.text.messages import notes
from zimg_kernel.nano.text.nearest import NEAREST
from zimg_kernel.nano.text.vocabulary import read
from zimg_kernel.nano.train.data import corpus, text_example


@pytest.mark.parametrize(
    ("prompt", "unknown", "nearest"),
    [
        ("一只熊猫", ["熊猫"], {"熊猫": "猫"}),
        ("a panda", ["panda"], {"panda": "cat"}),
        ("画一辆红色的火车", ["火车"], {"火车": "汽车"}),
        ("猫头鹰站在树上", ["猫头鹰", "站"], {"猫头鹰": "猫"}),
        ("一朵玫瑰", ["玫瑰"], {"玫瑰": "花"}),
        ("一个酒红色的圆", ["酒红色"], {"酒红色": "红色"}),
        ("a red cirle", ["cirle"], {"cirle": "circle"}),
        ("a purple dog next to a blue oval", ["dog", "oval"], {"dog": "cat", "oval": "circle"}),
        ("a stunning red car, 8k", ["stunning"], {}),
        ("龘", ["龘"], {}),
        ("a 🙂 in the sky", ["🙂"], {}),
        ("Кот", ["кот"], {}),
    ],
)
def test_unknown_words_are_named_with_what_is_near(prompt, unknown, nearest):
    reading = read(prompt)
    assert list(reading.unknown) == unknown
    assert reading.nearest == nearest


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "左边一个红色的圆，右边一个蓝色的方块",
        "左邊一個紅色的圓",
        "三只小黑猫",
        "赛博朋克风格的城市",
        "a rose pink heart",
        "Two Yellow Stars Side By Side",
        "水墨画：群山，湖水，一叶扁舟",
        "a sign that says 'PANDA'",
        "招牌上写着“熊”",
        "一块红色的牌子：福",
    ],
)
def test_known_words_are_not_named(prompt):
    assert read(prompt).unknown == ()


def test_all_that_training_says_is_known():
    strange = [c for c in corpus(1500, 4321) if read(c).unknown]
    assert len(strange) <= 3, strange  # a rare word may have fallen out of the list


def test_what_training_draws_counts_as_a_subject():
    rng = random.Random(99)
    missed = []
    for _ in range(600):
        (scene,), words = text_example(rng)
        if scene.kind != "empty" and scene.quality == "fine" and not read(words).has_subject:
            missed.append(words)
    assert not missed


def test_near_words_are_themselves_known():
    for word, near in NEAREST.items():
        assert read(near).unknown == (), (word, near)
        assert read(word).unknown, f"{word} is known, it needs nothing near"


def test_lettering_that_signs_do_not_have_is_named():
    reading = read('a sign that says "Hello"')
    assert reading.unprintable == "elo"
    assert any("capitals" in note for note in notes(reading))
    long = read("招牌上写着“欢迎光临我们的店”")
    assert len(long.long_signs) == 1
    assert "6 characters" in notes(long)[-1]
    assert notes(read("招牌上写着“欢迎光临”")) == []


def test_a_prompt_without_anything_known_is_refused_with_a_way_out():
    card = get_card("nano-turbo")
    with refused("nothing-to-draw", "prompt") as caught:
        check(zimg.GenerationParams(prompt="一只熊猫"), card)
    assert re.search(r"熊猫 \(.*猫\)", str(caught.value))  # the nearest known word
    assert "It knows 圆、方块" in str(caught.value)
    with refused("nothing-to-draw", "prompt"):
        check(zimg.GenerationParams(prompt="xylophone"), card)
    assert check(zimg.GenerationParams(prompt="红色的圆"), card).warnings == ()


def test_a_prompt_that_is_known_in_part_is_drawn_and_the_rest_is_named():
    card = get_card("nano-turbo")
    checked = check(zimg.GenerationParams(prompt="a panda in a red house"), card)
    assert checked.warnings == (
        "The miniature draws shapes, simple landscapes and short signs; it does not know panda "
        "(the nearest it can do: cat) and reads “an orange cat in a red house”.",
    )
    negative = zimg.GenerationParams(prompt="a red circle", negative_prompt="blurry, deformed")
    said = check(negative.replace(model="nano-base", guidance=2.0), card).warnings
    assert "In the negative prompt it does not know deformed." in said
    full = get_card("z-image-turbo")
    assert check(zimg.GenerationParams(prompt="a panda"), full).warnings == ()


@pytest.mark.parametrize(
    "prompt", ["水墨山水", "国画", "neon art", "a pencil sketch", "a landscape", "风景"]
)
def test_a_style_without_anything_to_draw_is_said(prompt):
    (said,) = [s for s in notes(read(prompt)) if s.startswith("No thing is named")]
    assert "水墨画：群山和湖" in said


@pytest.mark.parametrize(
    "prompt",
    [
        "水墨画：群山和湖",
        "水墨山水，湖上有小船",
        "pixel art of a lake",
        "a pink circle",
        "水墨风格的招牌“山水”",
    ],
)
def test_a_style_with_something_to_draw_is_not(prompt):
    assert notes(read(prompt)) == []
