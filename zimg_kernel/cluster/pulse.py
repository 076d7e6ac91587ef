"""Signs of life of an engine's processes, by which others notice one that hangs.

Each process touches its file ``ROLE.pid`` as long as its threads and event loops get on. What it
draws or loads has no part in that: a model may take minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import time
from pathlib import Path

from zimg_kernel.engine.owner import Owner

_FRESH = 10.0  # seconds within which every event loop of a process has had its turn
_BEAT = 1.0  # seconds between two turns
_MOST = 2.0  # seconds that one look may add: a machine that slept blames nobody
_log = logging.getLogger(__name__)
_beats: dict[str, float] = {}


async def beat(name: str) -> None:
    """Be a sign that an event loop of this process gets on, until it is cancelled."""
    try:
        while True:
            _beats[name] = time.monotonic()
            await asyncio.sleep(_BEAT)
    finally:
        _beats.pop(name, None)


def touch(file: Path) -> None:
    """Give a sign of life of this process, unless one of its event loops is stuck."""
    now = time.monotonic()
    if all(now - last < _FRESH for last in list(_beats.values())):
        with contextlib.suppress(OSError):
            os.utime(file)


class Silence:
    """How long there has been no sign of life of a process.

    Parameters
    ----------
    file : Path
        Its ``ROLE.pid``.
    limit : float
        Seconds after which it hangs; 0 for never.
    """

    def __init__(self, file: Path, limit: float) -> None:
        self._file, self._limit = file, limit
        self._seen: tuple[int, int] = (0, 0)
        self._looked = time.monotonic()
        self._silent = 0.0

    def end_if_hung(self, owner: Owner) -> bool:
        """Look at the file; kill the process if it hangs, and return whether so."""
        now = time.monotonic()
        passed, self._looked = min(now - self._looked, _MOST), now
        try:
            found = self._file.stat()
        except OSError:
            return False
        seen = found.st_ino, found.st_mtime_ns
        if seen != self._seen:
            self._seen, self._silent = seen, 0.0
            return False
        self._silent += passed
        if not self._limit or self._silent < self._limit or owner.own or not owner.alive:
            return False
        self._silent = 0.0
        _log.warning(
            "%s (%d) showed no sign of life for %g s and was killed", self._file.stem, owner.pid,
            self._limit,
        )  # fmt: skip
        with contextlib.suppress(OSError):
            os.kill(owner.pid, signal.SIGKILL)
        return True
