"""Comparison of two results: what changed beyond noise.

The figures of a competitor, its whole time, that of the transformer alone, and the time that its
steps stand still, count as changed where both of these hold:

1. A permutation test of the times in blocks of successive rounds
   (:func:`.change_test.difference`), corrected by Holm's method for the number of competitors and
   figures, at a level of 3 %. On a CPU the times are those without waiting for a core.
2. In each way of taking away what other programs took (:func:`.own_time.ways`) the difference has
   the same sign, is at least 5 % and two and a half deviations of the blocks of one result, and is
   no less than what the ways differ by.

On a CPU, benchmarks of five rounds and more draw some steps once more after each run, on one thread
(:mod:`.one_thread`), and repeat a fixed block of a transformer after each of them
(:class:`.between_steps.BetweenSteps`). A step's time is then told in passes of it, just before and
after, and the pace of the machine is in both: no other way is needed, rounds do not depend on those
before them, and the difference need be no more than two and a half standard errors, and 5 %; the
level is 1 % there. Several threads wait for each other, so that a step of theirs depends on what
other programs do in a way that nothing tells. A slowdown that one thread does not show, or that
holds up the fixed calculation as well, such as a thread of the program that keeps a core busy, is
in the whole time alone; that is compared in passes of it, too, as one more of the ways.

Standing still (:func:`.own_time.with_standing_still`) needs no such way: a drawing thread that
sleeps, or waits for files or locks, does so on an idle machine and on a busy one alike.

The test tells chance within two processes, and no more. Two processes of the same program differ
by a few per cent for reasons that no repetition inside one shows: T. Mytkowicz et al., "Producing
wrong data without doing anything obviously wrong", ASPLOS 2009; T. Kalibera, R. Jones, "Rigorous
benchmarking in reasonable time", ISMM 2013. And a machine that changes from minute to minute has
changed from one day to another at least as much: so a difference is asked for that the blocks of
one result do not show among themselves. Memory is compared by its medians: runs of one process are
not independent of each other there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

from zimg_kernel.errors import BadInput

from .change import Change, as_measured_total, geometric_mean, strata
from .other_differences import other_differences
from .result import BenchResult, Run
from .time_change import time_changes

_MEMORY_LEAST = 0.05
_RAM_LEAST = 0.1  # GB: a process of Python and torch swings by less


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
    timed = [name for name in shared if strata(before, after, name, as_measured_total)]
    if not timed:
        raise BadInput(
            "The results have no competitor and case in common.",
            code="nothing-to-compare",
            field="after",
        )
    changes = time_changes(before, after, timed)
    for name in timed:
        changes += _memory_changes(before, after, name)
    return Comparison(tuple(changes), tuple(other_differences(before, after, shared)))


def _resource(figure: str, run: Run) -> float | None:
    return run.resources.get(figure)


def _memory_changes(before: BenchResult, after: BenchResult, name: str) -> list[Change]:
    changes = []
    for figure, least in (("torch_peak", 0.0), ("ram_peak", _RAM_LEAST)):
        cases = strata(before, after, name, partial(_resource, figure))
        if not cases:
            continue
        ratios = {case: median(b) / median(a) for case, (a, b) in cases.items()}
        ratio = geometric_mean(ratios.values())
        first, second = (max(median(pair[side]) for pair in cases.values()) for side in (0, 1))
        changed = abs(ratio - 1) >= _MEMORY_LEAST and abs(second - first) >= least
        what = "memory of tensors" if figure == "torch_peak" else "RAM"
        text = f"{name}: {what} {first:.3g} → {second:.3g} GB ({ratio - 1:+.1%})."
        rounded = {case: round(value, 4) for case, value in ratios.items()}
        change = Change(name, figure, round(ratio, 4), None, None, changed, text, cases=rounded)
        changes.append(change)
    return changes
