"""Job: one request as a sequence of events; waiting and cancelling."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import JobCancelled
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from PIL.Image import Image

    from zimg_kernel.images.image import GeneratedImage

_IN_MEMORY = 16  # pictures of a job whose pixels stay at hand
_ids = itertools.count(1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Queued:
    """The engine has taken the request; ``ahead`` others come first."""

    ahead: int


@dataclass(frozen=True)
class Started:
    """The request's turn has come; the model may still have to be loaded."""


@dataclass(frozen=True)
class Step:
    """Step ``step`` of ``steps`` (from 1) of picture ``index`` of ``count`` (from 0) is done."""

    step: int
    steps: int
    index: int
    count: int
    sketch: Any = field(default=None, repr=False, compare=False)

    @cached_property
    def preview(self) -> Image | None:
        """A small picture of what the model expects to end up with, or None.

        Made when it is first looked at: a step that nobody watches costs no time.
        """
        from zimg_kernel.sampling.latent_preview import as_picture

        return as_picture(self.sketch)


@dataclass(frozen=True)
class Finished:
    """Picture ``index`` of ``count`` (from 0) is drawn and saved."""

    image: GeneratedImage
    index: int
    count: int


@dataclass(frozen=True)
class Done:
    """All pictures are there."""

    images: tuple[GeneratedImage, ...]


@dataclass(frozen=True)
class Failed:
    """The request failed; pictures that were finished before are kept."""

    error: Exception


@dataclass(frozen=True)
class Cancelled:
    """The request was cancelled; pictures that were finished before are kept."""


Event = Queued | Started | Step | Finished | Done | Failed | Cancelled
_LAST = (Done, Failed, Cancelled)


class Job:
    """One request that an engine has accepted.

    Any number of readers may follow :meth:`events`, from any thread; each sees all of them. A step
    has its preview until the next one: who reads it later gets it without. Of many pictures the
    last ones stay in memory; the others are in their files and are read when looked at.

    Attributes
    ----------
    params : GenerationParams
        The request with every field filled in and the seed drawn.
    warnings : tuple of str
        What the user should know (a negative prompt without effect, say).
    notes : tuple of str
        What is good to know and no cause for worry (how a picture's size was changed, say).
    images : list of GeneratedImage
        Pictures finished so far.
    """

    def __init__(
        self,
        params: GenerationParams,
        warnings: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        self.id = f"job-{next(_ids)}"
        self.params = params
        self.warnings = warnings
        self.notes = notes
        self.images: list[GeneratedImage] = []
        self.error: Exception | None = None
        self._events: list[Event] = []
        self._changed = threading.Condition()
        self._cancel = threading.Event()
        self._warnings_returned = 0
        self._notes_returned = 0
        self._steps_done = 0.0  # in pictures
        self._listeners: list[Callable[[Event], None]] = []

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.status} {self.progress:.0%} {self.params.prompt[:40]!r}>"

    @property
    def status(self) -> str:
        """One of queued, running, done, failed, cancelled."""
        last = self._events[-1] if self._events else None
        match last:
            case None | Queued():
                return "queued"
            case Done() | Failed() | Cancelled():
                return type(last).__name__.lower()
        return "running"

    @property
    def finished(self) -> bool:
        """True once the job has ended: no event follows."""
        return bool(self._events) and isinstance(self._events[-1], _LAST)

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

    def new_warnings(self) -> tuple[str, ...]:
        """Return the warnings that this method has not returned before."""
        new = self.warnings[self._warnings_returned :]
        self._warnings_returned = len(self.warnings)
        return new

    def new_notes(self) -> tuple[str, ...]:
        """Return the notes that this method has not returned before."""
        new = self.notes[self._notes_returned :]
        self._notes_returned = len(self.notes)
        return new

    def cancel(self) -> None:
        """Ask the engine to stop: at the next step, without decoding the picture."""
        self._cancel.set()
        self._append(Cancelled(), only_if_queued=True)

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
                        raise TimeoutError(f"{self.id}: nothing happened for {timeout:g} s.")
                event = self._events[position]
            yield event
            if isinstance(event, _LAST):
                return
            position += 1

    __iter__ = events

    def on_event(self, listener: Callable[[Event], None]) -> None:
        """Call a function for every event from now on, in the thread that reports it."""
        self._listeners.append(listener)

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
            raise TimeoutError(f"{self.id} is not done after {timeout:g} s; it goes on.")
        if self.error is not None:
            raise self.error
        if self.status == "cancelled":
            kept = f"; {len(self.images)} finished pictures are kept" if self.images else ""
            raise JobCancelled(f"{self.id} was cancelled{kept}.")
        return list(self.images)

    def result(self, timeout: float | None = None) -> GeneratedImage:
        """Wait and return the picture (the first one of several); raises as :meth:`results`."""
        return self.results(timeout)[0]

    def begin(self) -> bool:
        """Let the engine say that the job's turn has come; False if it was cancelled before."""
        return self._append(Started(), only_if_queued=True)

    def report(self, event: Event) -> None:
        """Take the next event from the engine; readers and listeners get it at once."""
        self._append(event)

    def _keep(self, image: GeneratedImage) -> None:
        self.images.append(image)
        if len(self.images) > _IN_MEMORY:
            self.images[-1 - _IN_MEMORY].release()

    def _append(self, event: Event, only_if_queued: bool = False) -> bool:
        with self._changed:
            if self.finished or (only_if_queued and self.status != "queued"):
                return False
            if isinstance(event, Finished):
                self._keep(event.image)
            if isinstance(event, Failed):
                self.error = event.error
            if isinstance(event, Step):
                self._steps_done = event.index + event.step / event.steps
            last = self._events[-1] if self._events else None
            if isinstance(last, Step):
                self._events[-1] = replace(last, sketch=None)
            self._events.append(event)
            self._changed.notify_all()
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # a broken display must not stop the engine
                _log.exception("a listener of %s failed", self.id)
        return True
