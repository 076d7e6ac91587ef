"""Keeps an engine busy with a few requests at a time, and stops soon."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping

from zimg_kernel.engine.job import Cancelled, Done, Event, Failed, Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

Result = GeneratedImage | Exception


class Pump:
    """Hands requests to an engine and their results to a function, in the caller's thread.

    Parameters
    ----------
    engine : Engine
        What draws.
    at_once : int
        How many requests may wait or run at a time.
    result : callable
        Called with a request's key and its picture, or the error why there is none.
    """

    def __init__(self, engine: Engine, at_once: int, result: Callable[[str, Result], None]) -> None:
        self.stopped = threading.Event()
        self._engine, self._at_once, self._result = engine, at_once, result
        self._jobs: dict[str, Job] = {}
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def draw(self, requests: Mapping[str, GenerationParams]) -> None:
        """Draw all of them in their order; return when they are done, or after a stop."""
        self._ended = queue.SimpleQueue()  # a late word on an earlier run's job goes nowhere
        for key, params in requests.items():
            while len(self._jobs) >= self._at_once:
                self._settle(self._ended.get())
            if self.stopped.is_set():
                break
            self._submit(key, params)
        while self._jobs:
            self._settle(self._ended.get())

    def stop(self) -> None:
        """Cancel what is running and waiting, and submit no more; from any thread."""
        self.stopped.set()
        for job in list(self._jobs.values()):
            job.cancel()

    def _submit(self, key: str, params: GenerationParams) -> None:
        ended = self._ended

        def heard(event: Event) -> None:
            if isinstance(event, Done | Failed | Cancelled):
                ended.put(key)

        try:
            job = self._engine.submit(params, preview="none")
        except Exception as error:  # whatever an engine says: the others go on
            self._result(key, error)
            return
        self._jobs[key] = job
        if self.stopped.is_set():  # asked for between the look before and now
            job.cancel()
        job.on_event(heard)
        if job.finished:  # it may have ended before anybody listened
            ended.put(key)

    def _settle(self, key: str) -> None:
        job = self._jobs.pop(key, None)
        if job is None:  # heard of twice
            return
        if job.images:
            self._result(key, job.images[0])
        elif job.error is not None:
            self._result(key, job.error)
        else:  # cancelled here, or where the engine's jobs are shown: both mean all of it
            self.stop()


def sentence(error: Exception) -> str:
    """Return what is said where a picture is missing."""
    if isinstance(error, BadInput | ZimgError):
        return str(error)
    return f"The picture could not be drawn ({type(error).__name__}: {error}).".splitlines()[0]
