"""Comparison of two results: what changed beyond noise.

The figures of a competitor count as changed where three things come together:

1. A permutation test of the times in blocks of successive rounds
   (:func:`.change_test.difference`), corrected by Holm's method for the number of competitors and
   figures, at a level of 2 %.
2. The same test of the times without what other programs took, in each way that both files tell
   it: by the time of a reference workload just before and after each run (``reference``), and on a
   CPU also less the time that the drawing thread waited for a core (``wait``). The one does not
   see what happened in between, the other not what shared caches, clocks and cores cost.
3. A change of at least 5 %. Two processes of the same program differ by a few per cent for reasons
   that no repetition inside one process shows: T. Mytkowicz et al., "Producing wrong data without
   doing anything obviously wrong", ASPLOS 2009; T. Kalibera, R. Jones, "Rigorous benchmarking in
   reasonable time", ISMM 2013. On a busy machine half the share that the process waited for a core
   is wanted instead, for those who had it left their traces in caches and clocks, too.

The figures are the whole time and that of the transformer alone, where it is known. Memory is
compared by its medians: runs of one process are not independent of each other there.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from functools import partial
from statistics import fmean, median
from typing import Any

from zimg_kernel.errors import BadInput

from .change_test import LEVEL, difference, holm
from .own_time import Correction, waiting_share, ways
from .result import BenchResult, Run

LEAST = 0.05
FIGURES = {"total": "", "transformer": " in its steps"}
_MEMORY_LEAST = 0.05
_RAM_LEAST = 0.1  # GB: a process of Python and torch swings by less

Timed = dict[str, tuple[list[float], list[float]]]
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
        The same without what other programs took; of several ways the one nearest to 1.
    probability : float or None
        Of so large a difference without any change, corrected for the number of competitors.
    changed : bool
        Whether it is beyond noise.
    text : str
        One sentence.
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
    cases: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """What changed from one result to another.

    Attributes
    ----------
    changes : tuple of Change
        All that was compared, changed or not.
    notes : tuple of str
        What else differs: hardware, versions, settings, and what could not be compared.
    """

    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def changed(self) -> tuple[Change, ...]:
        """What changed beyond noise."""
        return tuple(change for change in self.changes if change.changed)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {"changes": [asdict(change) for change in self.changes], "notes": list(self.notes)}

    def __str__(self) -> str:
        lines = [change.text for change in self.changed] or ["Nothing changed beyond noise."]
        within = [change.text for change in self.changes if not change.changed]
        return "\n".join([*lines, *[f"  {text}" for text in within], *self.notes])


def compare_results(before: BenchResult, after: BenchResult) -> Comparison:
    """Compare two results of one suite.

    Raises
    ------
    BadInput
        They are of different suites, or share no competitor and case.
    """
    if before.suite != after.suite:
        raise BadInput(
            f"The results are of the suites {before.suite} and {after.suite}: compare two of one.",
            code="other-suite",
            field="after",
        )
    named = {one.name for one in after.competitors}
    shared = [one.name for one in before.competitors if one.name in named]
    strata = {name: _strata(before, after, name, _seconds) for name in shared}
    strata = {name: cases for name, cases in strata.items() if cases}
    if not strata:
        raise BadInput(
            "The results have no competitor and case in common.",
            code="nothing-to-compare",
            field="after",
        )
    pairs = {
        (name, figure): timed
        for name in strata
        for figure in FIGURES
        if (timed := _strata(before, after, name, lambda run, f=figure: run.times.get(f)))
    }
    tests = {key: difference(*_sides(timed), len(pairs)) for key, timed in pairs.items()}
    probabilities = holm({key: probability for key, (probability, _) in tests.items()})
    changes = []
    least = max(LEAST, max(waiting_share(before), waiting_share(after)) / 2)
    for key, timed in pairs.items():
        own = _corrected(before, after, key, timed)
        found = probabilities[key], tests[key][1], len(pairs), least
        changes.append(_time_change(key, timed, own, *found))
    for name in strata:
        changes += _memory_changes(before, after, name)
    return Comparison(tuple(changes), tuple(_notes(before, after, shared)))


def _corrected(
    before: BenchResult, after: BenchResult, key: tuple[str, str], timed: Timed
) -> list[Timed]:
    """Return the times without what other programs took, in each way that is known."""
    found = [_strata(before, after, key[0], partial(_of, correct, key[1]))
             for correct in ways(before, after)]  # fmt: skip
    return [one for one in found if set(one) == set(timed)]


def _of(correct: Correction, figure: str, run: Run) -> float | None:
    return correct(run, figure)


def _time_change(
    key: tuple[str, str],
    cases: Timed,
    own: list[Timed],
    probability: float,
    can_tell: bool,
    tests: int,
    least: float,
) -> Change:
    ratio, ratios = _ratio(cases), [_ratio(one) for one in own]
    corrected = min(ratios, key=lambda one: abs(math.log(one)), default=None)
    changed = probability <= LEVEL and _far(ratio, least)
    for one, its_ratio in zip(own, ratios, strict=True) if changed else ():
        certain = difference(*_sides(one), tests)[0] <= LEVEL / tests
        changed = changed and certain and _far(its_ratio, least) and (its_ratio > 1) == (ratio > 1)
    return Change(
        competitor=key[0],
        figure=key[1],
        ratio=round(ratio, 4),
        corrected=None if corrected is None else round(corrected, 4),
        probability=round(probability, 5),
        changed=changed,
        text=_sentence(key, cases, ratio, corrected, changed, probability, can_tell),
        cases={case: round(median(b) / median(a), 4) for case, (a, b) in cases.items()},
    )


def _sentence(
    key: tuple[str, str],
    cases: Timed,
    ratio: float,
    corrected: float | None,
    changed: bool,
    probability: float,
    can_tell: bool,
) -> str:
    way = f"{abs(ratio - 1):.1%} {'slower' if ratio > 1 else 'faster'}{FIGURES[key[1]]}"
    machine = "" if corrected is None else f", {corrected - 1:+.1%} without what others took"
    if changed:
        return f"{key[0]} is {way} ({_seconds_of(cases)}{machine}; p = {probability:.2g})."
    runs = min(min(len(a), len(b)) for a, b in cases.values())
    why = "" if can_tell else f"; {runs} rounds are too few to tell any change"
    return f"{key[0]}: {way}, within noise ({_seconds_of(cases)}{machine}{why})."


def _sides(cases: Timed) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    return {case: a for case, (a, _) in cases.items()}, {case: b for case, (_, b) in cases.items()}


def _ratio(cases: Timed) -> float:
    """Return the geometric mean over the cases of the ratio of medians."""
    return _geometric(median(second) / median(first) for first, second in cases.values())


def _far(ratio: float, least: float) -> bool:
    return abs(math.log(ratio)) >= math.log(1 + least)


def _seconds_of(cases: Timed) -> str:
    first = sum(median(a) for a, _ in cases.values())
    second = sum(median(b) for _, b in cases.values())
    return f"{first:.3g} → {second:.3g} s"


def _memory_changes(before: BenchResult, after: BenchResult, name: str) -> list[Change]:
    changes = []
    for figure, least in (("torch_peak", 0.0), ("ram_peak", _RAM_LEAST)):
        cases = _strata(before, after, name, lambda run, f=figure: run.resources.get(f))
        if not cases:
            continue
        ratios = {case: median(b) / median(a) for case, (a, b) in cases.items()}
        ratio = _geometric(ratios.values())
        first, second = (max(median(pair[side]) for pair in cases.values()) for side in (0, 1))
        changed = abs(ratio - 1) >= _MEMORY_LEAST and abs(second - first) >= least
        what = "memory of tensors" if figure == "torch_peak" else "RAM"
        text = f"{name}: {what} {first:.3g} → {second:.3g} GB ({ratio - 1:+.1%})."
        rounded = {case: round(value, 4) for case, value in ratios.items()}
        changes.append(Change(name, figure, round(ratio, 4), None, None, changed, text, rounded))
    return changes


def _strata(before: BenchResult, after: BenchResult, name: str, value: Any) -> Timed:
    """Return the values of the cases that both results have, before and after."""
    first, second = _by_case(before, name, value), _by_case(after, name, value)
    return {case: (first[case], second[case]) for case in first if case in second}


def _by_case(result: BenchResult, name: str, value: Any) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for run in result.runs:
        if run.competitor == name and not run.warmup and run.status == "ok":
            figure = value(run)
            if figure:
                found.setdefault(run.case, []).append(figure)
    return found


def _seconds(run: Run) -> float | None:
    return run.times.get("total")


def _geometric(values: Any) -> float:
    return math.exp(fmean(math.log(value) for value in values))


def _notes(before: BenchResult, after: BenchResult, shared: list[str]) -> list[str]:
    notes = []
    least = max(waiting_share(before), waiting_share(after)) / 2
    if least > LEAST:
        notes.append(f"Note: the machine was busy; changes below {least:.0%} cannot be told.")
    for what in ("cpu", "gpu", "cores", "packages", "variables"):
        old, new = before.environment.get(what), after.environment.get(what)
        if old != new:
            notes.append(f"Note: {what} differs: {_differences(old, new)}.")
    for what in sorted(set(before.settings) | set(after.settings)):
        old, new = before.settings.get(what), after.settings.get(what)
        if old != new and what != "rounds":
            notes.append(f"Note: the setting {what} differs: {old} and {new}.")
    for result, words in ((before, "before"), (after, "after")):
        alone = [one.name for one in result.competitors if one.name not in shared]
        if alone:
            notes.append(f"Note: only {words}: {', '.join(alone)}.")
    prints = [{one.name: one.facts.get("fingerprint") for one in result.competitors}
              for result in (before, after)]  # fmt: skip
    notes += [f"Note: the files or software of {name} are not the same." for name in shared
              if prints[0][name] != prints[1][name]]  # fmt: skip
    return notes


def _differences(old: Any, new: Any) -> str:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{old} and {new}"
    keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return ", ".join(f"{key} {old.get(key, 'none')} and {new.get(key, 'none')}" for key in keys)
