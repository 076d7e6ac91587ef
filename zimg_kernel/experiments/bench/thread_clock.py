"""Where the time of a drawing thread went: on a core, ready without one, and neither."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import NamedTuple

from .between_steps import BetweenSteps

_OWN = Path("/proc/thread-self/schedstat")


class _Moment(NamedTuple):
    clock: float
    cpu: float
    waited: float


class ThreadClock:
    """Seconds of the steps of one picture, from the end of its first one on.

    What is neither time on a core nor waiting for one is standing still: sleeping, files, locks,
    other threads. Other programs lengthen the two others alone, so it tells a step that sleeps on
    the busiest machine (:mod:`.time_change`).

    Parameters
    ----------
    between : BetweenSteps, optional
        Repeated at each mark; its time is in none of the steps' figures.
    own : Path
        The kernel's figures for the thread that reads them; see :class:`.run_queue.RunQueue`.
    """

    def __init__(self, between: BetweenSteps | None = None, own: Path = _OWN) -> None:
        self._between, self._own = between, own
        self._thread, self._one = threading.get_ident(), True
        self._last: _Moment | None = None
        self._steps: list[_Moment] = []
        self._paces: list[float] = []

    def mark(self) -> None:
        """End a step and begin the next; to be called by the thread itself."""
        if self._last is None:
            self._thread = threading.get_ident()
        self._one = self._one and threading.get_ident() == self._thread
        now = self._now()
        step = 0.0
        if self._last is not None:
            self._steps.append(_Moment(*(b - a for a, b in zip(self._last, now, strict=True))))
            step = self._steps[-1].cpu
        self._last = self._compare(step) if self._between is not None else now

    def _compare(self, step: float) -> _Moment:
        """Repeat the reference workload; return the moment after it."""
        assert self._between is not None
        times = self._between.passes(step)
        self._between.once()  # brings its numbers into the caches, and is not counted
        began = time.thread_time()
        for _ in range(times):
            self._between.once()
        self._paces.append((time.thread_time() - began) / times)
        return self._now()

    def _now(self) -> _Moment:
        try:
            waited = int(self._own.read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):  # another system
            waited = float("nan")
        return _Moment(time.perf_counter(), time.thread_time(), waited)

    def spent(self, of: str = "steps") -> dict[str, float]:
        """Return seconds by the names of :data:`.result.EXPLAINED`, as far as they are known."""
        if not self._steps or not self._one:
            return {}
        clock, cpu, waited = (sum(values) for values in zip(*self._steps, strict=True))
        found = {f"{of}_cpu": cpu}
        if waited == waited:  # known
            found |= {f"{of}_wait": waited, f"{of}_still": max(0.0, clock - cpu - waited)}
        return found

    def spent_alone(self) -> dict[str, float]:
        """Return the same of steps on one thread, and what they take in passes of ``between``."""
        found = self.spent("alone")
        if found and self._paces:
            around = [fmean(pair) for pair in pairwise(self._paces)]
            found["alone_paced"] = median(
                step.cpu / pace for step, pace in zip(self._steps, around, strict=True)
            )
            found["pace"] = fmean(self._paces)
        return found
