"""Times of a run without what other programs took."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from .result import BenchResult, Run

Correction = Callable[[Run, str], "float | None"]
"""Returns a time of a run, corrected."""
_LEAST = 0.01  # share of a time that remains at least


def without_waiting(run: Run, figure: str) -> float | None:
    """Return a time less the share that the process waited for a core; None where unknown."""
    wait, seconds, total = run.resources.get("wait"), run.times.get(figure), run.times.get("total")
    if wait is None or not seconds or not total:
        return None
    return seconds * max(_LEAST, 1 - wait / total)


def by_reference(run: Run, figure: str) -> float | None:
    """Return a time by that of the reference workload around it; None where unknown."""
    reference, seconds = run.resources.get("reference"), run.times.get(figure)
    return seconds / reference if reference and seconds else None


def waiting_share(result: BenchResult) -> float:
    """Return the median share of a run that the process waited for a core; 0 where unknown."""
    shares = [run.resources["wait"] / run.times["total"] for run in result.runs
              if not run.warmup and run.times.get("total") and "wait" in run.resources]  # fmt: skip
    return median(shares) if shares else 0.0


def ways(*results: BenchResult) -> tuple[Correction, ...]:
    """Return how these results can be corrected: on a card by the reference alone."""
    on_card = any(result.environment.get("gpu") for result in results)
    return (by_reference,) if on_card else (without_waiting, by_reference)
