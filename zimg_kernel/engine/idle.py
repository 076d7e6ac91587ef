"""Idle models: given back after minutes without work, or sooner where RAM runs short."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from zimg_kernel.errors import BadInput
from zimg_kernel.settings import settings

if TYPE_CHECKING:
    from .local import LocalEngine

_LOOK = 10.0  # seconds between two looks, at most
_RESTED = 10.0  # seconds without work before a lack of RAM counts
_SHORT = 0.05  # of all RAM: with less available, Linux begins to end processes
_CGROUPS, _OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


class IdleModels:
    """Thread that unloads an engine's models when nobody has used them for a while.

    They are loaded again by the next request that names them.

    Parameters
    ----------
    engine : LocalEngine
    busy : lock
        Held while a model is used.
    minutes : float
        Without work; 0 for never, and then no thread runs.
    """

    def __init__(self, engine: LocalEngine, busy: threading.RLock, minutes: float) -> None:
        self._engine, self._busy = engine, busy
        self._seconds = minutes * 60
        self._used = time.monotonic()
        self._ended = threading.Event()
        if minutes:
            threading.Thread(target=self._work, name="zimg-idle", daemon=True).start()

    def touch(self) -> None:
        """Note that models are used now."""
        self._used = time.monotonic()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()

    def _work(self) -> None:
        while not self._ended.wait(min(_LOOK, self._seconds / 4)):
            if self._busy.acquire(blocking=False):  # else a model is used now
                try:
                    self._look()
                finally:
                    self._busy.release()

    def _look(self) -> None:
        loaded = self._engine.loaded
        idle = time.monotonic() - self._used
        if loaded and idle >= self._seconds:
            self._engine.unload()
        elif loaded and idle >= _RESTED and ram_is_short():
            self._engine.unload(loaded[0])  # the longest unused; the next look goes on


def ram_is_short() -> bool:
    """Return whether other programs need RAM, or this one's container has hardly any left."""
    ram = psutil.virtual_memory()
    return ram.available < _SHORT * ram.total or share_left() < _SHORT


def share_left(root: Path = _CGROUPS, own: Path = _OWN_CGROUP) -> float:
    """Return the share that is left of the memory of this process's control groups, 0 to 1.

    1 where they have no limit. Files that were read count as free, as the kernel gives them back
    (Linux' documentation: cgroup-v2, memory).

    Parameters
    ----------
    root : Path
        Where the groups are mounted.
    own : Path
        File that names the one of this process.
    """
    least = 1.0
    with contextlib.suppress(OSError, StopIteration):
        lines = own.read_text("utf-8").splitlines()
        group = next(line[3:] for line in lines if line.startswith("0::"))
        place = root / group.lstrip("/")
        for folder in [place, *place.parents]:
            if folder.is_relative_to(root):
                least = min(least, _share_left(folder))
    return least


def _share_left(folder: Path) -> float:
    try:
        limit = float((folder / "memory.max").read_text("ascii"))  # "max" is no number
        used = float((folder / "memory.current").read_text("ascii"))
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
        return 1 - (used - float(stat["inactive_file"])) / limit if limit else 1.0
    except (OSError, ValueError, KeyError):
        return 1.0


def idle_minutes() -> float:
    """Return how long models may be idle by ``ZIMG_IDLE_MINUTES``; 0 for ever.

    Raises
    ------
    BadInput
        It is no number from 0 on.
    """
    given = settings().idle_minutes or "0"
    try:
        minutes = float(given)
    except ValueError:
        minutes = math.nan
    if not 0 <= minutes < 1e6:
        raise BadInput(
            f"ZIMG_IDLE_MINUTES={given} is no time: write the minutes without work after which "
            "models leave the memory, such as 15, or 0 for never.",
            code="out-of-range",
            field="ZIMG_IDLE_MINUTES",
        )
    return minutes
