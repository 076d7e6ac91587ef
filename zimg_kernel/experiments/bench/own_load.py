"""Part of the machine's load that is this process's own work."""

from __future__ import annotations

import math
import os
import time

import psutil

_MEMORY = 60.0  # seconds: the first load average forgets so (Linux, kernel/sched/loadavg.c)


class OwnLoad:
    """Load average of this process and of its children that have ended.

    The system's load average holds what this process did just before, so a suite that follows
    another one seems to begin on a busy machine. CPU time in seconds per second is this process's
    part of it, as long as its threads need not wait for cores.
    """

    def __init__(self) -> None:
        self._since, self._cpu, self._load = psutil.Process().create_time(), 0.0, 0.0

    def now(self) -> float:
        """Return the load, in threads at work."""
        times, now = os.times(), time.time()
        cpu = times.user + times.system + times.children_user + times.children_system
        passed = max(now - self._since, 1e-3)
        kept = math.exp(-passed / _MEMORY)
        self._load = self._load * kept + (cpu - self._cpu) / passed * (1 - kept)
        self._since, self._cpu = now, cpu
        return self._load


OWN_LOAD = OwnLoad()
"""That of this process since it began."""
