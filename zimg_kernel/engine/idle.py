"""Idle models: given back after minutes without work, or sooner where RAM runs short."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

import psutil

from zimg_kernel.errors import BadInput
from zimg_kernel.settings import settings

if TYPE_CHECKING:
    from .local import LocalEngine

_LOOK = 10.0  # seconds between two looks, at most
_RESTED = 10.0  # seconds without work before a lack of RAM counts
_SHORT = 0.05  # of all RAM: with less available, Linux begins to end processes


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
    """Return whether other programs need RAM."""
    ram = psutil.virtual_memory()
    return ram.available < _SHORT * ram.total


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
