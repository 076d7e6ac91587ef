"""Candidates of the enhancer, and the handle by which they are followed or cancelled."""

from __future__ import annotations

import html
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from zimg_kernel.errors import BadInput, JobCancelled, ZimgError

_log = logging.getLogger(__name__)

Made = Literal["encoder", "endpoint", "offline"]
_ORIGINS = {
    "encoder": "written by the model's own text encoder",
    "endpoint": "written by the endpoint",
    "offline": "put together from ready clauses",
}
_CELL = 'style="text-align:left;vertical-align:top;white-space:normal"'


@dataclass(frozen=True)
class Candidate:
    """Rewritten prompt.

    Attributes
    ----------
    text : str
        The prompt, on one line.
    language : {"en", "zh"}
        Language of the prompt it was made from.
    made : {"encoder", "endpoint", "offline"}
        By the text encoder in memory, by an endpoint, or from ready clauses.
    seed : int
        Seed of the attempt.
    kept : tuple of str
        What the prompt names and the text keeps: quoted text, things, numbers, colours.
    repaired : tuple of str
        A sentence for each repair.
    refused : tuple of str
        Why earlier attempts at this candidate were refused.
    notes : tuple of str
        Further sentences for the user.
    """

    text: str
    language: str
    made: Made
    seed: int
    kept: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def remarks(self) -> list[str]:
        """Return all repairs, refusals and notes as sentences."""
        again = [f"An attempt was thrown away: {why}." for why in dict.fromkeys(self.refused)]
        return [*self.repaired, *again, *self.notes]


class Candidates(tuple[Candidate, ...]):
    """Candidates for one prompt.

    Attributes
    ----------
    prompt : str
        The prompt they were made from.
    seed : int
        The same one makes the same candidates.
    notes : tuple of str
        Sentences for the user about all of them.
    """

    prompt: str
    seed: int
    notes: tuple[str, ...]

    def __new__(
        cls,
        prompt: str,
        seed: int,
        candidates: Iterable[Candidate] = (),
        notes: Iterable[str] = (),
    ) -> Candidates:
        """Create from a prompt, a seed, candidates and notes."""
        self = super().__new__(cls, candidates)
        self.prompt, self.seed, self.notes = prompt, seed, tuple(notes)
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return the arguments for pickle and copy."""
        return self.prompt, self.seed, tuple(self), self.notes

    @property
    def texts(self) -> list[str]:
        """Texts of the candidates."""
        return [candidate.text for candidate in self]

    def __repr__(self) -> str:
        lines = [f"{len(self)} candidates for {self.prompt!r} (seed {self.seed})"]
        for number, candidate in enumerate(self, 1):
            lines.append(f"{number}. {candidate.text}")
            lines += [f"   ({remark})" for remark in candidate.remarks()]
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(_row(number, candidate) for number, candidate in enumerate(self, 1))
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            '<div class="mathjax_ignore tex2jax_ignore">'
            f"<table><caption {_CELL}>{html.escape(self.prompt)} · seed {self.seed}</caption>"
            f"<thead><tr><th>#</th><th {_CELL}>Prompt</th><th {_CELL}>Notes</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>{notes}</div>"
        )


def _row(number: int, candidate: Candidate) -> str:
    remarks = [f"{_ORIGINS[candidate.made].capitalize()}.", *candidate.remarks()]
    notes = "<br>".join(html.escape(remark) for remark in remarks)
    language = "zh-Hans" if candidate.language == "zh" else "en"
    return (
        f'<tr><td>{number}</td><td {_CELL} lang="{language}">{html.escape(candidate.text)}</td>'
        f"<td {_CELL}><small>{notes}</small></td></tr>"
    )


class Enhancement:
    """Handle of candidates that are made in the background.

    Attributes
    ----------
    prompt : str
        The prompt they are made from.
    n : int
        Number of candidates asked for.
    seed : int
        The same one makes the same candidates.
    candidates : list of Candidate
        Finished candidates; they stay when a later one fails.
    error : Exception or None
        Cause of the failure.
    status : {"running", "done", "failed", "cancelled"}
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
        """True once it has ended."""
        return self._ended.is_set()

    @property
    def cancel_requested(self) -> bool:
        """True once :meth:`cancel` was called."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """Stop at the next word; finished candidates stay in :attr:`candidates`."""
        self._cancel.set()
        self._end("cancelled")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; return whether it has ended.

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
            Cause of the failure.
        """
        if not self.wait(timeout):
            raise TimeoutError(f"The candidates are not done after {timeout:g} s; it goes on.")
        if self.error is not None:
            raise self.error
        if self.status == "cancelled":
            kept = f"; {len(self.candidates)} finished are kept" if self.candidates else ""
            raise JobCancelled(f"The candidates were cancelled{kept}.", code="cancelled")
        return Candidates(self.prompt, self.seed, self.candidates, self.notes)

    def start(self, work: Callable[[Enhancement], None]) -> None:
        """Run a function that adds candidates, and may raise, in a thread of its own."""

        def run() -> None:
            try:
                work(self)
                self._end("done")
            except Exception as error:
                self._end("failed", error)

        threading.Thread(target=run, name="zimg-enhance", daemon=True).start()

    def show(self, index: int, text: str) -> None:
        """Report the text so far of a candidate by its index from 0."""
        if not self.finished:
            self._call(self._on_text, index, text)

    def add(self, candidate: Candidate) -> None:
        """Add a finished candidate."""
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
                cause = error
                error = ZimgError(
                    f"The prompt could not be rewritten ({reason}).", code="enhancer-failed"
                )
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
