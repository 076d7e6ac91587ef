"""Jobs of the shared engine as they are drawn: their pictures, the runs, what is left to do."""

from __future__ import annotations

import asyncio
import heapq
import json
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.events import Step
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.request import Request
from zimg_kernel.images.image import GeneratedImage

from .reuse import key_of

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery

    from .job_log import JobLog

_AHEAD = 8  # pictures of a job that may be drawn before an earlier one is saved
_log = logging.getLogger(__name__)


@dataclass
class Run:
    """One attempt at one picture, on one worker.

    Attributes
    ----------
    work : Work
        The job.
    index : int
        Of the picture in the job's request, from 0.
    worker : str
        Address.
    token : str
        Tells it from all other attempts.
    sent, begun : float
        When, by the monotonic clock; 0 before.
    stopped : float
        When it was asked to stop; 0 if never.
    follower : asyncio.Task or None
        Waits for the result.
    """

    work: Work
    index: int
    worker: str
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    sent: float = field(default_factory=time.monotonic)
    begun: float = 0.0
    stopped: float = 0.0
    follower: asyncio.Task[Any] | None = None

    @property
    def key(self) -> str:
        """The task's name for Dask."""
        return f"zimg-{self.work.job.id}-{self.index}-{self.token}"


class Work:
    """A job and how far its pictures are.

    Everything but :attr:`strand` belongs to the dispatcher's thread.

    Parameters
    ----------
    job : Job
    request : Request
    gallery : Gallery or None
        Where its pictures go.
    user : str
        Who asked for it.
    log : JobLog
        What its followers are told.
    strand : Strand
        Reports and saves, in order.
    done : int
        Pictures from the first one on that are there already.

    Attributes
    ----------
    reuses : bool
        Whether pictures that this service drew before will do.
    """

    def __init__(
        self, job: Job, request: Request, gallery: Gallery | None, user: str, log: JobLog,
        strand: Strand, done: int = 0,
    ) -> None:  # fmt: skip
        self.job, self.request, self.gallery, self.user = job, request, gallery, user
        self.log, self.strand = log, strand
        self.singles = request.params.singles()
        self.runs: dict[str, Run] = {}
        self.results: dict[int, GeneratedImage] = {}
        self.reuses = False
        self.steps: dict[int, list[Step]] = {}  # of the pictures until they are saved
        self._keys: dict[int, Hashable] = {}
        self.deaths: dict[int, int] = {}
        self.suspected: dict[int, int] = {}
        self.saved = done  # pictures handed to the strand
        self.written = done  # pictures that it has saved and reported
        self.spent = 0.0  # seconds of drawing, of runs that have ended
        self.touched = time.monotonic()
        self.ending: Callable[[], None] | None = None
        self.over = False
        self._next = done
        self._again: list[int] = []

    @property
    def has_next(self) -> bool:
        """Whether a picture may be begun now."""
        if self.over or self.ending:
            return False
        return bool(self._again) or self._next < min(len(self.singles), self.written + _AHEAD)

    @property
    def next_index(self) -> int:
        """Index of the picture that :meth:`take` would return."""
        return self._again[0] if self._again else self._next

    def key_of(self, index: int) -> Hashable:
        """Return what decides a picture; see :func:`zimg_kernel.cluster.reuse.key_of`."""
        if index not in self._keys:
            self._keys[index] = key_of(self.request, self.singles[index], self.gallery)
        return self._keys[index]

    @property
    def waiting(self) -> int:
        """Pictures that were not begun."""
        return len(self.singles) - self._next + len(self._again)

    def drawing_time(self, now: float) -> float:
        """Return the seconds that workers have spent on it, by the monotonic clock."""
        return self.spent + sum(now - run.begun for run in self.runs.values() if run.begun)

    def take(self) -> int:
        """Return the index of the next picture, which is begun now."""
        self.touched = time.monotonic()
        if self._again:
            return heapq.heappop(self._again)
        self._next += 1
        return self._next - 1

    def put_back(self, index: int) -> None:
        """Let a picture be drawn again: its run is lost."""
        heapq.heappush(self._again, index)

    def task(self, run: Run, epoch: int) -> dict[str, Any]:
        """Return what a worker gets to know."""
        params = self.singles[run.index].model_dump(mode="json")
        return {
            "token": run.token,
            "epoch": epoch,
            "params": json.dumps(params),
            "preview": self.request.preview,
            "gallery": str(self.gallery.folder) if self.gallery is not None else None,
        }


class Strand:
    """Functions done one after the other on the threads of a pool.

    Parameters
    ----------
    pool : ThreadPoolExecutor
    """

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._tasks: deque[Callable[[], object]] = deque()
        self._lock = threading.Lock()
        self._busy = False

    def put(self, task: Callable[[], object]) -> None:
        """Do a function after all that were put before it."""
        with self._lock:
            self._tasks.append(task)
            if self._busy:
                return
            self._busy = True
        self._pool.submit(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._tasks:
                    self._busy = False
                    return
                task = self._tasks.popleft()
            try:
                task()
            except Exception:
                _log.exception("a part of a job failed")
