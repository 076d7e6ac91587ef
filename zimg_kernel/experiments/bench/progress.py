"""Progress of a benchmark: what is done, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .plan import Planned


@dataclass(frozen=True)
class Progress:
    """Where a benchmark is.

    Attributes
    ----------
    done, total : int
        Runs.
    seconds_left : float or None
        Estimate for the rest; None before the first run.
    now : str
        Competitor, case and outcome of the last run.
    """

    done: int
    total: int
    seconds_left: float | None
    now: str

    def __str__(self) -> str:
        left = "" if self.seconds_left is None else f", about {spell(self.seconds_left)} left"
        return f"{self.done} of {self.total}{left}: {self.now}"


class Forecast:
    """Estimates the time of the runs to come from those of the same competitor and case."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], list[float]] = {}

    def saw(self, run: Planned, seconds: float) -> None:
        """Take what a run took, with all that was done around it."""
        self._seen.setdefault((run.competitor, run.case), []).append(seconds)

    def left(self, runs: Sequence[Planned]) -> float | None:
        """Return the seconds that these runs will take; None as long as nothing is known."""
        if not self._seen:
            return None
        everything = median([s for seen in self._seen.values() for s in seen])
        return sum(self._expected(run, everything) for run in runs)

    def _expected(self, run: Planned, otherwise: float) -> float:
        same = self._seen.get((run.competitor, run.case))
        if same is None:
            same = [
                s for (one, _), seen in self._seen.items() if one == run.competitor for s in seen
            ]
        return median(same) if same else otherwise


def spell(seconds: float) -> str:
    """Return a time in words: 40 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
