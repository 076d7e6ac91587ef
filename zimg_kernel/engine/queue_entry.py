"""Entry of the queue's file: one request that an engine has accepted, and how far it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, get_args

from zimg_kernel.params import GenerationParams

from .owner import Owner

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("queued", "running")  # what a living process still works on
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")

DAMAGE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)  # also BadInput
_LAST_TIME = 2**36  # seconds since 1970, in the year 4147


class QueueEntry(NamedTuple):
    """One request in the queue's file: a row of its table.

    Attributes
    ----------
    id : str
        Id of its job; it keeps it when another process draws the rest.
    text : str
        The parameters as JSON, complete and with their seed.
    hash : str
        The parameters' hash.
    prompt : str
    total : int
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
    pid, process_started : int, float
        The process that works on it or did so last; see :attr:`owner`.
    origin : str
        Who asked for it, such as ``"studio"``; may be empty.
    retries : int
        How often it was begun again after its process had ended.
    error : str
        Why it failed, in one sentence.
    error_code : str
    cancel : int
        1 if another process asks its owner to cancel it.
    """

    id: str
    text: str
    hash: str
    prompt: str
    total: int
    finished: int
    state: State
    priority: int
    rank: int
    accepted: float
    started: float
    ended: float
    pid: int
    process_started: float
    origin: str
    retries: int = 0
    error: str = ""
    error_code: str = ""
    cancel: int = 0

    @property
    def owner(self) -> Owner:
        """The process that works on it or did so last."""
        return Owner(self.pid, self.process_started)

    @property
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
        if finished == 0:
            return params
        return params.singles()[finished].replace(count=params.count - finished)

    @property
    def left(self) -> bool:
        """Whether it is not finished and its process is gone."""
        return self.state == "interrupted" or (self.state in OPEN and not self.owner.alive)

    @property
    def when(self) -> datetime:
        """When the request was accepted, with time zone."""
        return datetime.fromtimestamp(self.accepted, UTC)


class WaitingEntry(NamedTuple):
    """What a list of waiting requests tells of each; attributes as of :class:`QueueEntry`.

    Without the parameters, ten thousand are read in a blink; ``find`` returns the whole entry.
    """

    id: str
    prompt: str
    total: int
    finished: int
    state: State
    priority: int
    rank: int
    accepted: float
    started: float
    pid: int
    process_started: float
    origin: str

    @property
    def owner(self) -> Owner:
        """The process that works on it."""
        return Owner(self.pid, self.process_started)


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
    "started", "ended", "pid", "process_started", "origin", "retries", "error", "error_code",
    "cancel",
)  # fmt: skip
_TYPES = (
    str, str, str, str, int, int, str, int, int, float,
    float, float, int, float, str, int, str, str,
    int,
)  # fmt: skip
WAITING_COLUMNS = (
    "id", "prompt", "count", "finished", "state", "priority", "rank", "accepted", "started",
    "pid", "process_started", "origin",
)  # fmt: skip
_WAITING_TYPES = str, str, int, int, str, int, int, float, float, int, float, str


def waiting_of(rows: Iterable[tuple[Any, ...]]) -> list[WaitingEntry]:
    """Return the waiting entries of a table's rows, as :func:`entries_of` does."""
    found = (WaitingEntry._make(row) for row in rows if tuple(map(type, row)) == _WAITING_TYPES)
    return [
        entry
        for entry in found
        if entry.total > 0
        and entry.finished >= 0
        and 0 <= entry.accepted < _LAST_TIME
        and 0 <= entry.started < _LAST_TIME
    ]


def entries_of(rows: Iterable[tuple[Any, ...]]) -> list[QueueEntry]:
    """Return the entries of a table's rows without those that the package cannot have written.

    The file may come from anybody.
    """
    entries = (QueueEntry._make(row) for row in rows if tuple(map(type, row)) == _TYPES)
    return [entry for entry in entries if _is_ours(entry)]


def _is_ours(entry: QueueEntry) -> bool:
    return (
        entry.total > 0
        and entry.finished >= 0
        and entry.state in STATES
        and 0 <= entry.accepted < _LAST_TIME
        and 0 <= entry.started < _LAST_TIME
        and 0 <= entry.ended < _LAST_TIME
    )
