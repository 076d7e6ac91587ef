"""Dispatch of pictures to Dask's workers, each in one run at a time that counts."""

from __future__ import annotations

import asyncio
import logging
import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.drawing import explain
from zimg_kernel.engine.events import Step
from zimg_kernel.engine.events_json import error_from_dict, error_to_dict, event_from_dict
from zimg_kernel.engine.job_queue import JobQueue

from . import worker as remote
from .outcomes import too_long
from .reuse import Reuse
from .shares import Candidate, Shares, choose, in_order
from .tasks import Run, Work
from .workers import Seat, Workers, until

if TYPE_CHECKING:
    from pathlib import Path

    from distributed import Client, Security

    from .outcomes import Outcomes

_STOP_SECONDS = 60.0  # after which a worker that does not stop is ended
_TOLD_SECONDS = 5.0  # in which what a worker has told arrives, by its other way
_log = logging.getLogger(__name__)


class Dispatcher(Workers):
    """Thread that hands pictures to the workers of a scheduler and takes the results.

    Parameters
    ----------
    address : callable
        Returns the scheduler's address as it is now.
    security : Security
    queue : JobQueue
        Order of the jobs.
    outcomes : Outcomes
        What follows from the end of a run.
    job_seconds : float
        Time limit of a job; 0 for none.
    """

    def __init__(
        self, address: Callable[[], str], security: Security, queue: JobQueue,
        outcomes: Outcomes, job_seconds: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(address, security)
        self._queue, self._outcomes, self._job_seconds = queue, outcomes, job_seconds
        self.shares, self.reuse = Shares(), Reuse()
        self.works: dict[str, Work] = {}
        self._runs: dict[str, Run] = {}

    def add(self, work: Work) -> None:
        """Let a job of the queue be drawn."""
        if work.over:
            return
        self.works[work.job.id] = work
        self._settle(work)
        if work.job.cancel_requested:
            self.stop(work)
        self.fill()

    def stop(self, work: Work, ending: Callable[[], None] | None = None) -> None:
        """Stop all runs of a job; once they have stopped, let it end (cancelled by default)."""
        if work.over or (work.ending and ending is None):
            return
        work.ending = ending or (lambda: self._outcomes.cancelled(work))
        by_worker: dict[str, list[str]] = {}
        for run in work.runs.values():
            run.stopped = run.stopped or time.monotonic()
            by_worker.setdefault(run.worker, []).append(run.token)
        for address, tokens in by_worker.items():
            self._later(self._run_on(address, remote.cancel_runs, tokens))
        if not work.job.started:  # nobody needs to wait for a run that was to begin next
            for run in list(work.runs.values()):
                work.runs.pop(run.token)
        self._settle(work)

    def fill(self) -> None:
        """Send pictures to the workers that have room, after those that need none."""
        for work in [work for work in self.works.values() if work.reuses]:
            self._reuse_known(work)
        while self._client is not None and (seat := self.free_seat()) is not None:
            candidates = in_order(self._candidates(), self._used)
            chosen = choose(candidates, seat.warm)
            if chosen is None:
                return
            work = self.works[chosen.id]
            if chosen.model not in seat.warm:
                seat = self.warm_seat(chosen.model, seat)
            if not chosen.running:
                self._queue.take(chosen.id)
            run = Run(work, work.take(), seat.address)
            work.runs[run.token] = self._runs[run.token] = seat.runs[run.token] = run
            run.follower = self._later(self._follow(run, self._client))

    def _reuse_known(self, work: Work) -> None:
        fresh = work.saved == 0 and not work.runs
        if not self.reuse.take(work):
            return
        if fresh and any(id == work.job.id for id, _, _ in self._queue.waiting()):
            self._queue.take(work.job.id)
        self._outcomes.begun(work)
        self._outcomes.drawn(work)
        self._settle(work)

    def _candidates(self) -> list[Candidate]:
        now = time.monotonic()
        found = []
        coming = self.reuse.coming(self._runs.values())
        waiting = {id: (priority, rank) for id, priority, rank in self._queue.waiting()}
        for number, (id, work) in enumerate(self.works.items()):
            if not work.has_next or (work.reuses and work.key_of(work.next_index) in coming):
                continue
            priority, rank = waiting.get(id, (work.job.priority, number))
            model, on = str(work.request.params.model), id not in waiting
            found.append(Candidate(id, work.user, model, priority, on, rank, now - work.touched))
        return found

    def _used(self, user: str) -> float:
        """Return a user's drawing time with what is on its way, so that equal users take turns."""
        now = time.monotonic()
        on = sum(now - run.sent + 1e-3 for run in self._runs.values() if run.work.user == user)
        return self.shares.used(user) + on

    async def _follow(self, run: Run, client: Client) -> None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        task = run.work.task(run, self.epoch)
        result: dict[str, Any] | None = None
        future = None
        try:
            future = client.submit(
                remote.draw_picture, task, key=run.key, workers=[run.worker], pure=False, retries=0
            )
            result = await future
            if result["status"] == "told":
                await until(lambda: run.token not in self._runs, _TOLD_SECONDS)
        except (KilledWorker, FutureCancelledError, asyncio.CancelledError, OSError) as error:
            _log.info("run %s is lost (%s)", run.key, type(error).__name__)
        except Exception as error:
            _log.exception("run %s failed", run.key)
            told = error_to_dict(explain(error, "The picture could not be drawn"))
            result = {"status": "failed", "error": told}
        finally:
            if future is not None:
                future.release()
        if result is not None:
            self._take(run, result)
        elif client.status == "running":
            self._lose(run)

    def _take(self, run: Run, result: dict[str, Any]) -> None:
        if self._runs.pop(run.token, None) is None:  # another run has taken its place
            return
        work, seat = run.work, self.seats.get(run.worker)
        if seat is not None:
            seat.runs.pop(run.token, None)
            seat.warm = set(result.get("loaded", seat.warm))
            if seat.drawing == run.token:
                seat.drawing = ""
        if run.begun:
            seconds = time.monotonic() - run.begun
            work.spent += seconds
            self.shares.charge(work.user, seconds)
        counts = work.runs.pop(run.token, None) is not None and not work.over
        if counts and not work.ending:
            match result["status"]:
                case "done":
                    if seat is not None:
                        seat.spans.append(tuple(result["span"]))
                    work.results[run.index] = result["image"]
                    self.reuse.on_drawn(work, run.index)
                    self._outcomes.drawn(work)
                case "failed":
                    error = error_from_dict(result["error"])
                    self.stop(work, lambda: self._outcomes.failed(work, error))
                case _:
                    work.put_back(run.index)
        self._settle(work)
        self.fill()

    def _lose(self, run: Run) -> None:
        """Let a picture be drawn again: its worker died."""
        if self._runs.pop(run.token, None) is None:
            return
        work, seat = run.work, self.seats.get(run.worker)
        first = seat is not None and not seat.drawing and next(iter(seat.runs)) == run.token
        drawn = seat is not None and seat.drawing == run.token
        self._release(run)
        if work.runs.pop(run.token, None) is None or work.over:
            return
        if work.ending is None:
            error = self._outcomes.died(work, run.index, drawn, first)
            if error is not None:
                self.stop(work, lambda: self._outcomes.failed(work, error))
            else:
                work.put_back(run.index)
        self._settle(work)

    def _release(self, run: Run) -> None:
        """Let Dask forget a run, and the worker have room."""
        if (seat := self.seats.get(run.worker)) is not None:
            seat.runs.pop(run.token, None)
        if run.follower is not None:
            run.follower.cancel()

    def _settle(self, work: Work) -> None:
        """End a job that is to end, once nothing of it is drawn any more."""
        if work.over:
            return
        if work.ending is not None and not work.runs:
            work.over = True
            work.ending()
        elif work.saved == len(work.singles):
            work.over = True
            self._outcomes.done(work)
        if work.over:
            self.works.pop(work.job.id, None)

    def take_news(self, messages: list[dict[str, Any]]) -> None:
        """Take what a worker tells of its runs."""
        for message in messages:
            run = self._runs.get(message["token"])
            if run is None:  # another one has taken its place
                continue
            if "result" in message:
                # From our own worker, behind mutual TLS, as Dask's results are.
                self._take(run, pickle.loads(message["result"]))  # noqa: S301
            elif run.token in run.work.runs:
                self._happened(run, message["event"])

    def _happened(self, run: Run, told: dict[str, Any]) -> None:
        work = run.work
        if told["kind"] == "started":
            run.begun = time.monotonic()
            if (seat := self.seats.get(run.worker)) is not None:
                seat.drawing = run.token
            self._outcomes.begun(work)
            return
        found = event_from_dict(told, (), _no_pixels)
        if isinstance(found, Step):
            found = replace(found, index=run.index, count=len(work.singles))
            work.steps.setdefault(run.index, []).append(found)
        self._outcomes.told(work, found)

    def _on_death(self, seat: Seat) -> None:
        for run in list(seat.runs.values()):
            self._lose(run)

    def _on_loss(self, seat: Seat) -> None:
        for run in seat.runs.values():
            self._forget(run)

    def _forget(self, run: Run) -> None:
        """Let a picture be drawn again; nothing can be blamed."""
        self._runs.pop(run.token, None)
        self._release(run)
        work = run.work
        if work.runs.pop(run.token, None) is not None and work.ending is None:
            work.put_back(run.index)
        self._settle(work)

    def note_saved(self, work: Work, index: int, path: Path | None) -> None:
        """Take note that a picture was saved and reported."""
        work.written += 1
        self.reuse.on_saved(work, index, path)
        self.fill()

    def _look(self) -> None:
        """Obey other processes, and end what takes too long."""
        self._queue.obey()
        self.fill()
        now = time.monotonic()
        for work in list(self.works.values()):
            if work.job.cancel_requested:
                self.stop(work)
            elif self._job_seconds and work.drawing_time(now) > self._job_seconds:
                error = too_long(self._job_seconds)
                self.stop(work, partial(self._outcomes.failed, work, error))
        for run in list(self._runs.values()):
            if run.stopped and now - run.stopped > _STOP_SECONDS:
                run.stopped = now
                self._later(self._run_on(run.worker, remote.end_process))


def _no_pixels(data: Any) -> Any:
    raise AssertionError("a worker's events carry no pictures")
