"""Indices chosen by chance: equal weights are a short cut to the same ones."""

from __future__ import annotations

import random

import pytest

from zimg_kernel.prompts.templating.choosing import pick


@pytest.mark.parametrize("lines", [1, 3, 7, 1000])
@pytest.mark.parametrize("count", [1, 3])
def test_equal_weights_give_the_same_indices_quickly(lines: int, count: int) -> None:
    # A line of no weight at the end is never chosen, and keeps the others from the short cut.
    for seed in range(200):
        short = pick(random.Random(seed), (1.0,) * lines, count)
        assert short == pick(random.Random(seed), (*[1.0] * lines, 0.0), count)
        assert len(set(short)) == min(count, lines)
        assert short == sorted(short)


def test_a_weight_says_how_often() -> None:
    dice = random.Random(0)
    chosen = [pick(dice, (3.0, 0.0, 1.0), 1)[0] for _ in range(2000)]
    assert chosen.count(1) == 0
    assert 0.7 < chosen.count(0) / len(chosen) < 0.8
