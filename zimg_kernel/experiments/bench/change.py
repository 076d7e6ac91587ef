"""Change of one figure from one result to another, and the values that tell it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean

from .result import BenchResult, Run

Strata = dict[str, tuple[list[float], list[float]]]
"""Of each case the values before and after."""


@dataclass(frozen=True)
class Change:
    """One figure of a competitor, before and after.

    Attributes
    ----------
    figure : str
        ``total``, ``transformer`` or a figure of memory.
    ratio : float
        After by before, over the cases that both have: the geometric mean of ratios of medians.
    corrected : float or None
        The same without what other programs took; of several ways the one nearest to 1, and 1 if
        they contradict each other.
    probability : float or None
        Of so large a difference without any change, corrected for the number of figures.
    changed : bool
        Whether it is beyond noise.
    text : str
        One sentence.
    noise : float or None
        Share by which the figure has to change to be told from noise here.
    cases : dict of str to float
        The ratio of each case.
    """

    competitor: str
    figure: str
    ratio: float
    corrected: float | None
    probability: float | None
    changed: bool
    text: str
    noise: float | None = None
    cases: dict[str, float] = field(default_factory=dict)


def strata(
    before: BenchResult,
    after: BenchResult,
    name: str,
    value: Callable[[Run], float | None],
    value_after: Callable[[Run], float | None] | None = None,
) -> Strata:
    """Return a competitor's values of the cases that both results have."""
    first, second = _by_case(before, name, value), _by_case(after, name, value_after or value)
    return {case: (first[case], second[case]) for case in first if case in second}


def _by_case(
    result: BenchResult, name: str, value: Callable[[Run], float | None]
) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in result.runs:
        if run.competitor == name and not run.warmup and run.status == "ok":
            figure = value(run)
            if figure:
                found.setdefault(run.case, []).append(figure)
    return found


def as_measured_total(run: Run) -> float | None:
    """Return the whole time of a run."""
    return run.times.get("total")


def geometric_mean(values: Iterable[float]) -> float:
    """Return the geometric mean of positive values."""
    return math.exp(fmean(math.log(value) for value in values))
