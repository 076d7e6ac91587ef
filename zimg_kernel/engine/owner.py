"""Processes that own requests: their numbers and start times, and whether they still run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

import psutil

_SAME_START = 2.0  # seconds; a start time is counted from boot and shifts when the clock is set


@dataclass(frozen=True)
class Owner:
    """A process: another one may get its number later, but not with the same start.

    Attributes
    ----------
    pid : int
    started : float
        Seconds since 1970.
    """

    pid: int
    started: float

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        try:
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started) > _SAME_START:
                return False
            return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:  # somebody else's, so not a kernel of this user
            return False
        except (ValueError, OverflowError):  # no process has such a number
            return False

    @property
    def own(self) -> bool:
        """Whether it is this process."""
        return self.pid == os.getpid()


def this_process() -> Owner:
    """Return this process as an owner."""
    return _process(os.getpid())


@lru_cache(maxsize=1)
def _process(pid: int) -> Owner:
    return Owner(pid, psutil.Process(pid).create_time())
