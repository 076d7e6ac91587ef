"""Run many requests on an engine, a few at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from zimg_kernel.errors import BadInput, JobCancelled, ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

from .events import Cancelled, Done, Event, Failed
from .job import Job
from .protocol import Engine

Result = GeneratedImage | Exception


class BatchItem(Protocol):
    """A picture that is wanted; items of one key share their picture."""

    @property
    def key(self) -> str:
        """What tells it from others."""

    @property
    def params(self) -> GenerationParams:
        """What is to be drawn."""


Item = TypeVar("Item", bound=BatchItem)


class BatchRunner(Generic[Item]):
    """Hand items to an engine, and their results to a function in the caller's thread.

    Parameters
    ----------
    engine : Engine
        Draws them.
    at_once : int
        How many requests may wait or run at a time.
    items : sequence of BatchItem
        All items of the batch.
    on_result : callable
        Called with the items of one key, and their picture or the error.
    on_job : callable, optional
        Called with each job when it was accepted.
    cancel_all : bool
        Whether a job that somebody cancels ends the batch; it is an error of its items otherwise.

    Attributes
    ----------
    stopped : threading.Event
        Set by :meth:`stop`.
    """

    def __init__(
        self,
        engine: Engine,
        at_once: int,
        items: Sequence[Item],
        on_result: Callable[[list[Item], Result], None],
        *,
        on_job: Callable[[Job], None] | None = None,
        cancel_all: bool = True,
    ) -> None:
        if at_once < 1:
            raise BadInput(
                f"at_once must be at least 1, not {at_once}.",
                code="out-of-range",
                field="at_once",
            )
        self.stopped = threading.Event()
        self._engine, self._at_once, self._on_result = engine, at_once, on_result
        self._on_job, self._cancel_all = on_job, cancel_all
        self._items = group_by_key(items)
        self._jobs: dict[str, Job] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def draw(self, waiting: Sequence[Item]) -> None:
        """Draw items, one model after the other; return when all are done, or after a stop.

        Items of one key are drawn once.
        """
        self._ended = queue.SimpleQueue()  # late events of an earlier run's jobs are dropped
        try:
            for key in drawing_order(waiting):
                while len(self._jobs) >= self._at_once:
                    self._collect(self._ended.get())
                if self.stopped.is_set():
                    break
                self._submit(key, self._items[key][0].params)
            while self._jobs:
                self._collect(self._ended.get())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Cancel what is running and waiting, and submit no more; from any thread."""
        self.stopped.set()
        for job in list(self._jobs.values()):
            job.cancel()

    def _submit(self, key: str, params: GenerationParams) -> None:
        ended = self._ended

        def on_event(event: Event) -> None:
            if isinstance(event, Done | Failed | Cancelled):
                ended.put(key)

        try:
            job = self._engine.submit(params, preview="none")
        except Exception as error:  # whatever an engine raises: the others go on
            self._on_result(self._items[key], error)
            return
        self._jobs[key] = job
        if self._on_job is not None:
            self._on_job(job)
        if self.stopped.is_set():  # asked for between the look before and now
            job.cancel()
        job.on_event(on_event)
        if job.finished:  # it may have ended before the listener was there
            ended.put(key)

    def _collect(self, key: str) -> None:
        job = self._jobs.pop(key, None)
        if job is None:  # reported twice
            return
        if job.images:
            self._on_result(self._items[key], job.images[0])
        elif job.error is not None:
            self._on_result(self._items[key], job.error)
        elif self._cancel_all or self.stopped.is_set():
            self.stop()
        else:
            self._on_result(self._items[key], JobCancelled("The job was cancelled."))


def group_by_key(items: Iterable[Item]) -> dict[str, list[Item]]:
    """Return the items of one key together, by their key."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.key, []).append(item)
    return groups


def drawing_order(items: Sequence[BatchItem]) -> list[str]:
    """Return the keys of items in the order to draw them: one model after the other.

    A model that does not fit beside the others is so loaded only once.
    """
    models = list(dict.fromkeys(item.params.model for item in items))
    ordered = sorted(items, key=lambda item: models.index(item.params.model))
    return list(dict.fromkeys(item.key for item in ordered))


def describe_error(error: Exception) -> str:
    """Return the sentence that stands where a picture is missing."""
    if isinstance(error, BadInput | ZimgError):
        return str(error)
    return f"The picture could not be drawn ({type(error).__name__}: {error}).".splitlines()[0]
