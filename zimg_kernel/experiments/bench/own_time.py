"""Times of a run without what other programs took."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from statistics import median, quantiles
from typing import NamedTuple

from .result import BenchResult, Run

Correction = Callable[[Run, str], "float | None"]
"""Returns a time of a run, corrected; None where it is unknown."""

_LEAST = 0.01  # share of a time that remains at least
_WAITING = 0.1  # share of waiting from which on the reference workload itself had to wait


class Way(NamedTuple):
    """How the times of two results are corrected to be compared."""

    before: Correction
    after: Correction


def as_measured(run: Run, figure: str) -> float | None:
    """Return a time as it is."""
    return run.times.get(figure)


def without_waiting(
    run: Run, figure: str, threads: float = 1, power: float = 1
) -> float | None:  # fmt: skip
    """Return a time by the share in which the process had its cores; None where unknown.

    Parameters
    ----------
    threads : float
        How many waited as long as the one that waited longest, one after the other.
    power : float
        Of the share.
    """
    wait, seconds, total = run.resources.get("wait"), run.times.get(figure), run.times.get("total")
    if wait is None or not seconds or not total:
        return None
    return seconds * max(_LEAST, 1 - threads * wait / total) ** power


def by_reference(run: Run, figure: str) -> float | None:
    """Return a time by that of the reference workload around it; None where unknown."""
    reference, seconds = run.resources.get("reference"), run.times.get(figure)
    return seconds / reference if reference and seconds else None


def by_pace(run: Run, figure: str = "") -> float | None:
    """Return a step's time on one thread in passes of the workload around it; None if unknown."""
    return run.resources.get("alone_paced")


def paced(before: BenchResult, after: BenchResult, name: str) -> bool:
    """Return whether all steps of a competitor are known in such passes.

    Not told by it is what another number of threads brings: one thread would not show it.
    """
    if _threads(before) != _threads(after):
        return False
    each = [_drawn(one, name) for one in (before, after)]
    return all(runs and all(by_pace(run) for run in runs) for runs in each)


def _threads(result: BenchResult) -> float:
    return float(result.environment.get("threads") or 1)


def without_waiting_by_pace(run: Run, figure: str) -> float | None:
    """Return a time without waiting for cores in passes of the same workload; None if unknown."""
    seconds, pace = without_waiting(run, figure), run.resources.get("pace")
    return seconds / pace if seconds and pace else None


def _drawn(result: BenchResult, name: str) -> list[Run]:
    return [run for run in result.runs
            if run.competitor == name and not run.warmup and run.status == "ok"]  # fmt: skip


def with_standing_still(run: Run, figure: str = "") -> float | None:
    """Return the steps' time on a core and at a standstill by that on a core; None where unknown.

    What other programs take is in neither of the two, and what they do to caches and clocks is in
    both: it is the same on an idle machine and on a busy one. Of one thread: one of several also
    stands still while it waits for the others, which wait for cores.
    """
    for steps in ("alone", "steps"):
        cpu, still = (run.resources.get(f"{steps}_{part}") for part in ("cpu", "still"))
        if cpu and still is not None:
            return 1 + still / cpu
    return None


def standstill_is_own(before: BenchResult, after: BenchResult, name: str) -> bool:
    """Return whether a drawing thread stands still for its own reasons alone, as far as is told.

    On a card it waits for that.
    """
    if _on_card(before) or _on_card(after):
        return False
    alone = all("alone_still" in run.resources for one in (before, after)
                for run in _drawn(one, name))  # fmt: skip
    return alone or _threads(before) == _threads(after) == 1


def waiting_share(result: BenchResult) -> float:
    """Return the median share of a run that the process waited for a core; 0 where unknown."""
    shares = [run.resources["wait"] / run.times["total"] for run in result.runs
              if not run.warmup and run.times.get("total") and "wait" in run.resources]  # fmt: skip
    return median(shares) if shares else 0.0


def corrections(result: BenchResult) -> tuple[Correction, ...]:
    """Return how one result can be corrected, run by run: on a card by the reference alone."""
    return (by_reference,) if _on_card(result) else (without_waiting, by_reference)


def ways(before: BenchResult, after: BenchResult) -> tuple[Way, ...]:
    """Return the ways in which two results can be compared, the most exact one first.

    On a CPU the time that the drawing thread waited for a core is taken away. Two doubts remain.
    Where others ran for longer, they also left more traces in caches: the share that remains is
    taken squared as well. Threads that draw together wait for each other, too: what was lost lies
    between the longest waiting and the sum of all, so one result is also taken at its one end and
    the other at its other.

    What caches, clocks and sibling threads of a core cost is no waiting. The pace of the reference
    workload shows it: the lower quartile of a result, which short disturbances do not move. It is
    left out where the process waited for more than a tenth of the time, as the reference did, too.
    """
    pairs: list[tuple[Correction, Correction]] = [(as_measured, as_measured)]
    if not (_on_card(before) or _on_card(after)) and _waits(before) and _waits(after):
        threads = max(_threads(before), _threads(after))
        squared = partial(without_waiting, power=2)
        pairs = [(without_waiting, without_waiting), (squared, squared)]
        if threads > 1:
            all_of_them = partial(without_waiting, threads=threads)
            pairs += [(without_waiting, all_of_them), (all_of_them, without_waiting)]
    paces = _pace(before), _pace(after)
    if max(waiting_share(before), waiting_share(after)) <= _WAITING and all(paces):
        pairs += [(_by(paces[0], one), _by(paces[1], other)) for one, other in pairs]
    return tuple(Way(*pair) for pair in pairs)


def _by(pace: float, correct: Correction) -> Correction:
    def corrected(run: Run, figure: str) -> float | None:
        seconds = correct(run, figure)
        return seconds / pace if seconds else None

    return corrected


def _on_card(result: BenchResult) -> bool:
    return bool(result.environment.get("gpu"))


def _waits(result: BenchResult) -> bool:
    """Return whether the waiting of all runs with a picture is known."""
    drawn = [run for run in result.runs if not run.warmup and run.status == "ok"]
    return bool(drawn) and all("wait" in run.resources for run in drawn)


def _pace(result: BenchResult) -> float:
    """Return the lower quartile of the reference workload's seconds; 0 where there are none."""
    paces = [run.resources["reference"] for run in result.runs
             if not run.warmup and run.resources.get("reference")]  # fmt: skip
    return quantiles(paces, n=4, method="inclusive")[0] if len(paces) > 1 else sum(paces)
