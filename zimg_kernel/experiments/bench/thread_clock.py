"""Where the time of a drawing thread went: on a core, ready without one, and neither (Linux)."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import NamedTuple

_OWN = Path("/proc/thread-self/schedstat")


class _Moment(NamedTuple):
    thread: int
    clock: float
    cpu: float
    waited: float


class ThreadClock:
    """Shares of the time between the first and the last mark of one thread.

    What is neither time on a core nor waiting for one is standing still: sleeping, files, locks,
    other threads. Other programs lengthen the two others alone, so it tells a step that sleeps on
    the busiest machine (:mod:`.time_change`).

    Parameters
    ----------
    own : Path
        The kernel's figures for the thread that reads them; see :class:`.run_queue.RunQueue`.
    """

    def __init__(self, own: Path = _OWN) -> None:
        self._own = own
        self._first: _Moment | None = None
        self._last: _Moment | None = None

    def mark(self) -> None:
        """Note this moment; to be called by the thread itself."""
        try:
            waited = int(self._own.read_text().split()[1]) / 1e9
        except (OSError, ValueError, IndexError):  # another system
            return
        now = _Moment(threading.get_ident(), time.perf_counter(), time.thread_time(), waited)
        self._first, self._last = self._first or now, now

    def spent(self) -> dict[str, float]:
        """Return seconds by the names of :data:`.result.EXPLAINED`; empty where unknown."""
        first, last = self._first, self._last
        if first is None or last is None or first is last or first.thread != last.thread:
            return {}
        cpu, waited = last.cpu - first.cpu, last.waited - first.waited
        still = max(0.0, last.clock - first.clock - cpu - waited)
        return {"steps_cpu": cpu, "steps_wait": waited, "steps_still": still}
