"""Test of a difference between the times of two results."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise, product
from statistics import fmean, median, stdev, variance

LEVEL = 0.03
"""Probability of a false alarm in one comparison of two results."""
MOST_BLOCKS = 8
_FEWEST = 5  # blocks, where there are as many rounds
_CASES = 16  # of a result with one round, from which on its cases are taken as a series

Rounds = Mapping[str, Sequence[float]]
"""Times of each case, in the order of the rounds."""


def difference(
    before: Rounds, after: Rounds, tests: int, apart: bool = False
) -> tuple[float, bool]:  # fmt: skip
    """Return the probability of so large a difference by chance, and whether so few runs can tell.

    The busy minute of a machine slows several runs after each other, so single runs are not
    independent. What is exchanged is therefore the median of a block of successive rounds, as few
    blocks as the level allows (the method of batch means: A. M. Law, Simulation Modeling and
    Analysis, 5th ed. 2015, section 9.5). A round's value is the mean logarithm over all cases. The
    test is Fisher's exact permutation test of the difference of means, two-sided (P. Good,
    Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed. 2005, chapter 3). Results
    with one round of at least 16 cases are compared case by case, by exchanging signs of the
    blocks' differences.

    Parameters
    ----------
    before, after : mapping of str to sequence of float
        Positive values of the same cases.
    tests : int
        How many such tests are made of the two results.
    apart : bool
        Whether rounds do not depend on those before them, so that there may be more blocks.
    """
    rounds = min(len(values) for both in (before, after) for values in both.values())
    if rounds == 1 and len(before) >= _CASES:
        steps = [math.log(median(after[case]) / median(before[case])) for case in before]
        blocks = _blocks(steps, MOST_BLOCKS)
        return _signs(blocks), 2 / 2 ** len(blocks) <= LEVEL / tests
    series = [_series(both) for both in (before, after)]
    number = next(
        (
            n
            for n in range(MOST_BLOCKS if apart else _FEWEST, MOST_BLOCKS + 1)
            if 2 / math.comb(2 * n, n) <= LEVEL / tests
        ),
        MOST_BLOCKS,
    )
    first, second = (_blocks(one, number) for one in series)
    ways = math.comb(len(first) + len(second), len(first))
    return _exchange(first, second), 2 / ways <= LEVEL / tests


def spread(before: Rounds, after: Rounds, apart: bool = False) -> float:
    """Return the standard deviation of one result's blocks, pooled over both; of logarithms.

    Infinite where there are fewer than two blocks. For results with one round it is that of the
    differences case by case. Where rounds do not depend on those before them (``apart``), it is
    the standard error of the difference of two results.
    """
    rounds = min(len(values) for both in (before, after) for values in both.values())
    if rounds == 1 and len(before) >= _CASES:
        steps = [math.log(median(after[case]) / median(before[case])) for case in before]
        return stdev(_blocks(steps, MOST_BLOCKS))
    if rounds < 2:
        return math.inf
    number = MOST_BLOCKS if apart else _FEWEST
    pair = [_blocks(_series(both), number) for both in (before, after)]
    if apart:
        return math.sqrt(sum(variance(blocks) / len(blocks) for blocks in pair))
    return math.sqrt(fmean(variance(blocks) for blocks in pair))


def holm(probabilities: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Return probabilities corrected for their number.

    S. Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    corrected: dict[tuple[str, str], float] = {}
    highest = 0.0
    for place, (name, value) in enumerate(sorted(probabilities.items(), key=lambda one: one[1])):
        highest = max(highest, min(1.0, value * (len(probabilities) - place)))
        corrected[name] = highest
    return corrected


def _series(both: Rounds) -> list[float]:
    """Return the mean logarithm of each round that all cases have."""
    rounds = min(len(values) for values in both.values())
    return [fmean(math.log(values[n]) for values in both.values()) for n in range(rounds)]


def _blocks(values: Sequence[float], number: int) -> list[float]:
    """Return the medians of so many blocks of successive values; fewer where there are less."""
    number = min(number, len(values))
    ends = [round(len(values) * n / number) for n in range(number + 1)]
    return [median(values[begin:end]) for begin, end in pairwise(ends)]


def _exchange(first: Sequence[float], second: Sequence[float]) -> float:
    pool, total = [*first, *second], sum(first) + sum(second)
    seen = abs(fmean(second) - fmean(first))
    hits = tries = 0
    for chosen in combinations(pool, len(first)):
        inside = sum(chosen)
        difference = (total - inside) / len(second) - inside / len(first)
        hits += abs(difference) >= seen - 1e-12
        tries += 1
    return hits / tries


def _signs(differences: Sequence[float]) -> float:
    seen = abs(sum(differences))
    ways = list(product((1, -1), repeat=len(differences)))
    hits = sum(
        abs(sum(sign * value for sign, value in zip(signs, differences, strict=True)))
        >= seen - 1e-12
        for signs in ways
    )
    return hits / len(ways)
