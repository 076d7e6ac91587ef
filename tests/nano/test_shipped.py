"""The shipped weights: they open in plain diffusers and follow prompts in both languages."""

from __future__ import annotations

import pytest
from PIL import ImageChops

from zimg_kernel.nano import BASE, EDIT, TURBO, WEIGHTS
from zimg_kernel.nano.evaluate.cases import (
    EvaluationCase,
    check,
    edit_cases,
    forbid,
    open_cases,
    table,
    text_cases,
)
from zimg_kernel.nano.evaluate.drawing import FastDraw, stock_draw
from zimg_kernel.nano.evaluate.report import JudgePool, measure_steps
from zimg_kernel.nano.judge.detection import detect
from zimg_kernel.nano.judge.edit_score import picture_of
from zimg_kernel.nano.world.scenes import Scene


def case(prompt: str, seed: int = 0, group: str = "two", lang: str = "zh") -> EvaluationCase:
    return EvaluationCase(group, lang, prompt, Scene("single", ()), seed)


@pytest.fixture(scope="module")
def draw():
    stock = stock_draw(TURBO)
    return lambda prompt, seed: stock([case(prompt, seed)], None)[0]


def test_files_are_small_enough_for_a_wheel():
    sizes = [f.stat().st_size for f in WEIGHTS.rglob("*") if f.is_file()]
    assert sum(sizes) < 45e6
    assert max(sizes) < 15.5e6


@pytest.mark.slow
def test_the_example_of_the_documentation(draw):
    found = sorted(detect(draw("左边一个红色的圆，右边一个蓝色的方块", 0)), key=lambda d: d.x)
    assert [(d.colour, d.shape) for d in found] == [("red", "circle"), ("blue", "square")]


@pytest.mark.slow
def test_base_and_edit_draw_what_is_asked_too():
    asked = case("一个红色的圆", 1)
    [picture] = stock_draw(BASE, steps=8, guidance=2.0)([asked], None)
    assert [(d.colour, d.shape) for d in detect(picture)] == [("red", "circle")]
    [recolour] = edit_cases(1, SEED)[:1]
    assert recolour.edit is not None
    source = picture_of(recolour.edit.source, 256, 256)
    [changed] = stock_draw(EDIT, steps=6, guidance=2.0, edit=True)([recolour], [source])
    assert check(recolour, changed, source)["changed"]


SEED = 60217
"""Of prompts that training has not seen."""


def right(row: dict[str, object], low: float) -> None:
    rate = row["all"]["rate"]  # type: ignore[index]
    assert rate >= low, row


@pytest.mark.nightly
def test_turbo_follows_fresh_prompts():
    cases = text_cases(24, SEED)
    pictures = stock_draw(TURBO)(cases, None)
    rows = table((c, check(c, p)) for c, p in zip(cases, pictures, strict=True))
    right(rows["one object: colour, shape"], 0.85)
    right(rows["two objects: everything"], 0.8)
    right(rows["relation of two objects"], 0.8)
    right(rows["count 1-5"], 0.6)
    right(rows["sign: glyphs"], 0.9)


@pytest.mark.nightly
def test_a_negative_prompt_removes_what_it_names():
    cases = open_cases(4, SEED)
    draw = stock_draw(BASE, steps=12, guidance=2.5)
    forbidden = [forbid(c, p) for c, p in zip(cases, draw(cases, None), strict=True)]
    clear = [c for c in forbidden if c is not None]
    assert len(clear) >= 3
    gone = [check(c, p)["gone"] for c, p in zip(clear, draw(clear, None), strict=True)]
    assert sum(gone) >= len(gone) - 1


@pytest.mark.nightly
def test_edits_change_what_they_name_and_leave_the_rest():
    every = edit_cases(4, SEED)  # each kind in both languages
    cases = [every[i] for i in (0, 3, 4, 7, 8, 11)]
    assert len({c.group for c in cases}) == 6
    sources = [picture_of(c.edit.source, 256, 256) for c in cases if c.edit is not None]
    pictures = stock_draw(EDIT, steps=12, guidance=2.0, edit=True)(cases, sources)
    found = [check(*item) for item in zip(cases, pictures, sources, strict=True)]
    assert sum(f["changed"] for f in found) >= len(found) - 1
    assert sum(f["kept"] for f in found) >= len(found) - 1


@pytest.mark.nightly
def test_the_fast_way_to_measure_draws_what_diffusers_draws():
    cases = text_cases(8, SEED)[::4]
    stock = stock_draw(TURBO)(cases, None)
    fast = FastDraw(TURBO, "cpu")(cases, steps=8, guidance=0.0)
    for a, b in zip(stock, fast, strict=True):
        difference = ImageChops.difference(a, b).getextrema()
        assert max(high for _, high in difference) <= 3


@pytest.mark.nightly
def test_more_steps_come_nearer_to_what_the_prompt_describes():
    found = measure_steps(FastDraw(TURBO, "cpu"), JudgePool(1), 8, SEED, counts=(1, 2, 8))
    near = {int(steps): by["likeness_db"]["median"] for steps, by in found.items()}
    assert list(near) == [1, 2, 8]
    assert near[1] + 5 < near[2] < near[8] - 3
    assert found["8"]["right"]["rate"] >= 0.9 > found["1"]["right"]["rate"]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_picture(draw):
    one, two = (draw("一个红色的圆", 7) for _ in range(2))
    assert one.size == (256, 256)
    assert one.tobytes() == two.tobytes()


def test_intervals_and_table():
    rows = table([(case("x"), {"relation": True, "all": False})])
    assert rows["relation of two objects"]["zh"]["interval"] == [0.2065, 1.0]
    assert rows["relation of two objects"]["en"]["interval"] == [0.0, 1.0]
    assert rows["relation of two objects"]["zh"]["hits"] == 1
    assert rows["two objects: everything"]["all"]["hits"] == 0
    signs = table([(case("x", group="sign"), {"glyphs": 3, "of": 4, "word": False})])
    assert signs["sign: glyphs"]["all"]["rate"] == 0.75
    assert signs["sign: whole words of up to 4"]["all"]["hits"] == 0
