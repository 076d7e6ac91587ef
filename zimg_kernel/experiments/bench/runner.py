"""Run of a benchmark: rounds, order, progress, stop and go on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.engine.progress import ProgressBar
from zimg_kernel.errors import BadInput, JobCancelled

from .between_steps import BetweenSteps
from .competitors.competitor import Competitor
from .environment import environment
from .findings import find
from .measure import Meter
from .nvml import open_card
from .plan import Planned, lay_out
from .progress import Forecast, Progress
from .result import BenchResult, Case, CompetitorFacts, Run
from .result_file import read_result, write_result
from .sampler import ResourceSampler
from .summary import summarise

FILE = "result.json"
_IN_A_ROW = 3  # failures after which a competitor is given up
_EVERY = 5.0  # seconds between two writings of the file on the way


class Runner:
    """Runs every competitor on every case, and keeps the result file up to date.

    Parameters
    ----------
    suite : str
        Its name, for the file.
    competitors : sequence of Competitor
        One that fails or does not answer is reported and left out; the others go on.
    cases : sequence of Case
        What each of them is asked for.
    folder : Path
        Where ``result.json`` and the pictures go. A result there that was stopped on the way and
        has the same settings goes on.
    settings : dict
        ``rounds``, ``seed``, ``pause``, ``time_limit``, ``warm_cases`` and ``in_order``.
    command : str
        That makes such a file again.
    reference : callable, optional
        Repeats the reference workload for so many seconds: :class:`.Reference`.
    between : BetweenSteps, optional
        The reference workload between steps.
    on_progress : callable, optional
        Called with a :class:`.Progress` after each run.
    on_run : callable, optional
        Called with each finished :class:`.Run` and its competitor; may add ``values``.
    stop : threading.Event, optional
        Set it from another thread to end early.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        suite: str,
        competitors: Sequence[Competitor],
        cases: Sequence[Case],
        folder: Path,
        settings: dict[str, Any],
        *,
        command: str = "",
        reference: Callable[[float], tuple[float, int]] | None = None,
        between: BetweenSteps | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        on_run: Callable[[Run, Path], None] | None = None,
        stop: threading.Event | None = None,
        progress: bool | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        names = [one.name for one in competitors]
        if not names or len(set(names)) < len(names):
            raise BadInput(
                "Name at least one competitor, and each of them once.",
                code="competitors-not-unique",
                field="models",
            )
        self._competitors = {one.name: one for one in competitors}
        self._cases = {case.name: case for case in cases}
        self._folder, self._settings = folder, settings
        self._reference, self._between, self._clock = reference, between, clock
        self._on_progress, self._on_run = on_progress, on_run
        self._stop, self._progress = stop or threading.Event(), progress
        self._failures = dict.fromkeys(names, 0)
        self._written = 0.0
        self.result = self._begin(suite, command)
        self._before = self.result.seconds
        self._began = time.perf_counter()

    def run(self) -> BenchResult:
        """Make all runs that are not in the file yet.

        Raises
        ------
        JobCancelled
            It was stopped; what is measured is kept, the same call goes on.
        """
        self._began = time.perf_counter()
        card = open_card(_card_index())
        self.result.environment = environment(card)
        try:
            with ResourceSampler(card) as sampler, self._bar() as bar:
                self._measure_all(sampler, bar)
                self.result.samples += sampler.thinned()
        finally:
            for one in self._competitors.values():
                _quietly(one.close)
            self._finish()
        if not self.result.complete:
            raise JobCancelled(
                f"The benchmark was stopped; what is measured is in {self._folder / FILE}: run it "
                "again to go on.",
                code="cancelled",
            )
        return self.result

    def _begin(self, suite: str, command: str) -> BenchResult:
        new = BenchResult(
            suite=suite,
            created=datetime.now().astimezone(),
            command=command,
            settings=self._settings,
            competitors=[CompetitorFacts(name=name, kind=one.kind)
                         for name, one in self._competitors.items()],
            cases=list(self._cases.values()),
        )  # fmt: skip
        path = self._folder / FILE
        if not path.exists():
            return new
        old = read_result(path)
        if old.complete:
            raise BadInput(
                f"{path} holds a finished benchmark already: choose another folder, or remove it.",
                code="result-exists",
                field="out",
            )
        same = (old.suite, old.settings) == (new.suite, new.settings)
        if not same or {one.name for one in old.competitors} != set(self._competitors):
            raise BadInput(
                f"{path} was begun with other settings: choose another folder, or remove it.",
                code="other-settings",
                field="out",
            )
        new.runs, new.samples = old.runs, old.samples
        new.created, new.seconds = old.created, old.seconds
        return new

    def _bar(self) -> ProgressBar:
        return ProgressBar(
            len(self._plan()), f"Benchmark {self.result.suite}", self._progress, "run"
        )

    def _plan(self) -> list[Planned]:
        settings = self._settings
        return lay_out(
            list(self._competitors),
            list(self._cases),
            settings["rounds"],
            settings["seed"],
            warm_cases=settings.get("warm_cases", ()),
            warms=lambda one, case: self._competitors[one].warms(self._cases[case].params),
            in_order=settings.get("in_order", False),
        )

    def _measure_all(self, sampler: ResourceSampler, bar: ProgressBar) -> None:
        meter = Meter(
            sampler, self._reference, self._folder, self._settings["time_limit"], self._clock,
            self._between,
        )  # fmt: skip
        plan, forecast = self._plan(), Forecast()
        there = {
            (run.competitor, run.case, run.round) for run in self.result.runs if not run.warmup
        }
        waiting = [one for one in plan
                   if one.warmup or (one.competitor, one.case, one.round) not in there]  # fmt: skip
        for place, planned in enumerate(waiting):
            if self._stop.is_set():
                return
            began, rest = time.perf_counter(), waiting[place + 1 :]
            run = self._run(meter, planned)
            if not planned.warmup and rest and self._settings.get("pause"):
                self._stop.wait(self._settings["pause"])
            forecast.saw(planned, time.perf_counter() - began)
            self._tell(bar, len(plan) - len(rest), len(plan), forecast.left(rest), run)
        self.result.complete = True

    def _run(self, meter: Meter, planned: Planned) -> Run:
        competitor, case = self._competitors[planned.competitor], self._cases[planned.case]
        run = Run(
            number=len(self.result.runs),
            competitor=planned.competitor,
            case=planned.case,
            round=planned.round,
            warmup=planned.warmup,
            started=datetime.now().astimezone(),
            params=dict(case.params),
        )
        facts = next(one for one in self.result.competitors if one.name == planned.competitor)
        if facts.error or self._out_of_memory_before(planned):
            run.status = "skipped"
            run.error = facts.error or "It ran out of memory in an earlier round."
        else:
            run, alive = meter.measure(competitor, case, run)
            if run.status == "ok" and not facts.facts:
                facts.facts = _quietly(competitor.facts) or {}
            if self._on_run is not None and run.status in ("ok", "broken"):
                self._on_run(run, self._folder)
            self._count(run, facts, alive)
        self.result.runs.append(run)
        if time.perf_counter() - self._written > _EVERY:
            self._write()
        return run

    def _out_of_memory_before(self, planned: Planned) -> bool:
        return any(
            run.status == "out-of-memory"
            and (run.competitor, run.case) == (planned.competitor, planned.case)
            and run.round < planned.round
            for run in self.result.runs
        )

    def _count(self, run: Run, facts: CompetitorFacts, alive: bool) -> None:
        """Give a competitor up that does not come back, or fails again and again."""
        bad = run.status in ("failed", "timeout")
        self._failures[run.competitor] = self._failures[run.competitor] + 1 if bad else 0
        if not alive or self._failures[run.competitor] >= _IN_A_ROW:
            facts.error = run.error

    def _tell(self, bar: ProgressBar, done: int, total: int, left: float | None, run: Run) -> None:
        bar.show(done)
        if self._on_progress is None:
            return
        seconds = f" {run.times['total']:.2f} s" if "total" in run.times else ""
        outcome = "warm-up" if run.warmup and run.status == "ok" else run.status
        now = f"{run.competitor}, {run.case}: {outcome}{seconds}"
        _quietly(lambda: self._on_progress and self._on_progress(Progress(done, total, left, now)))

    def _finish(self) -> None:
        summarise(self.result)
        self.result.findings = find(self.result, self._folder)
        self._write()

    def _write(self) -> None:
        self._written = time.perf_counter()
        self.result.seconds = round(self._before + self._written - self._began, 2)
        write_result(self.result, self._folder / FILE)


def _card_index() -> int:
    """Return the number of the card that models are drawn on."""
    if "torch" not in sys.modules:
        return 0
    from zimg_kernel.models.device import pick_device

    return pick_device().index or 0


def _quietly(function: Callable[[], Any]) -> Any:
    """Return what a function returns; None where it fails, for it must not end the benchmark."""
    try:
        return function()
    except Exception:
        return None
