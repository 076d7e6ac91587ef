"""Job: one request as a sequence of events; waiting and cancelling."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from zimg_kernel.errors import JobCancelled
from zimg_kernel.params import GenerationParams

from .events import LAST, Cancelled, Done, Event, Failed, Finished, Started, Step, Warned

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage

_IN_MEMORY = 16  # pictures of a job whose pixels stay at hand
_log = logging.getLogger(__name__)


class Job:
    """One request that an engine has accepted.

    Any number of readers may follow :meth:`events`, from any thread; each sees all of them. A step
    has its preview until the next one: who reads it later gets it without. Of many pictures the
    last ones stay in memory; the others are in their files and are read when looked at.

    Parameters
    ----------
    params : GenerationParams
        The request with every field filled in and the seed drawn.
    warnings : iterable of str or Warned
        What the user should know (a negative prompt without effect, say).
    notes : tuple of str
        What is good to know and no cause for worry (how a picture's size was changed, say).
    origin : str
        What asked for it, such as ``"studio"``.
    priority : int
        Jobs of a higher one are drawn first.
    job_id : str, optional
        Its id, where it has one already; made here otherwise, and unique in the world.

    Attributes
    ----------
    images : list of GeneratedImage
        Pictures finished so far.
    error : Exception or None
        Why it failed.
    accepted, started, ended : datetime or None
        When it was accepted, begun and over; in UTC.
    """

    def __init__(
        self,
        params: GenerationParams,
        warnings: Iterable[str | Warned] = (),
        notes: tuple[str, ...] = (),
        *,
        origin: str = "",
        priority: int = 0,
        job_id: str | None = None,
    ) -> None:
        self.id = job_id or new_job_id()
        self.params = params
        self.notes = notes
        self.origin = origin
        self.priority = priority
        self.accepted: datetime = datetime.now(UTC)
        self.started: datetime | None = None
        self.ended: datetime | None = None
        self.images: list[GeneratedImage] = []
        self.error: Exception | None = None
        self._status = "queued"
        self._warnings: list[Warned] = []
        self._events: list[Event] = []
        self._changed = threading.Condition()
        self._cancel = threading.Event()
        self._steps_done = 0.0  # in pictures
        self._listeners: list[Callable[[Event], None]] = []
        self._cancel_listeners: list[Callable[[], None]] = []
        for warning in warnings:
            self._add_warning(warning, "job-warning")

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.status} {self.progress:.0%} {self.params.prompt[:40]!r}>"

    @property
    def status(self) -> str:
        """One of queued, running, done, failed, cancelled."""
        return self._status

    @property
    def queued(self) -> bool:
        """True once the engine has said that it took the request: an event has come."""
        return bool(self._events)

    @property
    def finished(self) -> bool:
        """True once the job has ended: no event follows."""
        return self._status not in ("queued", "running")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""
        return tuple(warning.text for warning in self._warnings)

    @property
    def coded_warnings(self) -> tuple[Warned, ...]:
        """The same with their codes."""
        return tuple(self._warnings)

    @property
    def progress(self) -> float:
        """Share of all steps of all pictures that is done, 0 to 1."""
        if self.status == "done":
            return 1.0
        return max(self._steps_done, len(self.images)) / self.params.count

    @property
    def cancel_requested(self) -> bool:
        """True once :meth:`cancel` was called; the engine reads it at every step."""
        return self._cancel.is_set()

    def warn(self, warning: str | Warned, code: str = "job-warning") -> None:
        """Tell the user something once; readers get it as an event as long as the job goes on."""
        warned = self._add_warning(warning, code)
        if warned is not None and self._events:  # else it follows the first event
            self._append(warned)

    def _add_warning(self, warning: str | Warned, code: str) -> Warned | None:
        warned = warning if isinstance(warning, Warned) else Warned(warning, code)
        with self._changed:
            if warned.text in self.warnings:
                return None
            self._warnings.append(warned)
        return warned

    def cancel(self) -> None:
        """Ask the engine to stop: at the next step, without decoding the picture."""
        self._cancel.set()
        if not self._cancel_listeners:  # else who draws it says what has become of it
            self._append(Cancelled(), only_if_queued=True)
        for listener in self._cancel_listeners:
            listener()

    def events(self, timeout: float | None = None) -> Iterator[Event]:
        """Yield every event from the first to the last, waiting for those to come.

        Parameters
        ----------
        timeout : float, optional
            Give up with TimeoutError when nothing happens for so many seconds.
        """
        position = 0
        while True:
            with self._changed:
                while len(self._events) <= position:
                    if not self._changed.wait(timeout):
                        raise TimeoutError(f"Nothing happened to the job for {timeout:g} s.")
                event = self._events[position]
            yield event
            if isinstance(event, LAST):
                return
            position += 1

    __iter__ = events

    def since(self, position: int) -> list[Event]:
        """Return the events that there are from this position on, 0 for all, without waiting."""
        with self._changed:
            return self._events[position:]

    def on_event(self, listener: Callable[[Event], None]) -> None:
        """Call a function for every event from now on, in the thread that reports it."""
        self._listeners.append(listener)

    def on_cancel(self, listener: Callable[[], None]) -> None:
        """Call a function when :meth:`cancel` is called; an engine elsewhere hears of it so."""
        self._cancel_listeners.append(listener)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing more will happen; return whether that is so.

        An interrupt (Ctrl+C, a notebook's stop button) cancels the job, waits for the
        engine to be free again and is then raised.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            with self._changed:
                while not self.finished:
                    left = None if deadline is None else deadline - time.monotonic()
                    if left is not None and left <= 0:
                        return False
                    # In slices: on some platforms an untimed wait cannot be interrupted.
                    self._changed.wait(0.2 if left is None else min(0.2, left))
        except KeyboardInterrupt:
            self.cancel()
            with self._changed:
                self._changed.wait_for(lambda: self.finished, timeout=30)
            raise
        return True

    def results(self, timeout: float | None = None) -> list[GeneratedImage]:
        """Wait and return all pictures.

        Raises
        ------
        JobCancelled
            The job was cancelled; pictures finished before are in :attr:`images`.
        TimeoutError
            It is not done within ``timeout`` seconds; it goes on.
        Exception
            What made the job fail.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"The job is not done after {timeout:g} s; it goes on.")
        if self.error is not None:
            raise self.error
        if self.status == "cancelled":
            kept = f"; {len(self.images)} finished pictures are kept" if self.images else ""
            raise JobCancelled(f"The job was cancelled{kept}.")
        return list(self.images)

    def result(self, timeout: float | None = None) -> GeneratedImage:
        """Wait and return the picture (the first one of several); raises as :meth:`results`."""
        return self.results(timeout)[0]

    def begin(self) -> bool:
        """Let the engine say that the job's turn has come; False if it was cancelled before."""
        return self._append(Started(), only_if_queued=True)

    def report(self, event: Event) -> None:
        """Take the next event from the engine; readers and listeners get it at once."""
        if isinstance(event, Warned):  # one that is known already is told once
            self.warn(event)
        else:
            self._append(event)

    def _keep(self, image: GeneratedImage) -> None:
        self.images.append(image)
        if len(self.images) > _IN_MEMORY:
            self.images[-1 - _IN_MEMORY].release()

    def _append(self, event: Event, only_if_queued: bool = False) -> bool:
        with self._changed:
            if self.finished or (only_if_queued and self._status != "queued"):
                return False
            self._take(event)
            last = self._events[-1] if self._events else None
            if isinstance(last, Step):
                self._events[-1] = replace(last, sketch=None)
            self._events.append(event)
            if len(self._events) == 1:
                self._events += self._warnings
            self._changed.notify_all()
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a broken display must not stop the engine
                _log.exception("a listener of %s failed", self.id)
        return True

    def _take(self, event: Event) -> None:
        """Bring the job to where an event has got it."""
        match event:
            case Started() | Step() | Finished():
                self._status = "running"
                self.started = self.started or datetime.now(UTC)
            case Done() | Failed() | Cancelled():
                self._status = type(event).__name__.lower()
                self.ended = datetime.now(UTC)
        match event:
            case Finished(image):
                self._keep(image)
            case Failed(error):
                self.error = error
            case Step():
                self._steps_done = event.index + event.step / event.steps


def new_job_id() -> str:
    """Return an id that no other job in the world has; ids sort by their time (to 1 ms)."""
    return f"job-{time.time_ns() // 1_000_000:011x}-{secrets.token_hex(6)}"
