"""Outcomes of runs: saving, reporting, and what the death of a worker means for a picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from zimg_kernel.engine.drawing import deliver
from zimg_kernel.engine.events import Cancelled, Done, Event, Failed, Finished
from zimg_kernel.engine.job_queue import JobQueue
from zimg_kernel.errors import ZimgError
from zimg_kernel.images.image import GeneratedImage

from .ledger import Ledger
from .metrics import Metrics
from .tasks import Work

MOST_DEATHS = 3  # of workers that were drawing the same picture
_MOST_SUSPECTED = 10  # of workers that had it as their next one and told nothing of it


class Outcomes:
    """What the service does about the runs; called in the dispatcher's thread.

    Only here pictures are saved: by the service, one by one in the order of the request.

    Parameters
    ----------
    queue : JobQueue
    ledger : Ledger
    written : callable
        Called with a job's work, an index and the file after each picture that was saved and
        reported, in any thread.
    metrics : Metrics
    """

    def __init__(
        self,
        queue: JobQueue,
        ledger: Ledger,
        written: Callable[[Work, int, Path | None], object],
        metrics: Metrics,
    ) -> None:
        self._queue, self._ledger, self._written = queue, ledger, written
        self._metrics = metrics

    def begun(self, work: Work) -> None:
        """Report that a worker has begun."""
        work.strand.put(work.job.begin)

    def told(self, work: Work, event: Event) -> None:
        """Report a step or a warning."""
        work.strand.put(partial(work.job.report, event))

    def drawn(self, work: Work) -> None:
        """Save and report the pictures whose turn has come: no earlier one is missing."""
        while work.saved in work.results:
            image = work.results.pop(work.saved)
            work.strand.put(partial(self._deliver, work, image, work.saved))
            work.saved += 1

    def done(self, work: Work) -> None:
        """Report that all pictures are there."""
        self._end(work, lambda: Done(tuple(work.job.images)))

    def cancelled(self, work: Work) -> None:
        """Report that a job was cancelled."""
        self._end(work, Cancelled)

    def failed(self, work: Work, error: Exception) -> None:
        """Report why a job failed."""
        self._end(work, lambda: Failed(error))

    def died(self, work: Work, index: int, drawn: bool, first: bool) -> Exception | None:
        """Take note that a worker died; return why the job is given up, if it is.

        Parameters
        ----------
        index : int
            Of a picture that the worker had.
        drawn : bool
            Whether it was drawing that one.
        first : bool
            Whether it had it before all others.
        """
        if drawn:
            self._metrics.died()
            work.deaths[index] = work.deaths.get(index, 0) + 1
            place = work.request.drawn + index
            self._ledger.died(work.job.id, place, work.deaths[index])
        elif first:
            work.suspected[index] = work.suspected.get(index, 0) + 1
        deaths = work.deaths.get(index, 0)
        if deaths < MOST_DEATHS and work.suspected.get(index, 0) < _MOST_SUSPECTED:
            return None
        return ZimgError(
            f"The process that draws died {max(deaths, work.suspected.get(index, 0))} times while "
            f"it had picture {index + 1} of this request, so the request was given up: there may "
            "be too little memory; ask for a smaller picture or take a smaller model.",
            code="worker-died",
        )

    def _deliver(self, work: Work, image: GeneratedImage, index: int) -> None:
        work.job.begin()
        if image.path is not None:  # drawn before
            for step in work.steps.pop(index, ()):
                work.job.report(step)
            work.job.report(Finished(image, index, work.job.params.count))
        else:
            image.job = {"id": work.job.id, "index": work.request.drawn + index}
            begun = time.perf_counter()
            deliver(work.job, work.request, image, index, work.gallery)
            self._metrics.saved(time.perf_counter() - begun)
        image.release()
        self._written(work, index, image.path)

    def _end(self, work: Work, event: Callable[[], Event]) -> None:
        work.strand.put(lambda: work.job.report(event()))
        work.strand.put(lambda: self._queue.done(work.job))


def too_long(seconds: float) -> ZimgError:
    """Return the error of a job that was drawn for longer than a limit (s)."""
    return ZimgError(
        f"The job took longer than the {seconds:g} s of drawing that the shared engine gives "
        "each: ask for fewer or smaller pictures, or start the engine with a longer limit (zimg "
        "up --job-seconds).",
        code="time-limit",
    )
