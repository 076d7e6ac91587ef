"""Queue record: what the queue's file tells of one job, kept as the job goes on."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from zimg_kernel.errors import ZimgError

from .events import Cancelled, Done, Event, Failed, Finished, Started
from .job import Job
from .queue_entry import QueueEntry
from .queue_store import QueueStore

UNWRITABLE = (sqlite3.Error, OSError, UnicodeError, ZimgError)


class QueueRecord:
    """Follows one job and writes down how far it is; safe from several threads.

    If the file cannot be written, the job goes on and its warnings say so.

    Parameters
    ----------
    store : QueueStore
    job : Job
    ending : callable
        Says whether the process is ending: a job cancelled or failed then is still owed.
    entry : QueueEntry, optional
        What stands there already: an earlier process had begun it.
    first : int, optional
        Index in the whole request of the job's first picture; by default of the first one that
        the entry lacks.
    """

    def __init__(
        self,
        store: QueueStore,
        job: Job,
        ending: Callable[[], bool],
        entry: QueueEntry | None = None,
        first: int | None = None,
    ) -> None:
        self.store, self.job = store, job
        self._ending = ending
        self.rank = entry.rank if entry else 0
        self._finished = entry.finished if entry else 0
        self._first = self._finished if first is None else first
        self._lock = threading.Lock()
        self._written = True

    def accept(self, keep_inputs: Callable[[], object], rank: int) -> None:
        """Write the job down, and before that the pictures that it needs."""
        self.rank = rank
        try:
            keep_inputs()
            job = self.job
            self.store.accept(
                job.id, job.params, priority=job.priority, rank=rank, origin=job.origin
            )
        except UNWRITABLE as error:
            self._written = False
            self.job.warn(
                f"This request could not be written down in {self.store.folder} "
                f"({reason_of(error)}): it is drawn, but if the kernel ends before that, it will "
                "not be offered again.",
                "not-written-down",
            )

    def on_event(self, event: Event) -> None:
        """Follow the job; called in the thread that reports the event."""
        with self._lock:
            if not self._written:
                return
            try:
                self._write(event)
            except UNWRITABLE as error:
                if isinstance(event, Done | Failed | Cancelled):
                    self.job.warn(
                        f"The list of requests in {self.store.folder} could not be written "
                        f"({reason_of(error)}): this one may be offered again although it has "
                        "ended.",
                        "not-written-down",
                    )

    def _write(self, event: Event) -> None:
        id = self.job.id
        match event:
            case Started():
                self.store.begin(id)
            case Finished():
                if event.image.path is not None and self._first + event.index == self._finished:
                    self._finished += 1
                    self.store.progress(id, self._finished)
            case Done():
                self.store.end(id, "done", self._finished)
            case Failed() if not self._ending():
                error = event.error
                code = getattr(error, "code", "")
                self.store.end(id, "failed", self._finished, str(error), code)
            case Cancelled() if not self._ending():
                self.store.end(id, "cancelled", self._finished)


def reason_of(error: BaseException) -> str:
    """Return why a file could not be written, in a few words."""
    cause = error.__cause__ if isinstance(error, ZimgError) and error.__cause__ else error
    return str(getattr(cause, "strerror", None) or cause)
