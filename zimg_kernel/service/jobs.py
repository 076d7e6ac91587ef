"""Jobs of the service by their ids, also those of a process that was killed."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from zimg_kernel.engine.events import Cancelled, Done, Failed, Finished, Queued
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_queue import store_of
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.queue_entry import DAMAGE, QueueEntry
from zimg_kernel.engine.recovery import find_drawn
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage

from .accepted import ORIGIN, Accepted, AcceptedRequests
from .served import Served

_MOST_ENDED = 256  # jobs whose events stay in memory
_log = logging.getLogger(__name__)


class ServedJobs:
    """The jobs that this service has accepted, now or before it was started anew.

    Parameters
    ----------
    engine : Engine
    accepted : AcceptedRequests
    on_end : callable
        Called with each job that ends in this process, in the thread that reports it.
    """

    def __init__(
        self, engine: Engine, accepted: AcceptedRequests, on_end: Callable[[Served], None]
    ) -> None:
        self._engine = engine
        self._accepted = accepted
        self._on_end = on_end
        self._lock = threading.RLock()
        self._open: dict[str, Served] = {}
        self._ended: OrderedDict[str, Served] = OrderedDict()

    def add(self, job: Job, accepted: Accepted) -> Served:
        """Take a job that the engine has accepted."""
        served = Served(job, accepted)
        with self._lock:
            self._open[job.id] = served
        told = not job.finished  # of one that ended before, the books tell already
        job.on_event(lambda event: self._ending(served, told) if job.finished else None)
        if job.finished:
            self._ending(served, told)
        return served

    def get(self, job_id: str) -> Served | None:
        """Return a job by its id; one of an earlier process is made again from what is on disk."""
        with self._lock:
            found = self._open.get(job_id) or self._ended.get(job_id)
        if found is not None:
            return found
        accepted = self._accepted.by_job(job_id)
        return self.of(accepted) if accepted else None

    def of(self, accepted: Accepted) -> Served | None:
        """Return the job of an accepted request; None if nothing is left of it."""
        with self._lock:
            known = self._open.get(accepted.job) or self._ended.get(accepted.job)
            if known is not None:
                return known
            job = self._find(accepted)
            if job is None:
                return None
            if job.id != accepted.job:
                self._accepted.set_job(accepted.ref, job.id)
            return self.add(job, self._accepted.by_ref(accepted.ref) or accepted)

    def open(self) -> list[Served]:
        """Return the jobs that wait or run."""
        with self._lock:
            return list(self._open.values())

    def all(self) -> list[Served]:
        """Return all jobs in memory."""
        with self._lock:
            return [*self._open.values(), *self._ended.values()]

    def waiting_pictures(self, token: str) -> int:
        """Return how many pictures of a token's id are accepted and not drawn."""
        mine = [served.job for served in self.open() if served.accepted.token == token]
        return sum(job.params.count - len(job.images) for job in mine)

    def resume(self) -> int:
        """Go on with what an earlier process of the service left; return how many jobs that is."""
        resumed = 0
        store = self._store()
        for left in self._engine.interrupted():
            entry = store.find(left.id) if store else None
            if entry is None or not entry.origin.startswith(ORIGIN):
                continue
            accepted = self._accepted.by_ref(entry.origin.removeprefix(ORIGIN))
            if accepted is None:
                continue
            try:
                resumed += self.of(accepted) is not None
            except (BadInput, ZimgError) as error:
                _log.warning("%s could not be resumed (%s)", left.id, error)
        return resumed

    def _ending(self, served: Served, told: bool) -> None:
        with self._lock:
            if self._open.pop(served.job.id, None) is None:
                return
            self._ended[served.job.id] = served
            while len(self._ended) > _MOST_ENDED:
                self._ended.popitem(last=False)
        if told:
            self._on_end(served)

    def _store(self) -> Any:
        return store_of(self._engine.gallery) if self._engine.gallery is not None else None

    def _find(self, accepted: Accepted) -> Job | None:
        """Return the engine's job, or one that tells the same from what is on disk."""
        store = self._store()
        if store is None:
            return None
        job_id = accepted.job
        entry: QueueEntry | None = (
            store.find(job_id) if job_id else store.of_origin(accepted.origin)
        )
        if entry is None:
            return None
        job = next((job for job in self._engine.jobs() if job.id == entry.id), None)
        if job is not None:
            return job
        if entry.left:
            # What is drawn already is counted, and the rest offered, before that.
            self._engine.interrupted()
            job = self._engine.resume(entry.id)
            entry = store.find(entry.id) or entry
            if job is not None:
                return self._joined(entry, job)
        return self._told(entry)

    def _told(self, entry: QueueEntry) -> Job | None:
        """Return a job that has ended, as the queue's file and the gallery tell of it."""
        job = self._begun(entry)
        if job is None:
            return None
        match entry.state:
            case "done":
                job.report(Done(tuple(job.images)))
            case "failed":
                job.report(
                    Failed(ZimgError(entry.error, code=entry.error_code or "drawing-failed"))
                )
            case "cancelled":
                job.report(Cancelled())
            case _:  # another process of this home draws it
                return None
        job.started, job.ended = _time(entry.started), _time(entry.ended)
        return job

    def _begun(self, entry: QueueEntry) -> Job | None:
        try:
            params = entry.params
        except DAMAGE:
            return None
        job = Job(params, origin=entry.origin, priority=entry.priority, job_id=entry.id)
        job.accepted = entry.when
        job.report(Queued(0))
        gallery = self._engine.gallery
        assert gallery is not None
        for index, single in enumerate(params.singles()[: entry.finished]):
            path = find_drawn(entry, index, single, gallery)
            if path is not None:
                with contextlib.suppress(BadInput):
                    job.report(Finished(GeneratedImage.open(path), index, params.count))
        return job

    def _joined(self, entry: QueueEntry, rest: Job) -> Job:
        """Return a job with the pictures that were drawn before, followed by those of the rest."""
        if entry.finished == 0 or (whole := self._begun(entry)) is None:
            return rest
        first, count = entry.finished, whole.params.count
        whole.on_cancel(rest.cancel)

        def hand_on() -> None:
            for event in rest.events():
                match event:
                    case Queued():
                        continue
                    case Finished():
                        whole.report(Finished(event.image, first + event.index, count))
                    case Done():
                        whole.report(Done(tuple(whole.images)))
                    case _:
                        whole.report(event)

        threading.Thread(target=hand_on, name="zimg-resumed", daemon=True).start()
        return whole


def _time(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds).astimezone() if seconds else None
