"""Queue of one engine: its jobs and tasks in order, and the file that they are written down in."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from functools import partial
from pathlib import Path

from zimg_kernel.gallery.gallery import Gallery

from .disk import check_disk
from .events import Cancelled, Event, Step
from .job import Job
from .queue_entry import QueueEntry
from .queue_record import UNWRITABLE, QueueRecord
from .queue_store import QueueStore
from .request import Request
from .task import ModelTask
from .waiting import WaitingQueue

Turn = tuple[Job, Request, Gallery | None] | ModelTask

_MOST_OPEN = 8  # files that are kept open, of galleries used one after the other
_stores: OrderedDict[Path, QueueStore] = OrderedDict()
_stores_lock = threading.Lock()


def store_of(gallery: Gallery) -> QueueStore:
    """Return the queue's file of a gallery: one for all engines of this process."""
    with _stores_lock:
        store = _stores.pop(gallery.folder, None) or QueueStore(gallery.folder)
        _stores[gallery.folder] = store
        while len(_stores) > _MOST_OPEN:
            _stores.popitem(last=False)[1].close()
        return store


class JobQueue:
    """Jobs and tasks of an engine that wait or run, by priority, then in order.

    What is to be saved in a gallery is written down there, and other processes may move or cancel
    it; safe from several threads.
    """

    def __init__(self) -> None:
        self._waiting: WaitingQueue[Turn] = WaitingQueue()
        self._records: dict[str, QueueRecord] = {}
        self._versions: dict[QueueStore, int] = {}
        self._ending = False

    def turns(self) -> list[Turn]:
        """Return what runs and what waits, in order."""
        return self._waiting.values()

    def jobs(self) -> list[Job]:
        """Return the jobs that run and those that wait, in order."""
        jobs = [turn[0] for turn in self.turns() if isinstance(turn, tuple)]
        return [job for job in jobs if not job.finished]

    def ahead(self, priority: int) -> int:
        """Return how much would come before a new job of this priority."""
        taken = self._waiting.taken()
        on = [turn for turn in taken if isinstance(turn, ModelTask) or not turn[0].finished]
        return len(on) + self._waiting.ahead(priority)

    def write_down(
        self, job: Job, request: Request, gallery: Gallery | None,
        entry: QueueEntry | None = None, first: int | None = None,
    ) -> None:  # fmt: skip
        """Write a job down before anything else happens to it, and follow it to its end.

        Parameters
        ----------
        job : Job
        request : Request
        gallery : Gallery or None
            Where the pictures go; what is not to be saved is not written down.
        entry : QueueEntry, optional
            What stands there of it already: a process that is gone had begun it.
        first : int, optional
            Index in the whole request of the job's first picture; by default of the first one
            that the entry lacks.
        """
        if gallery is None or not request.save:
            return
        if entry is None and (warning := check_disk(gallery.folder, request.params)):
            job.warn(warning, "little-disk")
        store = store_of(gallery)
        record = QueueRecord(store, job, self._is_ending, entry, first)
        if entry is None:
            record.accept(partial(_keep_inputs, gallery, request), self._waiting.next_rank())
        self._records[job.id] = record
        self._versions.setdefault(store, 0)
        job.on_event(record.on_event)

    def put(self, job: Job, request: Request, gallery: Gallery | None) -> None:
        """Let a job wait for its turn; its pictures go to the gallery."""
        job.on_event(partial(self._on_event, job))
        record = self._records.get(job.id)
        self._waiting.put(
            job.id, (job, request, gallery), job.priority, record.rank if record else 0
        )

    def put_task(self, task: ModelTask) -> None:
        """Let a task wait for its turn among the jobs."""
        self._waiting.put(_task_id(task), task, movable=False)

    def get(self) -> Turn | None:
        """Wait for the next turn; None once :meth:`close` was called and nothing is left."""
        self.obey()
        return self._waiting.get()

    def waiting(self) -> list[tuple[str, int, int]]:
        """Return id, priority and rank of what waits, in order."""
        return self._waiting.order()

    def take(self, job_id: str) -> None:
        """Let a job's turn come, whatever waits before it."""
        self._waiting.take(job_id)

    def done(self, turn: Job | ModelTask) -> None:
        """Forget a job or task whose turn is over."""
        id = turn.id if isinstance(turn, Job) else _task_id(turn)
        self._waiting.done(id)
        self._records.pop(id, None)

    def move(self, job_id: str, position: int) -> bool:
        """Let a job be the one at this position (from 0) if it waits here; return whether so."""
        ranks = self._waiting.move(job_id, position)
        records = list(self._records.values())  # other threads change it meanwhile
        for store in {record.store for record in records} if ranks else ():
            # Whether that can be written down or not, it is moved here.
            with contextlib.suppress(*UNWRITABLE):
                store.set_ranks(ranks or {})
        return ranks is not None

    def cancel(self, job_id: str) -> bool:
        """Cancel a job if it waits or runs here; return whether so."""
        job = next((job for job in self.jobs() if job.id == job_id), None)
        if job is not None:
            job.cancel()
        return job is not None

    def stop(self) -> None:
        """Cancel what runs and what waits."""
        for turn in self.turns():
            if isinstance(turn, ModelTask):
                turn.stop()
            else:
                turn[0].cancel()

    def close(self) -> None:
        """Let the thread that takes the turns end once nothing is left."""
        self._waiting.close()

    def end(self) -> None:
        """Take note that the process is ending: what is given up now is still owed."""
        self._ending = True

    def _is_ending(self) -> bool:
        # Python ends its thread pools before it calls what atexit knows: a model that is being
        # loaded fails then, and nobody asked for that either.
        return self._ending or not threading.main_thread().is_alive()

    def _on_event(self, job: Job, event: Event) -> None:
        if isinstance(event, Step):
            self.obey()
        elif isinstance(event, Cancelled) and self._waiting.remove(job.id):
            self._records.pop(job.id, None)

    def obey(self) -> None:
        """Take over what other processes wish: another order, or the end of a job."""
        for store, seen in list(self._versions.items()):
            with contextlib.suppress(*UNWRITABLE):
                version = store.version()
                if version == seen:
                    continue
                self._versions[store] = version
                wishes = store.wishes()
                self._waiting.reorder({id: (priority, rank) for id, priority, rank, _ in wishes})
                for id, _, _, cancel in wishes:
                    if cancel and (record := self._records.get(id)):
                        record.job.cancel()


def _keep_inputs(gallery: Gallery, request: Request) -> None:
    plan, edit = request.plan, request.params.edit
    if plan is not None:
        gallery.keep_inputs(plan.inputs(), plan.painted, edit.mask if edit else None)


def _task_id(task: ModelTask) -> str:
    return f"task-{id(task)}"
