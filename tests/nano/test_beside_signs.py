"""Tests of things beside lettering, which the miniature draws above it alone."""

from __future__ import annotations

import random

import pytest

from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.nano.judge.detection import detect
from zimg_kernel.nano.judge.sign_ocr import read_sign
from zimg_kernel.nano.text.beside_signs import spoils_sign
from zimg_kernel.nano.text.messages import notes
from zimg_kernel.nano.text.vocabulary import read
from zimg_kernel.nano.train.data import MAKERS


@pytest.mark.parametrize(
    "prompt",
    [
        'a red circle, a sign that says "HELLO"',
        'a blue heart and a red circle above a sign "A"',
        'three red hearts above a sign that says "OK"',
        'a red sign that says "OK" and a heart below it',
        'a sign that reads "STAR" above a red star',
        'a red star beside "STAR"',
        "a cat and a sign: HELLO",
        "一个红色的圆，旁边一块牌子，写着“你好”",
        "一颗红色的星星在一块写着“你好”的牌子上方",
        "一块牌子，上面写着“你好”，旁边有一颗星星",
    ],
)
def test_a_thing_that_would_be_lost_beside_a_sign_is_told(prompt: str) -> None:
    assert spoils_sign(prompt)
    assert len(notes(read(prompt))) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        'a sign that says "HELLO"',
        'a square sign that says "OK"',
        'a red star above a sign that reads "STAR"',
        'a sign that says "OPEN" under a lantern',
        'a sign that says "HELLO" with a red heart above it',
        'a red heart with the text "OK" below',
        "a red circle, a star",
        "红色的牌子，上面写着“爱心”",
        "一颗红色的星星，下面是一块写着“你好”的牌子",
        "一块写着“你好”的牌子在红色的猫下面",
    ],
)
def test_what_it_can_draw_with_a_sign_is_not_told(prompt: str) -> None:
    assert not spoils_sign(prompt)


def test_no_caption_of_the_training_is_told() -> None:
    rng = random.Random(3)
    captions = [MAKERS["text"](rng) for _ in range(2000)]
    signs = [text for scenes, text in captions if any(scene.sign for scene in scenes)]
    assert len(signs) > 100
    assert [text for text in signs if spoils_sign(text)] == []


def test_a_thing_beside_a_sign_is_lost_and_one_above_it_is_drawn(engine: LocalEngine) -> None:
    drawn = [
        engine.submit(GenerationParams(prompt=p, model="nano-turbo", seed=1)).result().image
        for p in ('a red circle, a sign that says "OK"', 'a red circle above a sign that says "OK"')
    ]
    assert [read_sign(image) for image in drawn] == ["OK", "OK"]
    red = [[d.shape for d in detect(image) if d.colour == "red"] for image in drawn]
    assert red == [[], ["circle"]]
