"""Drawing on a worker of the shared engine: one warm engine, and the runs that are on it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.edit.restore import restore_plan
from zimg_kernel.engine.events import Done, Event, Started
from zimg_kernel.engine.events_json import error_to_dict
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.libraries import import_libraries
from zimg_kernel.params import GenerationParams

from .direct import DirectLine
from .news import News

if TYPE_CHECKING:
    from distributed import Worker

    from zimg_kernel.edit.plan import EditPlan

TOPIC = "zimg"  # of what workers tell the service
_SMALL = 300_000  # pixels and less travel with the events, also through the scheduler


class Drawer:
    """What makes a Dask worker one of ours.

    Parameters
    ----------
    worker : distributed.Worker
    memory : Path, optional
        File in which the worker notes the models that it holds, to load them after a restart.
    service : Path, optional
        The service's socket, where that is on the same machine.
    """

    def __init__(
        self, worker: Worker, memory: Path | None = None, service: Path | None = None
    ) -> None:
        self._worker = worker
        self.engine = LocalEngine(None)
        self.engine.on_submit(self._on_submit)  # before a job begins
        self.epoch = 0
        self.ready = threading.Event()
        """Set once a picture would not wait for imports, nor for models that were here before."""
        self._memory = memory
        self._noted: list[str] = []
        self._jobs: dict[str, Job] = {}
        self._spans: dict[str, list[float]] = {}  # when each was begun and done
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._line = DirectLine(service)
        self._news = News(self._tell)
        threading.Thread(target=self._warm_up, name="zimg-warm", daemon=True).start()

    def begin(self, epoch: int) -> None:
        """Serve one service from now on; stop what others, which are gone, have asked for."""
        with self._lock:
            if epoch == self.epoch:
                return
            self.epoch = epoch
            self._line.renew()
            left, self._jobs = self._jobs, {}
            self._cancelled.clear()
        for job in left.values():
            job.cancel()

    def cancel(self, tokens: list[str]) -> None:
        """Stop runs at their next step, also those that have not arrived yet."""
        with self._lock:
            self._cancelled.update(tokens)
            jobs = [job for token, job in self._jobs.items() if token in tokens]
        for job in jobs:
            job.cancel()

    def draw(self, task: dict[str, Any]) -> dict[str, Any]:
        """Draw one picture; see :func:`~zimg_kernel.cluster.worker.draw_picture`."""
        token = task["token"]
        if self._stopped(task):
            return {"status": "cancelled"}
        try:
            job = self._submit(task)
        except Exception as error:
            return {"status": "failed", "error": error_to_dict(error), **self._state()}
        try:
            job.wait()
            result = self._result(token, job)
            image = result.get("image")
            if image is not None and (
                self._line.open or image.image.width * image.image.height <= _SMALL
            ):
                self._news.put_result(token, result)
                return {"status": "told"}
            self._news.flush()  # what was told of it arrives before its result
            return result
        finally:
            with self._lock:
                self._jobs.pop(token, None)
                self._spans.pop(token, None)
                self._cancelled.discard(token)

    def _tell(self, messages: list[dict[str, Any]]) -> None:
        if not self._line.tell(messages):
            self._worker.log_event(TOPIC, messages)

    def _stopped(self, task: dict[str, Any]) -> bool:
        with self._lock:
            return task["epoch"] != self.epoch or task["token"] in self._cancelled

    def _result(self, token: str, job: Job) -> dict[str, Any]:
        if job.status == "done":
            span = self._spans[token]
            return {"status": "done", "image": job.images[0], "span": span, **self._state()}
        if job.error is not None:
            return {"status": "failed", "error": error_to_dict(job.error), **self._state()}
        return {"status": "cancelled", **self._state()}

    def _submit(self, task: dict[str, Any]) -> Job:
        params = GenerationParams.from_dict(json.loads(task["params"]))
        plan = _plan_of(params, task["gallery"]) if params.edit is not None else None
        job = self.engine.submit(
            params, preview=task["preview"], save=False, plan=plan, origin=task["token"]
        )
        if self._stopped(task):  # before the job was known here
            job.cancel()
        return job

    def _on_submit(self, job: Job) -> None:
        token = job.origin
        span = [0.0, 0.0]
        with self._lock:
            self._jobs[token], self._spans[token] = job, span

        def on_event(event: Event) -> None:
            if isinstance(event, Started):
                span[0] = time.monotonic()
            elif isinstance(event, Done):
                span[1] = time.monotonic()
            self._news.put(token, event)

        job.on_event(on_event)

    def _warm_up(self) -> None:
        try:
            for model in self._remembered():
                with contextlib.suppress(BadInput, ZimgError):
                    self.engine.run(lambda model, stop: None, model).result()
            import_libraries()
        finally:
            self.ready.set()

    def _state(self) -> dict[str, Any]:
        loaded = self.engine.loaded
        if self._memory is not None and loaded != self._noted:
            self._noted = loaded
            with contextlib.suppress(OSError):
                fresh = self._memory.with_suffix(".part")
                fresh.write_text(json.dumps(loaded), encoding="utf-8")
                fresh.replace(self._memory)
        return {"loaded": loaded}

    def _remembered(self) -> list[str]:
        if self._memory is None:
            return []
        try:
            found = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [name for name in found if isinstance(name, str)]


def _plan_of(params: GenerationParams, folder: str | None) -> EditPlan:
    """Return the plan of an edit; the service has found its pictures in the gallery before."""
    gallery = Gallery(folder) if folder else None
    try:
        return restore_plan(params, get_card(str(params.model)), gallery)
    except BadInput as error:
        if error.code != "source-not-in-gallery":
            raise
        raise ZimgError(
            f"The worker on {socket.gethostname()} does not find the picture of this edit in "
            f"{folder}: workers of other machines need the gallery's folder under the same path, "
            "such as on a shared drive; pictures from words alone need none.",
            code="gallery-not-shared",
            field="gallery",
        ) from error
