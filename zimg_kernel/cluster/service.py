"""Service of the shared engine: accepts requests, owns their queue, saves what workers draw."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zimg_kernel.edit.restore import restore_plan
from zimg_kernel.engine.default_model import default_model, likely_gpu, why_miniature
from zimg_kernel.engine.engine_queue import EngineQueue
from zimg_kernel.engine.events import Event, Queued
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_queue import JobQueue
from zimg_kernel.engine.queue_entry import QueueEntry
from zimg_kernel.engine.request import Request, make_request
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import ModelFiles, find_files
from zimg_kernel.params import GenerationParams

from .dispatch import Dispatcher
from .job_log import JobLog
from .ledger import Account, Ledger
from .outcomes import Outcomes
from .records import Records
from .resume import resume_all, stored_job
from .scheduler import configure
from .tasks import Strand, Work

if TYPE_CHECKING:
    from pathlib import Path

    from .place import Place

_KEPT = 500  # jobs that have ended and may still be asked for
_KEPT_UNSAVED = 32  # the same, with their pixels in memory
_FILES_KEPT = 10.0  # seconds after which a model's files are looked for again
_SAVERS = 4  # threads that save pictures and report
_log = logging.getLogger(__name__)


class Service:
    """Engine of many clients, whose pictures Dask's workers draw.

    Parameters
    ----------
    place : Place
        Of the shared engine.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.queue = JobQueue()
        self.logs: OrderedDict[str, JobLog] = OrderedDict()
        self.galleries: dict[str, str] = {}  # of the jobs in the logs
        self._lock = threading.Lock()
        self._found: dict[str, tuple[float, ModelCard | None, ModelFiles | None]] = {}
        self._accepting = [threading.Lock() for _ in range(64)]
        self.ledger = Ledger(place.folder / "accepted.jsonl")
        self.saving = ThreadPoolExecutor(_SAVERS, "zimg-save")
        self.records = Records(place)
        outcomes = Outcomes(self.queue, self.ledger, self._on_written, self.records.metrics)
        self.dispatcher = Dispatcher(
            lambda: place.now().scheduler, place.security("service"), self.queue, outcomes,
            place.options.job_seconds,
        )  # fmt: skip

    def start(self) -> None:
        """Take over what former services left, and begin to dispatch."""
        self.records.begin(self.dispatcher)
        resume_all(self, self.ledger)
        self.dispatcher.start()

    def close(self) -> None:
        """End; what is not drawn is left to the next service."""
        self.queue.end()
        self.dispatcher.close()
        self.saving.shutdown(wait=True, cancel_futures=True)
        self.records.end()

    def request_of(
        self, params: GenerationParams, gallery: Gallery | None, explained: bool = True
    ) -> Request:
        """Return the request that parameters make; raises as :meth:`Engine.submit`.

        Parameters
        ----------
        explained : bool
            Whether the client knows why the miniature draws where no model is named.
        """
        model = params.model or default_model(likely_gpu)
        card = get_card(model)
        found = make_request(params.replace(model=model), card, self._files(card))
        if not explained and params.model is None:
            reasons = why_miniature(model, likely_gpu)
            found = replace(found, warnings=reasons + found.warnings)
        return found

    def _files(self, card: ModelCard) -> ModelFiles:
        """Return where a model's files are, looked for again every few seconds."""
        when, known, files = self._found.get(card.id, (0.0, None, None))
        now = time.monotonic()
        if files is None or known != card or now - when > _FILES_KEPT:
            files = find_files(card)
            self._found[card.id] = now, card, files
        return files

    def submit(
        self, id: str, params: GenerationParams, gallery: Gallery | None, user: str,
        explained: bool = True, reuse: bool = False, **options: Any,
    ) -> Job:  # fmt: skip
        """Accept a request under the id that its client gave it, or join the one of that id."""
        # One thread at a time for an id: a client whose connection broke sends it twice.
        with self._accepting[hash(id) % len(self._accepting)]:
            known = self.find(id, gallery)
            if known is not None:
                return known.job
            found = self.request_of(params, gallery, explained)
            self._require_room(user, params.count)
            plan = None
            if found.params.edit is not None:
                plan = restore_plan(found.params, found.card, gallery)
            request = replace(found, params=found.params.with_seed(), plan=plan, **options)
            return self.accept(request, gallery, user, job_id=id, reuse=reuse)

    def accept(
        self, request: Request, gallery: Gallery | None, user: str,
        entry: QueueEntry | None = None, job_id: str = "", reuse: bool = False,
    ) -> Job:  # fmt: skip
        """Write a request down, unless it has an entry, and let it be drawn."""
        job = Job(
            request.params, request.warnings, request.notes, origin=request.origin,
            priority=request.priority, job_id=entry.id if entry else job_id,
        )  # fmt: skip
        saved = gallery is not None and request.save
        if saved:
            self._write_down(job, request, gallery, user)
        log = JobLog(job, request.drawn)
        self.queue.write_down(job, request, gallery, entry)
        work = Work(job, request, gallery, user, log, Strand(self.saving))
        work.reuses = reuse and saved
        self.begin(work, [Queued(ahead=self.queue.ahead(job.priority))])
        return job

    def begin(self, work: Work, events: list[Event]) -> None:
        """Let a job wait for its turn, after what is known of it was reported."""
        job = work.job
        job.on_cancel(lambda: self.dispatcher.soon(self.dispatcher.stop, work))
        for event in events:
            job.report(event)
        self.records.follow(work)
        self.remember(work.log, work.gallery)
        self.queue.put(job, work.request, work.gallery)
        self.dispatcher.soon(self.dispatcher.add, work)

    def _write_down(self, job: Job, request: Request, gallery: Gallery | None, user: str) -> None:
        folder = str(gallery.folder) if gallery is not None else ""
        try:
            self.ledger.add(job.id, Account(user, folder, request.preview))
        except OSError as error:
            raise ZimgError(
                f"The request was not accepted, because {self.place.folder} cannot be written "
                f"({error.strerror or error}): free some space there.",
                code="not-written-down",
            ) from error

    def remember(self, log: JobLog, gallery: Gallery | None) -> None:
        """Keep what happened to a job for those who ask; of those that have ended, the last."""
        with self._lock:
            self.logs[log.job.id] = log
            self.galleries[log.job.id] = str(gallery.folder) if gallery is not None else ""
            ended = [id for id, log in self.logs.items() if log.job.finished]
            unsaved = [id for id in ended if any(i.path is None for i in self.logs[id].job.images)]
            for id in {*ended[:-_KEPT], *unsaved[:-_KEPT_UNSAVED]}:
                del self.logs[id], self.galleries[id]

    def find(self, id: str, gallery: Gallery | None) -> JobLog | None:
        """Return a job by its id: one that waits or runs, or has ended, also long ago."""
        log = self.logs.get(id)
        if log is None and gallery is not None:
            log = stored_job(self, id, gallery)
        return log

    def jobs(self, gallery: Gallery | None) -> list[Job]:
        """Return the jobs of a gallery that wait or run, in their order."""
        folder = str(gallery.folder) if gallery is not None else ""
        return [job for job in self.queue.jobs() if self.galleries.get(job.id) == folder]

    def _on_written(self, work: Work, index: int, path: Path | None) -> None:
        self.dispatcher.soon(self.dispatcher.note_saved, work, index, path)

    def _require_room(self, user: str, count: int) -> None:
        quota = self.place.options.quota
        works = list(self.dispatcher.works.values())
        waiting = sum(work.waiting for work in works if work.user == user and not work.over)
        if quota and waiting + count > quota:
            raise BadInput(
                f"{user or 'This user'} has {waiting} pictures waiting, and the shared engine "
                f"takes {quota} of each user: ask for {count} more when some of them are drawn.",
                code="quota-exceeded",
                field="count",
            )


class GalleryQueue(EngineQueue):
    """The service as the clients of one gallery see its queue.

    Parameters
    ----------
    service : Service
    gallery : Gallery or None
    user : str
        Who asks.
    """

    def __init__(self, service: Service, gallery: Gallery | None, user: str) -> None:
        super().__init__(gallery)
        self._service, self._user = service, user
        self._queue = service.queue

    def _planned(self, params: GenerationParams) -> Request:
        found = self._service.request_of(params, self.gallery)
        if found.params.edit is None:
            return found
        return replace(found, plan=restore_plan(found.params, found.card, self.gallery))

    def _accept(self, request: Request, entry: QueueEntry | None = None) -> Job:
        return self._service.accept(request, self.gallery, self._user, entry)


def run(place: Place) -> None:
    """Serve until the process is told to end.

    Parameters
    ----------
    place : Place
        Of the shared engine.
    """
    from .server import Server  # which needs this module

    configure()
    service = Service(place)
    service.start()
    server = Server(service, place.socket)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server.start()
    while not ended.wait(1):
        pass
    server.close()
    service.close()
