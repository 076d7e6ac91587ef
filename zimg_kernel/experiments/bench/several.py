"""Run of several suites one after another into one folder, and their report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, JobCancelled, ZimgError
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import get_card

from .benchmark import add_verdicts, run_bench
from .progress import Progress, spell
from .result_file import read_result
from .runner import FILE
from .suites import get_suite

if TYPE_CHECKING:
    from .report.report import BenchReport

_GUESS = {"cold": 15.0, "papermill": 8.0, "gpu": 1.0}
"""Seconds of a run of suites that do more than drawing, before one was seen."""
_PICTURE = 2.0  # the same for a picture
_EVERY = 5.0  # seconds between two lines about one suite


def run_suites(
    suites: Sequence[str],
    models: Sequence[str],
    out: str | Path,
    *,
    compared_in: Sequence[str] | None = None,
    rounds: Mapping[str, int] | None = None,
    pause: float | None = None,
    on_progress: Callable[[str], None] | None = print,
    **more: Any,
) -> BenchReport:
    """Measure by several suites, and return the report of all.

    What is in the folder already is not measured again, and a suite that was stopped goes on. A
    suite that cannot be measured is told, and the others go on.

    Parameters
    ----------
    suites : sequence of str
        Names of suites, in their order.
    models : sequence of str
        Competitors, as :func:`run_bench` takes them.
    out : str or Path
        The folder; each suite has one in it.
    compared_in : sequence of str, optional
        Suites in which all competitors take part; in the others only the first one does. By
        default all suites.
    rounds : mapping, optional
        How often each case is drawn, by suite; the suite's own number otherwise.
    pause : float, optional
        Seconds after each picture of the stability suite; the suite's own by default.
    on_progress : callable, optional
        Called with a line every few seconds: where it is, and how long the rest will take.
    **more
        As for :func:`run_bench`: ``seed``, ``time_limit``, ``params`` and so on.

    Raises
    ------
    BadInput
        There is no such suite or model, or no suite could be measured.
    JobCancelled
        It was stopped; the same call goes on.
    """
    from .report.report import BenchReport

    folder = Path(out).expanduser().absolute()
    tasks = [_Task.of(name, models, compared_in, rounds or {}) for name in suites]
    told = on_progress or (lambda line: None)
    clock = _Clock(tasks, told)
    for task in tasks:
        clock.begin(task)
        if is_complete(folder / task.suite / FILE):
            told(f"{task.suite}: measured already")
        else:
            waits = {"pause": pause} if task.suite == "stability" else {}
            _measure(task, folder / task.suite, clock, {**more, **waits})
        clock.end(folder / task.suite / FILE)
    return BenchReport(folder)


@dataclass
class _Task:
    """One suite of the run, and how many runs it has."""

    suite: str
    models: list[str]
    rounds: int
    count: int = 0

    @classmethod
    def of(
        cls,
        suite: str,
        models: Sequence[str],
        compared_in: Sequence[str] | None,
        rounds: Mapping[str, int],
    ) -> _Task:
        chosen = get_suite(suite)
        mine = list(models if compared_in is None or suite in compared_in else models[:1])
        times = rounds.get(suite, chosen.rounds)
        cases = len(chosen.cases(_cards(mine)))
        each = 2 if suite == "papermill" else 1
        return cls(suite, mine, times, each * len(mine) * (cases * times + chosen.warmup))


def _cards(models: Sequence[str]) -> list[ModelCard]:
    found = []
    for name in models:
        try:
            model = name.removeprefix("stock:").removeprefix("cluster:").partition("@")[0]
            found.append(get_card(model))
        except BadInput:  # another program; run_bench refuses a name that means nothing
            continue
    return found


def _measure(task: _Task, folder: Path, clock: _Clock, more: Mapping[str, Any]) -> None:
    try:
        run_bench(
            task.suite,
            task.models,
            out=folder,
            rounds=task.rounds,
            progress=False,
            on_progress=clock.show,
            **more,
        )
    except JobCancelled:
        raise
    except (BadInput, ZimgError) as error:
        clock.told(f"{task.suite}: {error}")


def is_complete(path: Path) -> bool:
    """Return whether a result is there, whole and judged."""
    if not path.exists():
        return False
    result = read_result(path)
    if result.complete:
        add_verdicts(result, path.parent)
    return result.complete


class _Clock:
    """Estimates the time of all suites that are left, and tells it with each run."""

    def __init__(self, tasks: Sequence[_Task], told: Callable[[str], None]) -> None:
        self.told = told
        self._waiting = list(tasks)
        self._seconds: dict[str, float] = {}
        self._total, self._said = len(tasks), 0.0
        self._task: _Task | None = None

    def begin(self, task: _Task) -> None:
        """Begin a suite."""
        self._task, self._said = task, 0.0
        self._waiting.remove(task)

    def end(self, path: Path) -> None:
        """Take the times of a suite's result for the estimate of those that follow."""
        if not path.exists():
            return
        seen: dict[str, list[float]] = {}
        for run in read_result(path).runs:
            seen.setdefault(run.competitor, []).append(run.times.get("picture", 0.0))
        self._seconds |= {name: fmean(times) for name, times in seen.items()}

    def _expected(self, task: _Task) -> float:
        """Return the seconds that a suite will take."""
        each = _GUESS.get(task.suite)
        runs = task.count / max(1, len(task.models))
        return sum(runs * (each or self._seconds.get(one, _PICTURE)) for one in task.models)

    def show(self, progress: Progress) -> None:
        """Tell where the suite is, and the time left for it and for all others."""
        assert self._task is not None
        now = time.perf_counter()
        if now - self._said < _EVERY and progress.done < progress.total:
            return
        self._said = now
        place = self._total - len(self._waiting)
        later = sum(map(self._expected, self._waiting))
        left = (progress.seconds_left or 0.0) + later
        words = f"about {spell(left)} left" if left >= 1 else "done"
        self.told(
            f"suite {place} of {self._total}, {self._task.suite}: run {progress.done} of "
            f"{progress.total}, {words}: {progress.now}"
        )
