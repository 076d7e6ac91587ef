"""Axes: what may be written down, what is refused, and what becomes of the prompt's words."""

from __future__ import annotations

from typing import Any

import pytest

from zimg_kernel import BadInput, GenerationParams
from zimg_kernel.experiments.grid import Axis, swap
from zimg_kernel.experiments.grid.axes import MOST_CELLS, apply, as_axis, check_axes

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
    ("axis", "said"),
    [
        ([1, 2], "give a field and its values"),
        ({}, "give a field and its values"),
        ({"seed": []}, "x=seed is empty"),
        ({"seed": 5}, "takes a list of values, not 5"),
        ({"prompt": "a cat"}, "takes a list of values"),
        ({"steps": [1, 2], "shift": [1]}, "2 of steps, 1 of shift"),
        ({"size": [256]}, "is a pair such as"),
        ({"swap": "red"}, "give it as swap: WORD and words"),
        (Axis("seed", ("1", "2"), ({"seed": 1},)), "a heading for each"),
    ],
)
def test_what_is_no_axis_is_refused_in_a_sentence(axis: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        as_axis("x", axis)


def test_the_same_field_stands_on_one_axis_only() -> None:
    x, y = as_axis("x", {"size": [(64, 64)]}), as_axis("y", {"width": [64]})
    with pytest.raises(BadInput, match="width stands on both x and y"):
        check_axes({"x": x, "y": y})
    with pytest.raises(BadInput, match="red stands on both x and z"):
        check_axes({"x": swap("red", ["a"]), "z": swap("red", ["b"])})
    with pytest.raises(BadInput, match="count cannot be the axis x"):
        check_axes({"x": as_axis("x", {"count": [1, 2]})})
    many = as_axis("x", {"seed": range(200)})
    with pytest.raises(BadInput, match=f"40,000 cells; {MOST_CELLS:,} are possible"):
        check_axes({"x": many, "y": as_axis("y", {"steps": range(1, 201)})})


@pytest.mark.parametrize("words", [(), "blue", [1]])
def test_a_swap_needs_words(words: Any) -> None:
    with pytest.raises(BadInput, match="The swap of 'red'"):
        swap("red", words)
    with pytest.raises(BadInput, match="Say which word"):
        swap(" ", ["blue"])
