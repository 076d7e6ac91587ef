"""Axes: what may be written down, what is refused, and what becomes of the prompt's words."""

from __future__ import annotations

from typing import Any

import pytest

from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.experiments.grid import Axis, swap
from zimg_kernel.experiments.grid.axes import apply, as_axis, check_axes

PARAMS = GenerationParams(prompt="a red circle, colored, red", negative_prompt="red fog", seed=1)


def test_a_mapping_is_an_axis() -> None:
    axis = as_axis("x", {"guidance": [1.0, 2.5, None]})
    assert (axis.label, axis.headings) == ("guidance", ("1", "2.5", "default"))
    assert apply(PARAMS, [(axis, 1)]).guidance == 2.5
    assert len(as_axis("x", {"seed": range(4)})) == 4
    assert as_axis("x", axis) is axis


def test_fields_of_one_axis_change_together() -> None:
    axis = as_axis("x", {"steps": [4, 8], "shift": [3, 6]})
    assert axis.headings == ("4 · 3", "8 · 6")
    made = apply(PARAMS, [(axis, 1)])
    assert (made.steps, made.shift) == (8, 6)


@pytest.mark.parametrize("size", [(256, 192), "256x192", "256×192", [256, 192]])
def test_a_size_is_width_and_height(size: Any) -> None:
    made = apply(PARAMS, [(as_axis("y", {"size": [size]}), 0)])
    assert (made.width, made.height) == (256, 192)


def test_words_are_swapped_where_they_stand_alone() -> None:
    made = apply(PARAMS, [(swap("red", ["blue", "红色"]), 0)])
    assert made.prompt == "a blue circle, colored, blue"
    assert made.negative_prompt == "blue fog"
    chinese = GenerationParams(prompt="左边一个红色的圆")
    assert apply(chinese, [(swap("红色", ["蓝色"]), 0)]).prompt == "左边一个蓝色的圆"


def test_two_swaps_do_not_change_what_the_other_put_there() -> None:
    params = GenerationParams(prompt="a red circle and a blue square")
    axes = [(swap("red", ["blue"]), 0), (swap("blue", ["red"]), 0)]
    assert apply(params, axes).prompt == "a blue circle and a red square"


def test_a_swap_works_on_the_prompts_of_another_axis() -> None:
    prompts = as_axis("x", {"prompt": ["a red circle", "a red star"]})
    axes = [(prompts, 1), (swap("red", ["gold"]), 0)]
    assert apply(PARAMS.replace(negative_prompt=""), axes).prompt == "a gold star"


def test_a_file_writes_swaps_as_a_mapping() -> None:
    assert as_axis("y", {"swap": "red", "words": ["blue"]}) == swap("red", ["blue"])


@pytest.mark.parametrize(
    ("axis", "code"),
    [
        ([1, 2], "invalid-axis"),
        ({}, "invalid-axis"),
        ({"seed": []}, "empty-list"),
        ({"seed": 5}, "wrong-type"),
        ({"prompt": "a cat"}, "wrong-type"),
        ({"steps": [1, 2], "shift": [1]}, "lengths-differ"),
        ({"size": [256]}, "invalid-size"),
        ({"swap": "red"}, "invalid-axis"),
        (Axis("seed", ("1", "2"), ({"seed": 1},)), "invalid-axis"),
    ],
)
def test_what_is_no_axis_is_refused_in_a_sentence(axis: Any, code: str) -> None:
    with refused(code, "x"):
        as_axis("x", axis)


def test_the_same_field_stands_on_one_axis_only() -> None:
    x, y = as_axis("x", {"size": [(64, 64)]}), as_axis("y", {"width": [64]})
    with refused("axis-repeated", "y"):
        check_axes({"x": x, "y": y})
    with refused("axis-repeated", "z"):
        check_axes({"x": swap("red", ["a"]), "z": swap("red", ["b"])})
    with refused("invalid-axis", "x"):
        check_axes({"x": as_axis("x", {"count": [1, 2]})})
    many = as_axis("x", {"seed": range(200)})
    with refused("too-many-cells"):
        check_axes({"x": many, "y": as_axis("y", {"steps": range(1, 201)})})


@pytest.mark.parametrize(
    ("words", "code"), [((), "empty-list"), ("blue", "wrong-type"), ([1], "wrong-type")]
)
def test_a_swap_needs_words(words: Any, code: str) -> None:
    with refused(code, "words"):
        swap("red", words)
    with refused("empty-word", "word"):
        swap(" ", ["blue"])
