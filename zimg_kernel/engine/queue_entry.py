"""Entry of the queue's file: one request that an engine has accepted, and how far it is."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, get_args

from zimg_kernel.params import GenerationParams

from .owner import Owner

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("queued", "running")  # what a living process still works on
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
DAMAGE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)  # also BadInput


@dataclass(frozen=True)
class QueueEntry:
    """One request in the queue's file.

    Attributes
    ----------
    id : str
        Id of its job; it keeps it when another process draws the rest.
    text : str
        The parameters as JSON, complete and with their seed.
    hash : str
        The parameters' hash.
    prompt : str
    count : int
        Pictures asked for.
    finished : int
        Pictures from the first one on that have a file.
    state : {"queued", "running", "done", "failed", "cancelled", "interrupted"}
    priority : int
        Higher ones come first; 0 is usual.
    rank : int
        Order among those of one priority; by default the time of acceptance, in nanoseconds
        since 1970.
    accepted, started, ended : float
        Seconds since 1970; 0 for what has not happened.
    owner : Owner or None
        The process that works on it or did so last.
    origin : str
        Who asked for it, such as ``"studio"``; may be empty.
    retries : int
        How often it was begun again after its process had ended.
    error : str
        Why it failed, in one sentence.
    error_code : str
    cancel : bool
        Another process asks its owner to cancel it.
    """

    id: str
    text: str = field(repr=False)
    hash: str = field(repr=False)
    prompt: str
    count: int
    finished: int = 0
    state: State = "queued"
    priority: int = 0
    rank: int = 0
    accepted: float = 0.0
    started: float = 0.0
    ended: float = 0.0
    owner: Owner | None = None
    origin: str = ""
    retries: int = 0
    error: str = ""
    error_code: str = ""
    cancel: bool = False

    @cached_property
    def params(self) -> GenerationParams:
        """The whole request.

        Raises
        ------
        BadInput, ValueError, TypeError, RecursionError
            What stands in the file are no parameters.
        """
        fields = json.loads(self.text)
        if not isinstance(fields, dict):
            raise ValueError("its parameters are no JSON object")
        return GenerationParams.from_dict(fields)

    def missing_after(self, finished: int) -> GenerationParams | None:
        """Return the request for the pictures after the first ones, or None if there are none."""
        params = self.params
        if finished >= params.count:
            return None
        return params.singles()[finished].replace(count=params.count - finished)

    @property
    def left(self) -> bool:
        """Whether it is not finished and its process is gone."""
        gone = self.state in OPEN and (self.owner is None or not self.owner.alive)
        return gone or self.state == "interrupted"

    @property
    def when(self) -> datetime:
        """When the request was accepted, with time zone."""
        return datetime.fromtimestamp(self.accepted, UTC)


@dataclass(frozen=True)
class Interrupted:
    """A request whose process has ended before its pictures were drawn.

    Attributes
    ----------
    id : str
        Id of the entry and of its job.
    params : GenerationParams
        The request for the pictures that are missing, and for no others.
    accepted : datetime
        When the whole request was accepted.
    """

    id: str
    params: GenerationParams
    accepted: datetime


COLUMNS = (
    "id", "params", "hash", "prompt", "count", "finished", "state", "priority", "rank", "accepted",
    "started", "ended", "pid", "process_started", "origin", "retries", "error",
    "error_code", "cancel",
)  # fmt: skip


def values_of(entry: QueueEntry) -> tuple[Any, ...]:
    """Return the values of an entry in the order of ``COLUMNS``."""
    owner = entry.owner
    return (
        entry.id, entry.text, entry.hash, entry.prompt, entry.count, entry.finished, entry.state,
        entry.priority, entry.rank, entry.accepted, entry.started, entry.ended,
        owner.pid if owner else None, owner.started if owner else None, entry.origin,
        entry.retries, entry.error, entry.error_code, int(entry.cancel),
    )  # fmt: skip


def entry_of(row: tuple[Any, ...]) -> QueueEntry:
    """Return the entry of a table's row, which may come from a file of anybody's.

    Raises
    ------
    ValueError
        A column holds what this package does not write there.
    """
    (
        id, text, hash, prompt, count, finished, state, priority, rank, accepted, started, ended,
        pid, process_started, origin, retries, error, error_code, cancel,
    ) = row  # fmt: skip
    texts = (id, text, hash, prompt, state, origin, error, error_code)
    wholes = (count, finished, priority, rank, retries)
    times = (accepted, started, ended)
    if not all(type(value) is str for value in texts) or state not in STATES:
        raise ValueError("one of its texts is none")
    if not all(type(value) is int for value in wholes) or count < 1 or finished < 0:
        raise ValueError("one of its numbers is none")
    if not all(type(value) in (int, float) and _is_time(value) for value in times):
        raise ValueError("one of its times is none")
    return QueueEntry(
        id, text, hash, prompt, count, finished, state, priority, rank, accepted, started, ended,
        owner_of(pid, process_started), origin, retries, error, error_code, bool(cancel),
    )  # fmt: skip


def owner_of(pid: Any, started: Any) -> Owner | None:
    """Return the process of a row, or None where it names none."""
    known = type(pid) is int and type(started) in (int, float)
    return Owner(pid, float(started)) if known else None


def _is_time(value: float) -> bool:
    return math.isfinite(value) and 0 <= value < 2**36  # up to the year 4147
