"""Run many requests on an engine, a few at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic

from zimg_kernel.engine.events import Cancelled, Done, Event, Failed
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

from .cells import AnyCell, drawing_order, group_by_key

Result = GeneratedImage | Exception


class BatchRunner(Generic[AnyCell]):
    """Hand cells to an engine, and their results to a function in the caller's thread.

    Parameters
    ----------
    engine : Engine
        Draws them.
    at_once : int
        How many requests may wait or run at a time.
    cells : sequence of Cell
        All cells of the batch.
    on_result : callable
        Called with the cells of equal parameters, and their picture or the error.

    Attributes
    ----------
    stopped : threading.Event
        Set by :meth:`stop`.
    """

    def __init__(
        self,
        engine: Engine,
        at_once: int,
        cells: Sequence[AnyCell],
        on_result: Callable[[list[AnyCell], Result], None],
    ) -> None:
        if at_once < 1:
            raise BadInput(
                f"at_once must be at least 1, not {at_once}.",
                code="out-of-range",
                field="at_once",
            )
        self.stopped = threading.Event()
        self._engine, self._at_once, self._on_result = engine, at_once, on_result
        self._cells = group_by_key(cells)
        self._jobs: dict[str, Job] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def draw(self, waiting: Sequence[AnyCell]) -> None:
        """Draw cells, one model after the other; return when all are done, or after a stop.

        Cells of equal parameters are drawn once.
        """
        self._ended = queue.SimpleQueue()  # late events of an earlier run's jobs are dropped
        try:
            for key in drawing_order(waiting):
                while len(self._jobs) >= self._at_once:
                    self._collect(self._ended.get())
                if self.stopped.is_set():
                    break
                self._submit(key, self._cells[key][0].params)
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
            self._on_result(self._cells[key], error)
            return
        self._jobs[key] = job
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
            self._on_result(self._cells[key], job.images[0])
        elif job.error is not None:
            self._on_result(self._cells[key], job.error)
        else:  # cancelled here, or where the engine's jobs are shown: both mean all of it
            self.stop()


def describe_error(error: Exception) -> str:
    """Return the sentence that stands where a picture is missing."""
    if isinstance(error, BadInput | ZimgError):
        return str(error)
    return f"The picture could not be drawn ({type(error).__name__}: {error}).".splitlines()[0]
