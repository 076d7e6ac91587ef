"""Candidates on their way: followed while they are written, waited for, or cancelled."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from zimg_kernel.errors import BadInput, JobCancelled, ZimgError

from .candidates import Candidate, Candidates

_log = logging.getLogger(__name__)


class Enhancement:
    """What :func:`enhancing` returns at once, while candidates are made in the background.

    Attributes
    ----------
    prompt : str
        What they are made from.
    n : int
        How many are wanted.
    seed : int
        Makes the same ones again.
    candidates : list of Candidate
        Those finished so far; they stay when a later one fails.
    error : Exception or None
        What made it fail.
    status : str
        One of running, done, failed, cancelled.
    """

    def __init__(
        self,
        prompt: str,
        n: int,
        seed: int,
        *,
        on_text: Callable[[int, str], None] | None = None,
        on_candidate: Callable[[Candidate], None] | None = None,
        on_end: Callable[[Enhancement], None] | None = None,
    ) -> None:
        self.prompt, self.n, self.seed = prompt, n, seed
        self.candidates: list[Candidate] = []
        self.notes: list[str] = []
        self.error: Exception | None = None
        self.status = "running"
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._on_text, self._on_candidate, self._on_end = on_text, on_candidate, on_end

    def __repr__(self) -> str:
        return f"<Enhancement {self.status} {len(self.candidates)}/{self.n} {self.prompt[:40]!r}>"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self._ended.is_set()

    @property
    def cancel_requested(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Stop at the next word; finished candidates stay in :attr:`candidates`."""
        self._cancel.set()
        self._end("cancelled")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing more will happen; return whether that is so.

        An interrupt (Ctrl+C, a notebook's stop button) cancels it and is then raised.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            while not self._ended.is_set():
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return False
                # In slices: on some platforms an untimed wait cannot be interrupted.
                self._ended.wait(0.2 if left is None else min(0.2, left))
        except KeyboardInterrupt:
            self.cancel()
            raise
        return True

    def result(self, timeout: float | None = None) -> Candidates:
        """Wait and return the candidates.

        Raises
        ------
        JobCancelled
            It was cancelled.
        TimeoutError
            It is not done within ``timeout`` seconds; it goes on.
        ZimgError, BadInput
            What made it fail.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"The candidates are not done after {timeout:g} s; it goes on.")
        if self.error is not None:
            raise self.error
        if self.status == "cancelled":
            kept = f"; {len(self.candidates)} finished are kept" if self.candidates else ""
            raise JobCancelled(f"The candidates were cancelled{kept}.")
        return Candidates(self.prompt, self.seed, self.candidates, self.notes)

    def start(self, work: Callable[[Enhancement], None]) -> None:
        """Do the work in a thread of its own; it adds candidates and may raise."""

        def run() -> None:
            try:
                work(self)
                self._end("done")
            except Exception as error:
                self._end("failed", error)

        threading.Thread(target=run, name="zimg-enhance", daemon=True).start()

    def show(self, index: int, text: str) -> None:
        """Report the text so far of a candidate, counted from 0."""
        if not self.finished:
            self._call(self._on_text, index, text)

    def add(self, candidate: Candidate) -> None:
        """Take a finished candidate."""
        with self._lock:
            if self.finished:
                return
            self.candidates.append(candidate)
        self._call(self._on_candidate, candidate)

    def _end(self, status: str, error: Exception | None = None) -> None:
        with self._lock:
            if self.finished:
                return
            if error is not None and not isinstance(error, BadInput | ZimgError):
                _log.debug("an enhancement failed", exc_info=error)
                reason = f"{type(error).__name__}: {error}".splitlines()[0]
                cause, error = error, ZimgError(f"The prompt could not be rewritten ({reason}).")
                error.__cause__ = cause
            self.status, self.error = status, error
            self._ended.set()
        self._call(self._on_end, self)

    def _call(self, listener: Callable[..., None] | None, *arguments: object) -> None:
        if listener is None:
            return
        try:
            listener(*arguments)
        except Exception:  # a broken display must not stop the writing
            _log.exception("a listener of an enhancement failed")
