"""Dispatch of pictures to Dask's workers, each in one run at a time that counts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.events import Step
from zimg_kernel.engine.events_json import error_from_dict, event_from_dict
from zimg_kernel.engine.job_queue import JobQueue
from zimg_kernel.errors import ZimgError

from . import worker as remote
from .shares import Candidate, Shares, choose, in_order
from .tasks import Run, Work

if TYPE_CHECKING:
    from distributed import Client, Security

    from .outcomes import Outcomes

AT_ONCE = 2  # runs on a worker: one is drawn, the next one is at hand
_TICK = 0.2  # seconds between two looks at wishes, limits and the connection
_CHECK = 1.0  # seconds between two comparisons with the scheduler
_STOP_SECONDS = 60.0  # after which a worker that does not stop is ended
_log = logging.getLogger(__name__)


@dataclass
class Seat:
    """A worker as the dispatcher knows it.

    Attributes
    ----------
    address, name : str
    warm : set of str
        Models in its memory.
    runs : dict of str to Run
        What it was sent, by token, in order.
    drawing : str
        Token of the run that it began last.
    spans : deque of (float, float)
        When its last pictures were begun and done, by its own clock.
    """

    address: str
    name: str
    pid: int
    warm: set[str]
    runs: dict[str, Run] = field(default_factory=dict)
    drawing: str = ""
    spans: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=1000))


class Dispatcher:
    """Thread that hands pictures to the workers of a scheduler and takes the results.

    All state belongs to its thread; other threads use :meth:`soon`.

    Parameters
    ----------
    address : str
        The scheduler's.
    security : Security
    queue : JobQueue
        Order of the jobs.
    outcomes : Outcomes
        What follows from the end of a run.
    job_seconds : float
        Time limit of a job; 0 for none.
    """

    def __init__(
        self, address: str, security: Security, queue: JobQueue, outcomes: Outcomes,
        job_seconds: float = 0.0,
    ) -> None:  # fmt: skip
        self._address, self._security, self._queue = address, security, queue
        self._outcomes, self._job_seconds = outcomes, job_seconds
        self.epoch = time.time_ns()
        self.shares = Shares()
        self.works: dict[str, Work] = {}
        self.seats: dict[str, Seat] = {}
        self._joining: set[str] = set()
        self._runs: dict[str, Run] = {}
        self._client: Client | None = None
        self._closing = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="zimg-dispatch", daemon=True)

    def start(self) -> None:
        """Begin to dispatch."""
        self._thread.start()

    def close(self) -> None:
        """Dispatch no more; what is drawn is left to the next service."""
        self._closing = True
        self._thread.join(10)

    def soon(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call a function in the dispatcher's thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(function, *arguments)

    def ask(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Run a coroutine in the dispatcher's thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

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
        """Send pictures to the workers that have room."""
        while self._client is not None and (seat := self._free_seat()) is not None:
            candidates = in_order(self._candidates(), self._used)
            chosen = choose(candidates, seat.warm)
            if chosen is None:
                return
            work = self.works[chosen.id]
            if chosen.model not in seat.warm:
                seat = self._warm_seat(chosen.model, seat)
            if not chosen.running:
                self._queue.take(chosen.id)
            run = Run(work, work.take(), seat.address)
            work.runs[run.token] = self._runs[run.token] = seat.runs[run.token] = run
            self._later(self._follow(run, self._client))

    def _candidates(self) -> list[Candidate]:
        now = time.monotonic()
        found = []
        waiting = {id: (priority, rank) for id, priority, rank in self._queue.waiting()}
        for number, (id, work) in enumerate(self.works.items()):
            if not work.has_next:
                continue
            priority, rank = waiting.get(id, (work.job.priority, number))
            model = str(work.request.params.model)
            running = id not in waiting
            found.append(
                Candidate(id, work.user, model, priority, running, rank, now - work.touched)
            )
        return found

    def _used(self, user: str) -> float:
        """Return a user's drawing time with what is on its way, so that equal users take turns."""
        now = time.monotonic()
        on = sum(now - run.sent + 1e-3 for run in self._runs.values() if run.work.user == user)
        return self.shares.used(user) + on

    def _free_seat(self) -> Seat | None:
        free = [seat for seat in self.seats.values() if len(seat.runs) < AT_ONCE]
        return min(free, key=lambda seat: (len(seat.runs), seat.name), default=None)

    def _warm_seat(self, model: str, seat: Seat) -> Seat:
        free = [s for s in self.seats.values() if len(s.runs) <= len(seat.runs) and model in s.warm]
        return free[0] if free else seat

    async def _follow(self, run: Run, client: Client) -> None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        task = run.work.task(run, self.epoch)
        result: dict[str, Any] | None = None
        future = client.submit(
            remote.draw_picture, task, key=run.key, workers=[run.worker], pure=False, retries=0
        )
        try:
            result = await future
        except (KilledWorker, FutureCancelledError, asyncio.CancelledError, OSError) as error:
            _log.info("run %s is lost (%s)", run.key, type(error).__name__)
        except Exception as error:
            _log.exception("run %s failed", run.key)
            told = {"class": "ZimgError", "code": "drawing-failed", "field": None}
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            text = f"The picture could not be drawn ({reason})."
            result = {"status": "failed", "error": {**told, "text": text}}
        finally:
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
        first = seat is not None and next(iter(seat.runs), "") == run.token
        drawn = seat is not None and seat.drawing == run.token
        if seat is not None:
            seat.runs.pop(run.token, None)
        if work.runs.pop(run.token, None) is None or work.over:
            return
        if work.ending is None:
            error = self._outcomes.died(work, run.index, drawn, first)
            if error is not None:
                self.stop(work, lambda: self._outcomes.failed(work, error))
            else:
                work.put_back(run.index)
        self._settle(work)

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

    def _news(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take what a worker tells of a run."""
        message = event[1]
        run = self._runs.get(message["token"])
        if run is None or run.token not in run.work.runs:
            return
        work, told = run.work, message["event"]
        if told["kind"] == "started":
            run.begun = time.monotonic()
            if (seat := self.seats.get(run.worker)) is not None:
                seat.drawing = run.token
            self._outcomes.begun(work)
            return
        found = event_from_dict(told, (), _no_pixels)
        if isinstance(found, Step):
            found = Step(found.step, found.steps, run.index, len(work.singles), jpeg=found.jpeg)
        self._outcomes.told(work, found)

    def _cluster(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take what the scheduler tells of workers."""
        message = event[1]
        match message.get("action"):
            case "add-worker":
                self._later(self._join(message["worker"]))
            case "remove-worker":
                self._leave(message["worker"])

    async def _compare(self, client: Client) -> None:
        """Bring the seats to what the scheduler says: events may come late or out of order."""
        scheduler: Any = client.scheduler
        known = (await scheduler.identity(n_workers=-1))["workers"]
        for address in [address for address in self.seats if address not in known]:
            self._leave(address)
        for address in known:
            self._later(self._join(address))

    async def _join(self, address: str) -> None:
        client = self._client
        if client is None or address in self.seats or address in self._joining:
            return
        self._joining.add(address)
        try:
            found = await self._run_on(address, remote.begin_service, self.epoch)
        finally:
            self._joining.discard(address)
        if found is not None and client is self._client:
            name, warm = str(found["name"]), set(found["loaded"])
            self.seats[address] = Seat(address, name, found["pid"], warm)
            self.fill()

    def _leave(self, address: str) -> None:
        seat = self.seats.get(address)
        if seat is None:
            return
        for run in list(seat.runs.values()):
            self._lose(run)
        self.seats.pop(address, None)
        self.fill()

    async def _run_on(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on a worker; return None where the worker is gone."""
        if self._client is None:
            return None
        try:
            found = await self._client.run(
                function, *arguments, workers=[address], on_error="return"
            )
        except (OSError, ValueError, asyncio.CancelledError):
            return None
        answer = found.get(address)
        if isinstance(answer, ZimgError | ValueError):
            raise answer
        return None if isinstance(answer, Exception) else answer

    async def ask_all(self, method: str, **options: Any) -> list[Any]:
        """Call a method of every worker's engine; return the answers of those that live."""
        seats = sorted(self.seats.values(), key=lambda seat: seat.name)
        answers = await asyncio.gather(
            *(self._run_on(seat.address, remote.ask_engine, method, options) for seat in seats)
        )
        if method == "unload":
            for seat in seats:
                seat.warm -= {options["model"]} if options.get("model") else set(seat.warm)
        return [answer for answer in answers if answer is not None]

    def _later(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._keep_connected())

    async def _keep_connected(self) -> None:
        while not self._closing:
            try:
                await self._connected()
            except (OSError, TimeoutError, asyncio.CancelledError) as error:
                _log.info("no scheduler yet (%s)", error)
            await asyncio.sleep(_TICK)

    async def _connected(self) -> None:
        from distributed import Client

        client = await Client(
            self._address, security=self._security, asynchronous=True, set_as_default=False,
            direct_to_workers=True, timeout=2, name="zimg-service",
        )  # fmt: skip
        self._client = client
        try:
            client.subscribe_topic(remote.TOPIC, self._news)
            client.subscribe_topic("all", self._cluster)
            checked = 0.0
            while client.status == "running" and not self._closing:
                if time.monotonic() - checked > _CHECK:
                    await self._compare(client)
                    checked = time.monotonic()
                self._look()
                await asyncio.sleep(_TICK)
        finally:
            self._client = None
            for address in list(self.seats):
                self.seats[address].drawing = ""  # the worker has not died: nobody's fault
                for run in list(self.seats[address].runs.values()):
                    self._forget(run)
                self.seats.pop(address)
            with contextlib.suppress(Exception):
                await client.close(timeout=1)

    def _forget(self, run: Run) -> None:
        """Let a picture be drawn again: the scheduler is gone."""
        self._runs.pop(run.token, None)
        work = run.work
        if work.runs.pop(run.token, None) is not None and work.ending is None:
            work.put_back(run.index)
        self._settle(work)

    def _look(self) -> None:
        """Obey other processes, and end what takes too long."""
        self._queue.obey()
        now = time.monotonic()
        for work in list(self.works.values()):
            if work.job.cancel_requested:
                self.stop(work)
            elif self._job_seconds and work.drawing_time(now) > self._job_seconds:
                error = ZimgError(
                    f"The job took longer than the {self._job_seconds:g} s of drawing that the "
                    "shared engine gives each: ask for fewer or smaller pictures, or start the "
                    "engine with a longer limit (zimg up --job-seconds).",
                    code="time-limit",
                )
                self.stop(work, partial(self._outcomes.failed, work, error))
        for run in list(self._runs.values()):
            if run.stopped and now - run.stopped > _STOP_SECONDS:
                run.stopped = now
                self._later(self._run_on(run.worker, remote.end_process))


def _no_pixels(data: Any) -> Any:
    raise AssertionError("a worker's events carry no pictures")
