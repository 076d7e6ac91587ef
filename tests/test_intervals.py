"""Intervals against published examples."""

from __future__ import annotations

import math
import random

import pytest

from zimg_kernel.intervals import mean_interval, median_interval, wilson_interval


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_that_of_newcombes_table(hits: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(hits, n) == pytest.approx((low, high), abs=0.00005)


def test_wilson_of_nothing_is_unknown() -> None:
    assert all(math.isnan(end) for end in wilson_interval(0, 0))


def test_interval_of_the_mean_is_that_of_students_sleep_data() -> None:
    # Student (1908): additional hours of sleep, ten patients; the interval as R prints it.
    more = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    assert mean_interval(more) == pytest.approx((0.7001142, 2.4598858), abs=1e-6)
    assert all(math.isnan(end) for end in mean_interval([3]))


def test_interval_of_the_median_holds_it_as_often_as_it_says() -> None:
    assert median_interval([3, 1, 2, 5, 4, 6, 7, 8, 9, 10]) == (1, 10)
    assert all(math.isnan(end) for end in median_interval([1, 2, 3]))
    rng = random.Random(1)
    for n in (12, 250):
        held = 0
        for _ in range(2000):
            low, high = median_interval([rng.expovariate(1) for _ in range(n)])
            held += low <= math.log(2) <= high
        assert 0.94 < held / 2000 < 0.995
