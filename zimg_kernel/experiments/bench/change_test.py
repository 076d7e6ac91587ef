"""Test of a difference between two sets of times that were measured case by case."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any

LEVEL = 0.01
"""Probability of a false alarm in one comparison of two results."""
_PERMUTATIONS = 20_000
_SEED = 20_261_127  # of the permutations alone: the same figures give the same probability

Strata = Sequence[tuple[Sequence[float], Sequence[float]]]
"""For each case the values before and after."""


def permutation_test(strata: Strata) -> float:
    """Return the two-sided probability of a difference of mean logarithms as large as this one.

    Parameters
    ----------
    strata : sequence of pairs
        Positive values before and after, case by case; labels are exchanged within a case.
    """
    import numpy as np

    logs = [(np.log(first), np.log(second)) for first, second in strata]
    seen = abs(fmean(float(second.mean() - first.mean()) for first, second in logs))
    sizes = [math.comb(len(a) + len(b), len(a)) for a, b in logs]
    if len(logs) == 1 and sizes[0] <= _PERMUTATIONS:
        return _exact(*logs[0], seen)
    random = np.random.default_rng(_SEED)
    totals = np.zeros(_PERMUTATIONS)
    for first, second in logs:
        pool = np.concatenate([first, second])
        mixed = random.permuted(np.tile(pool, (_PERMUTATIONS, 1)), axis=1)
        totals += mixed[:, len(first) :].mean(1) - mixed[:, : len(first)].mean(1)
    hits = int((np.abs(totals / len(logs)) >= seen - 1e-12).sum())
    return (hits + 1) / (_PERMUTATIONS + 1)  # the data's own order is one of them


def _exact(first: Any, second: Any, seen: float) -> float:
    pool = [*first.tolist(), *second.tolist()]
    n, total = len(first), sum(pool)
    hits = tries = 0
    for chosen in combinations(pool, n):
        inside = sum(chosen)
        difference = (total - inside) / len(second) - inside / n
        hits += abs(difference) >= seen - 1e-12
        tries += 1
    return hits / tries


def holm(probabilities: Mapping[str, float]) -> dict[str, float]:
    """Return probabilities corrected for their number by Holm's method."""
    corrected: dict[str, float] = {}
    highest = 0.0
    for place, (name, value) in enumerate(sorted(probabilities.items(), key=lambda one: one[1])):
        highest = max(highest, min(1.0, value * (len(probabilities) - place)))
        corrected[name] = highest
    return corrected


def can_tell(strata: Strata) -> bool:
    """Return whether the test could reach its level with so many values."""
    ways = math.prod(math.comb(len(first) + len(second), len(first)) for first, second in strata)
    return 2 / ways <= LEVEL
