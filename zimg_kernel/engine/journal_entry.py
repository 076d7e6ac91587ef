"""Journal entry: a file that follows one job to its end."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

from zimg_kernel.errors import ZimgError
from zimg_kernel.files import atomic_file

from .events import Cancelled, Done, Event, Failed, Finished
from .job import Job

_VERSION = 1


class JournalEntry:
    """The file of one job, kept as the job stands; safe from several threads.

    Parameters
    ----------
    path : Path
    job : Job
    ending : callable
        Says whether the process is ending: a job cancelled or failed then is still owed.
    """

    def __init__(self, path: Path, job: Job, ending: Callable[[], bool]) -> None:
        self._path, self._ending = path, ending
        self._job: Job | None = job  # None once it has ended
        self._lock = threading.Lock()
        self._finished = 0
        pid, started = _own_process()
        self._facts: dict[str, Any] = {
            "version": _VERSION,
            "params": job.params.model_dump(),
            "accepted": datetime.now(UTC).isoformat(),
            "pid": pid,
            "started": started,
        }

    def on_event(self, event: Event) -> None:
        """Follow the job; called in the thread that reports the event."""
        if isinstance(event, Finished | Done | Cancelled | Failed):
            self.catch_up()

    def catch_up(self) -> None:
        """Bring the file to where the job is now."""
        with self._lock:
            job = self._job
            if job is None:
                return
            given_up = job.status in ("cancelled", "failed") and self._ending()
            if job.finished and not given_up:
                self._remove(job)
                return
            saved = _saved(job)
            if saved != self._finished:
                self._finished = saved
                self._write(job)

    def write(self) -> None:
        """Write the file for the first time."""
        with self._lock:
            if self._job is not None:
                self._write(self._job)

    def _write(self, job: Job) -> None:
        text = json.dumps({**self._facts, "finished": self._finished}, ensure_ascii=False)
        try:
            with atomic_file(self._path) as file:
                file.write(text.encode())
        except ZimgError as error:
            reason = getattr(error.__cause__, "strerror", None) or error.__cause__
            self._warn(
                job,
                f"This request could not be written down in {self._path.parent} ({reason}): it is "
                "drawn, but if the kernel ends before that, it will not be offered again.",
            )

    def _remove(self, job: Job) -> None:
        self._job = None
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            self._warn(
                job,
                f"The journal's entry {self._path} could not be removed ({error.strerror}): the "
                "request may be offered again although it has ended.",
            )

    def _warn(self, job: Job, sentence: str) -> None:
        job.warn(sentence, "not-written-down")


def _saved(job: Job) -> int:
    """Count the pictures from the first one on that have a file."""
    count = 0
    for image in list(job.images):
        if image.path is None:
            break
        count += 1
    return count


@lru_cache(maxsize=1)
def _process(pid: int) -> tuple[int, float]:
    return pid, psutil.Process(pid).create_time()


def _own_process() -> tuple[int, float]:
    return _process(os.getpid())
