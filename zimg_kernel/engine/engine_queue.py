"""Queue of an engine as others see it: listing, order, and what was interrupted."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from zimg_kernel.errors import ZimgError
from zimg_kernel.params import GenerationParams

from .job import Job
from .job_queue import JobQueue, store_of
from .queue_entry import Interrupted, QueueEntry
from .queue_record import UNWRITABLE, reason_of
from .queue_store import QueueStore, not_waiting
from .recovery import interrupted

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery

    from .request import Request

_log = logging.getLogger(__name__)


class EngineQueue(ABC):
    """The part of an engine that has a queue, written down in its gallery's folder.

    Parameters
    ----------
    gallery : Gallery or None
        Another one may be set at any time: what is accepted then is written down there.
    """

    def __init__(self, gallery: Gallery | None) -> None:
        self.gallery = gallery
        self._queue = JobQueue()
        self._submit_listeners: list[Callable[[Job], None]] = []

    @abstractmethod
    def _planned(self, params: GenerationParams) -> Request:
        """Check parameters, and find the pictures that they name in the gallery."""

    @abstractmethod
    def _accept(self, request: Request, entry: QueueEntry | None = None) -> Job:
        """Write a request down, unless it has an entry, and let it wait."""

    def jobs(self) -> list[Job]:
        """Return the jobs that wait or run, in their order."""
        return self._queue.jobs()

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        """Call a function with every job accepted from now on, before it begins."""
        self._submit_listeners.append(listener)

    def move(self, job_id: str, position: int) -> None:
        """Let a waiting job be drawn in another order; see :meth:`Engine.move`."""
        if self._queue.move(job_id, position):
            return
        store = self.queue_store
        if store is None:
            raise not_waiting(job_id)
        with _writing(store):
            store.move(job_id, position)

    def cancel(self, job_id: str) -> bool:
        """Cancel a job, here or in another process; return whether it had not ended."""
        if self._queue.cancel(job_id):
            return True
        if (store := self.queue_store) is None:
            return False
        with _writing(store):
            return store.cancel(job_id)

    @property
    def queue_store(self) -> QueueStore | None:
        """The list of requests in the gallery's folder, for all processes; None without one."""
        return None if self.gallery is None else store_of(self.gallery)

    def interrupted(self) -> list[Interrupted]:
        """Return requests whose process ended before they were finished."""
        store = self.queue_store
        try:
            return interrupted(store) if store else []
        except UNWRITABLE:
            _log.exception("what other kernels left could not be read")
            return []

    def resume(self, job_id: str) -> Job | None:
        """Draw what is missing of an interrupted request; see :meth:`Engine.resume`."""
        store = self.queue_store
        offer = next((offer for offer in self.interrupted() if offer.id == job_id), None)
        if store is None or offer is None:
            return None
        request = self._planned(offer.params)
        with _writing(store):
            entry = store.claim(job_id)
        if entry is None:
            return None
        request = replace(
            request, drawn=entry.finished, origin=entry.origin, priority=entry.priority
        )
        return self._accept(request, entry)

    def dismiss(self, job_id: str) -> None:
        """Offer an interrupted request no more."""
        if (store := self.queue_store) is not None:
            with _writing(store):
                store.dismiss(job_id)


@contextlib.contextmanager
def _writing(store: QueueStore) -> Iterator[None]:
    """Turn what can go wrong with the file into one sentence."""
    try:
        yield
    except (sqlite3.Error, OSError, UnicodeError) as error:
        raise ZimgError(
            f"The list of requests in {store.folder} could not be changed ({reason_of(error)}): it "
            "is as it was.",
            code="not-written-down",
        ) from error
