"""Changes of times from one result to another, told from noise; see :mod:`.compare`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from statistics import fmean, median
from typing import NamedTuple

from .change import Change, Strata, geometric_mean, strata
from .change_test import LEVEL, difference, holm, spread
from .own_time import (
    Correction,
    as_measured,
    by_pace,
    paced,
    standstill_is_own,
    ways,
    with_standing_still,
    without_waiting_by_pace,
)
from .result import BenchResult, Run

FIGURES = {"total": "", "transformer": " in its steps", "still": " in its steps"}
"""Times that are compared; ``still`` is :func:`.own_time.with_standing_still`."""
LEAST = 0.05
_LEVEL_BY_PACE = 0.01
"""Of steps of one thread told by the machine's pace, where the rounds are enough for it: two
processes of one program differ by 2 % there (one deviation), which many rounds tell from chance all
too well.
"""
_ROUNDS_BY_PACE = 6  # fewer cannot reach that level
_SPREADS = 2.5  # deviations of the blocks of one result


class _Limits(NamedTuple):
    """What a change of one figure has to exceed."""

    level: float = LEVEL
    paced: bool = False  # whether the machine's pace is in it, so that rounds are independent


def time_changes(before: BenchResult, after: BenchResult, names: Sequence[str]) -> list[Change]:
    """Return the changes of all times of the competitors of these names."""
    found = {(name, figure): _in_ways(before, after, name, figure)
             for name in names for figure in FIGURES}  # fmt: skip
    found = {key: each for key, each in found.items() if each}
    limits = {key: _limits(before, after, key, each[0]) for key, each in found.items()}
    tests = {key: difference(*_sides(each[0]), len(found), limits[key].paced)
             for key, each in found.items()}  # fmt: skip
    probabilities = holm({key: probability for key, (probability, _) in tests.items()})
    return [
        _time_change(key, _as_measured(before, after, key) or each[0], each,
                     probabilities[key], tests[key][1], limits[key])
        for key, each in found.items()
    ]  # fmt: skip


def _limits(
    before: BenchResult, after: BenchResult, key: tuple[str, str], cases: Strata
) -> _Limits:  # fmt: skip
    name, figure = key
    if figure != "transformer" or not paced(before, after, name):
        return _Limits()
    rounds = min(len(values) for sides in cases.values() for values in sides)
    return _Limits(_LEVEL_BY_PACE if rounds >= _ROUNDS_BY_PACE else LEVEL, True)


def _in_ways(before: BenchResult, after: BenchResult, name: str, figure: str) -> list[Strata]:
    """Return the times in each way of taking away what other programs took."""
    pairs: list[tuple[Correction, Correction]] = []
    by_steps = paced(before, after, name)
    if figure == "transformer" and by_steps:
        pairs = [(by_pace, by_pace)]
    elif figure != "still":
        pairs = [(way.before, way.after) for way in ways(before, after)]
        if by_steps:
            pairs.append((without_waiting_by_pace, without_waiting_by_pace))
    elif standstill_is_own(before, after, name):
        pairs = [(with_standing_still, with_standing_still)]
    each = [_of_both(before, after, (name, figure), *pair) for pair in pairs]
    return [one for one in each if one]


def _as_measured(before: BenchResult, after: BenchResult, key: tuple[str, str]) -> Strata:
    return _of_both(before, after, key, as_measured, as_measured)


def _of_both(
    before: BenchResult, after: BenchResult, key: tuple[str, str],
    first: Correction, second: Correction,
) -> Strata:  # fmt: skip
    name, figure = key
    return strata(before, after, name, partial(_of, first, figure), partial(_of, second, figure))


def _of(correct: Correction, figure: str, run: Run) -> float | None:
    return correct(run, figure)


def _time_change(
    key: tuple[str, str],
    cases: Strata,
    each: Sequence[Strata],
    probability: float,
    can_tell: bool,
    limits: _Limits,
) -> Change:
    ratio, ratios = _ratio(cases), [_ratio(one) for one in each]
    spreads = [_SPREADS * spread(*_sides(one), limits.paced) for one in each]
    noises = [max(math.log(1 + LEAST), one) for one in spreads]
    logs = [math.log(one) for one in ratios]
    beyond = all(abs(one) >= noise for one, noise in zip(logs, noises, strict=True))
    # What the ways differ by is unknown, too: a change has to reach beyond it.
    unknown = max(logs) - min(logs)
    beyond = beyond and min(map(abs, logs)) >= unknown
    changed = beyond and probability <= limits.level and len({one > 0 for one in logs}) == 1
    noise = math.expm1(min(max(noises) + unknown, 10.0))
    nearest = 1.0 if min(logs) <= 0 <= max(logs) else math.exp(min(logs, key=abs))
    return Change(
        competitor=key[0],
        figure=key[1],
        ratio=round(ratio, 4),
        corrected=round(nearest, 4),
        probability=round(probability, 5),
        changed=changed,
        text=_sentence(
            key, cases, ratios[0], changed, probability, noise if can_tell else None, limits.paced
        ),
        noise=round(noise, 4) if can_tell else None,
        cases={case: round(median(b) / median(a), 4) for case, (a, b) in cases.items()},
    )


def _sentence(
    key: tuple[str, str],
    cases: Strata,
    ratio: float,
    changed: bool,
    probability: float,
    noise: float | None,
    paced: bool,
) -> str:
    if key[1] == "still":
        return _still_sentence(key[0], cases, changed, probability, noise)
    way = f"{abs(ratio - 1):.1%} {'slower' if ratio > 1 else 'faster'}{FIGURES[key[1]]}"
    seconds = _seconds_of(cases)
    if paced:
        way, seconds = f"{way}, on one thread and by the machine's pace", f"as drawn: {seconds}"
    elif abs(math.log(ratio / _ratio(cases))) > 0.01:
        way, seconds = f"{way} without what other programs took", f"measured: {seconds}"
    if changed:
        return f"{key[0]} is {way} ({seconds}; p = {probability:.2g})."
    runs = min(min(len(a), len(b)) for a, b in cases.values())
    why = f"{runs} rounds are too few to tell any change"
    if noise is not None:
        why = f"a change of {noise:.0%} would be told" if noise < 1 else "the machine was too busy"
    return f"{key[0]}: {way} ({seconds}), within noise; {why}."


def _still_sentence(
    name: str, cases: Strata, changed: bool, probability: float, noise: float | None
) -> str:
    ratio = _ratio(cases)
    first, second = (fmean(1 - 1 / median(pair[side]) for pair in cases.values())
                     for side in (0, 1))  # fmt: skip
    shares = f"{first:.1%} → {second:.1%} of its steps' own time"
    if changed:
        return (f"{name} stands still for {'longer' if ratio > 1 else 'shorter'} than before, "
                f"{shares}: {abs(ratio - 1):.1%} {'slower' if ratio > 1 else 'faster'} by that "
                f"(p = {probability:.2g}).")  # fmt: skip
    told = f"; a change of {noise:.0%} would be told" if noise is not None else ""
    return f"{name} stands still as long as before, {shares}{told}."


def _sides(cases: Strata) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    return {case: a for case, (a, _) in cases.items()}, {case: b for case, (_, b) in cases.items()}


def _ratio(cases: Strata) -> float:
    """Return the geometric mean over the cases of the ratio of medians."""
    return geometric_mean(median(second) / median(first) for first, second in cases.values())


def _seconds_of(cases: Strata) -> str:
    first = sum(median(a) for a, _ in cases.values())
    second = sum(median(b) for _, b in cases.values())
    return f"{first:.3g} → {second:.3g} s"
