"""Background thread that saves finished pictures in order while the next one is drawn."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class SaveQueue:
    """Queue of small tasks, done in order on a thread of its own.

    Parameters
    ----------
    most : int
        How many tasks may wait; :meth:`put` waits for room, so that a slow disk holds the
        drawing back instead of filling the memory.
    """

    def __init__(self, most: int = 2) -> None:
        self._tasks: queue.Queue[Callable[[], object] | None] = queue.Queue(most)
        self._thread = threading.Thread(target=self._work, name="zimg-save", daemon=True)
        self._thread.start()

    def put(self, task: Callable[[], object]) -> None:
        """Do a task after all that were sent before it."""
        self._tasks.put(task)

    def close(self, timeout: float = 60) -> None:
        """Do what is waiting, then end the thread."""
        self._tasks.put(None)
        self._thread.join(timeout)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except Exception:  # a task looks after its own errors; the thread must live
                _log.exception("a task of the save queue failed")
            del task  # it holds a picture and its job
