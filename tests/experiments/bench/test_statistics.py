"""Medians, intervals, outliers, slopes and the test of a difference."""

from __future__ import annotations

import math
import random

import pytest

from zimg_kernel.experiments.bench.change_test import LEVEL, difference, holm
from zimg_kernel.experiments.bench.statistics import estimate, outliers, slope


def test_an_interval_holds_the_true_median_about_as_often_as_it_says() -> None:
    dice = random.Random(1)
    hits = 0
    for _ in range(100):
        found = estimate([dice.lognormvariate(0, 0.2) for _ in range(15)])
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 1.0 <= found.high
    assert hits >= 88


def test_two_values_have_a_median_and_no_interval() -> None:
    found = estimate([1.0, 3.0])
    assert (found.n, found.median, found.low, found.high) == (2, 2.0, None, None)
    assert (found.least, found.most) == (1.0, 3.0)


def test_a_far_value_is_marked_and_an_odd_one_is_not() -> None:
    assert outliers([1.0, 1.1, 0.9, 1.05, 5.0]) == [False] * 4 + [True]
    assert outliers([1.0, 1.1, 0.9, 1.05, 1.2]) == [False] * 5
    assert outliers([1.0] * 9 + [2.0]) == [False] * 9 + [True]
    assert outliers([1.0] * 5) == [False] * 5
    assert outliers([1.0, 9.0]) == [False, False]


def test_a_slope_is_found_beside_outliers() -> None:
    dice = random.Random(2)
    values = [5 + 0.01 * n + dice.gauss(0, 0.02) for n in range(50)]
    values[10] = 100.0
    found = slope(values)
    assert found is not None
    assert found.rises
    assert found.value == pytest.approx(0.01, rel=0.1)
    flat = slope([5 + dice.gauss(0, 0.02) for _ in range(50)])
    assert flat is not None
    assert flat.low < 0 < flat.high
    assert slope([1.0] * 7) is None


APART = [1.0, 1.1, 1.2, 1.05, 1.15], [2.0, 2.1, 2.2, 2.05, 2.15]


def test_all_orders_of_few_values_are_counted() -> None:
    probability, can_tell = difference({"x": APART[0]}, {"x": APART[1]}, tests=1)
    assert probability == pytest.approx(2 / math.comb(10, 5))
    assert can_tell
    assert difference({"x": [1.0, 2.0, 3.0]}, {"x": [1.0, 2.0, 3.0]}, 1) == (1.0, False)


def test_more_tests_want_more_rounds() -> None:
    assert not difference({"x": APART[0]}, {"x": APART[1]}, tests=4)[1]
    longer = ({"x": 2 * one} for one in APART)
    assert difference(*longer, tests=4)[1]


def test_a_busy_minute_is_no_difference() -> None:
    dice = random.Random(4)

    def minutes() -> list[float]:
        busy = [dice.choice([1.0, 1.5, 2.0]) for _ in range(4)]
        return [pace * dice.lognormvariate(0, 0.02) for pace in busy for _ in range(5)]

    found = [difference({"x": minutes()}, {"x": minutes()}, 1)[0] for _ in range(40)]
    assert sum(one <= LEVEL for one in found) <= 2


def test_cases_of_their_own_size_are_compared_each_with_itself() -> None:
    dice = random.Random(3)

    def measured(factor: float) -> dict[str, list[float]]:
        return {str(middle): [factor * middle * dice.lognormvariate(0, 0.02) for _ in range(5)]
                for middle in (1, 10, 100)}  # fmt: skip

    assert difference(measured(1), measured(1), 1)[0] > 0.05
    assert difference(measured(1), measured(1.1), 1)[0] < LEVEL


def test_a_series_of_one_round_is_compared_case_by_case() -> None:
    dice = random.Random(5)
    own = {str(n): dice.lognormvariate(0, 0.5) for n in range(50)}

    def measured(factor: float) -> dict[str, list[float]]:
        return {n: [factor * time * dice.lognormvariate(0, 0.02)] for n, time in own.items()}

    assert difference(measured(1), measured(1), 1)[0] > 0.05
    probability, can_tell = difference(measured(1), measured(1.1), 1)
    assert probability == 2 / 2**8
    assert can_tell


def test_holm_corrects_for_the_number_of_tests() -> None:
    a, b, c = ("a", "total"), ("b", "total"), ("c", "total")
    assert holm({a: 0.01, b: 0.04, c: 0.03}) == pytest.approx({a: 0.03, c: 0.06, b: 0.06})
