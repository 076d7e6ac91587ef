"""Context of the service: what all its routes share, and the one way to the engine."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from zimg_kernel.cluster.audit import Audit
from zimg_kernel.engine.events import Started
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.params import GenerationParams

from .accepted import Accepted, AcceptedRequests
from .caller import Caller
from .checks import RequestChecks
from .database import Database
from .jobs import ServedJobs
from .limits import Limits
from .links import Links
from .metrics import ServiceMetrics
from .options import LONGEST_RETRY, ServiceOptions
from .refusal import Refused
from .served import Served
from .tokens import Tokens
from .usage import EnergyMeter, Usage, Used
from .word_filter import WordFilter

if TYPE_CHECKING:
    from zimg_kernel.engine.model_status import ModelStatus
    from zimg_kernel.engine.plan import Plan
    from zimg_kernel.gallery.gallery import Gallery
    from zimg_kernel.sampling.sampler import PreviewKind

_JOINED_SECONDS = 600.0  # in which a repeated request is that of before
_LONGEST_KEY = 256
_MODELS_SECONDS = 5.0


class ServiceContext:
    """What the routes of all three interfaces share.

    Attributes
    ----------
    engine : Engine
        Asked only by :meth:`submit` for pictures.
    options : ServiceOptions
    tokens : Tokens
    usage : Usage
    links : Links
    limits : Limits
    audit : Audit
    jobs : ServedJobs
    checks : RequestChecks
    metrics : ServiceMetrics
    stopping : asyncio.Event
        Set when the service is about to end: long answers end then.
    ended : list of callable
        Called with each :class:`Served` that has ended, in the thread that keeps the books.
    """

    def __init__(self, engine: Engine, options: ServiceOptions) -> None:
        if engine.gallery is None:
            raise BadInput(
                "The service keeps every picture, and this engine has no gallery: give it one.",
                code="no-gallery",
                field="engine",
            )
        self.engine = engine
        self.options = options
        self.tokens = Tokens(options.folder)
        self._database = Database(options.folder)
        self.usage = Usage(self._database)
        self.links = Links(options.folder)
        self.limits = Limits(options, self.tokens, self.usage)
        self.audit = Audit(options.folder / "logs")
        self.accepted = AcceptedRequests(self._database)
        self.jobs = ServedJobs(engine, self.accepted, self._on_end)
        self.metrics = ServiceMetrics(lambda: len(self.jobs.open()))
        self.checks = RequestChecks(options, WordFilter(options.words))
        self.stopping = asyncio.Event()
        self.ended: list[Callable[[Served], None]] = []
        self._meter = EnergyMeter()
        self._submitting = threading.Lock()
        self._lock = threading.Lock()
        self._models: tuple[float, list[ModelStatus]] = (0.0, [])
        self._books = ThreadPoolExecutor(1, thread_name_prefix="zimg-books")

    @property
    def gallery(self) -> Gallery:
        """Where all pictures are written."""
        assert self.engine.gallery is not None
        return self.engine.gallery

    def models(self) -> list[ModelStatus]:
        """Return the engine's models; looked for anew after some seconds."""
        with self._lock:
            when, found = self._models
            if not found or time.monotonic() - when > _MODELS_SECONDS:
                found = self.engine.models()
                self._models = time.monotonic(), found
            return list(found)

    def begin(self) -> None:
        """Go on with what an earlier process left."""
        self.jobs.resume()
        for accepted in self.accepted.with_hooks():  # of jobs that ended with the process before
            served = self.jobs.of(accepted)
            if served is not None and served.job.finished:
                self._books.submit(self._tell, served)
        self.engine.prepare()

    def stop(self) -> None:
        """Take nothing more, and let long answers end; called in the loop's thread."""
        self.stopping.set()
        for served in self.jobs.all():
            served.wake()

    def close(self) -> None:
        """Write down what is left to write, and close the files. The engine goes on."""
        self._books.shutdown(wait=True)
        self.audit.close()
        self._database.close()

    def submit(self, params: GenerationParams, caller: Caller, **how: Any) -> Job:
        """Do what :meth:`serve` does; return the job alone."""
        return self.serve(params, caller, **how).job

    def serve(
        self,
        params: GenerationParams,
        caller: Caller,
        *,
        plan: Plan | None = None,
        preview: PreviewKind = "latent",
        key: str = "",
        join: bool = False,
        hook: str = "",
        notes: tuple[str, ...] = (),
        priority: int = 0,
    ) -> Served:
        """Hand a request to the engine, unless it is refused or known.

        Called in any thread but the loop's: it may take a while.

        Parameters
        ----------
        params, plan, preview, notes, priority
            As of :meth:`Engine.submit`.
        caller : Caller
        key : str
            The client's own id of the request: sent again, it is the same job, also after the
            service was killed.
        join : bool
            Whether it may be a request that the client has sent before without an answer: then a
            job for the same is returned.
        hook : str
            Address to call when the job has ended.

        Returns
        -------
        Served

        Raises
        ------
        Refused
            Over a limit, or the queue is full.
        BadInput, ZimgError
            As of :meth:`Engine.submit`.
        """
        try:
            with self._submitting:
                known = self._known(params.hash, caller, key, join)
                if known is not None:
                    return known
                self._check(params, caller)
                accepted = Accepted(
                    secrets.token_hex(12), "", caller.token_id, key, params.hash, time.time(), hook
                )
                self.accepted.add(accepted)
                try:
                    job = self.engine.submit(
                        params, preview=preview, plan=plan, notes=notes, origin=accepted.origin,
                        priority=priority,
                    )  # fmt: skip
                except BaseException:
                    self.accepted.remove(accepted.ref)
                    raise
                self.accepted.set_job(accepted.ref, job.id)
                served = self.jobs.add(job, self.accepted.by_ref(accepted.ref) or accepted)
        except (BadInput, ZimgError) as error:
            self.audit.note(
                caller.name, "submit", "refused", address=caller.address, code=error.code,
                field=error.field,
            )  # fmt: skip
            raise
        except sqlite3.Error as error:
            raise ZimgError(
                f"The request could not be written down ({error}), so it was not taken: look at "
                f"the disk of {self.options.folder}.",
                code="not-written-down",
            ) from error
        self._follow(served, caller)
        return served

    def _known(self, digest: str, caller: Caller, key: str, join: bool) -> Served | None:
        found = None
        if key:
            if len(key) > _LONGEST_KEY or not key.isprintable():
                raise Refused(
                    f"A request's own id has up to {_LONGEST_KEY} printable characters.",
                    code="invalid-key",
                    field="Idempotency-Key",
                )
            found = self.accepted.by_key(caller.token_id, key)
            if found is not None and found.digest != digest:
                raise Refused(
                    "This Idempotency-Key was sent before with another request: take a new one "
                    "for each request.",
                    status=422,
                    code="key-reused",
                    field="Idempotency-Key",
                )
        elif join:
            since = time.time() - _JOINED_SECONDS
            found = self.accepted.like(caller.token_id, digest, since)
            if found and (old := self.jobs.of(found)) and old.job.status in ("failed", "cancelled"):
                found = None
        if found is None:
            return None
        served = self.jobs.of(found)
        if served is None:  # the engine never got it, or it is long forgotten
            self.accepted.remove(found.ref)
        return served

    def _check(self, params: GenerationParams, caller: Caller) -> None:
        if self.stopping.is_set():
            raise Refused(
                "The service is about to end: try again in a moment.",
                status=503,
                code="stopping",
                retry_after=5,
            )
        self.checks.check(params)
        waiting = len(self.jobs.open())
        if waiting >= self.options.max_waiting:
            raise Refused(
                f"{waiting} requests wait already, as many as may: try again in a moment.",
                status=429,
                code="queue-full",
                retry_after=min(LONGEST_RETRY, 2 + waiting // 8),
            )
        mine = self.jobs.waiting_pictures(caller.token_id)
        self.limits.take_pictures(caller, params.count, mine)

    def _follow(self, served: Served, caller: Caller) -> None:
        job = served.job
        self.audit.note(
            caller.name, "submit", "accepted", address=caller.address, job=job.id,
            model=job.params.model, pictures=job.params.count,
        )  # fmt: skip
        started: list[float] = []
        job.on_event(
            lambda event: started.append(self._meter.read()) if isinstance(event, Started) else None
        )
        served.energy_at_start = started

    def _on_end(self, served: Served) -> None:
        joules = self._meter.read()
        try:
            self._books.submit(self._write_down, served, joules)
        except RuntimeError:  # the service has ended
            pass

    def _write_down(self, served: Served, joules: float) -> None:
        job = served.job
        seconds = sum(image.timings.get("total", 0.0) for image in job.images)
        begun = served.energy_at_start[0] if served.energy_at_start else joules
        used = Used(1, len(job.images), seconds, max(0.0, joules - begun))
        token = self.tokens.get(served.accepted.token)
        name = token.name if token else "local"
        self.metrics.ended(name, job.status, used)
        self.audit.note(
            name, "end", job.status, job=job.id,
            pictures=len(job.images), seconds=round(seconds, 3), joules=round(used.joules, 1),
            code=getattr(job.error, "code", None),
        )  # fmt: skip
        self.usage.add(served.accepted.token, used)
        self._tell(served)

    def _tell(self, served: Served) -> None:
        for listener in self.ended:
            listener(served)
