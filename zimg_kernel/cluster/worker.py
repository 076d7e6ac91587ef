"""Worker of the shared engine: draws single pictures with one warm engine in its process."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from zimg_kernel.edit.restore import restore_plan
from zimg_kernel.engine.events import Done, Event, Started, Step, Warned
from zimg_kernel.engine.events_json import error_to_dict, event_to_dict
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.catalog import get_card
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from distributed import Worker

    from .place import Place

TOPIC = "zimg"  # of the events that workers tell the service
_PREVIEW_PAUSE = 0.03  # seconds between two previews of one worker: eyes follow no faster
_log = logging.getLogger(__name__)


class Drawer:
    """What makes a Dask worker one of ours: a warm engine, and the runs that are on it.

    Parameters
    ----------
    worker : distributed.Worker
    memory : Path, optional
        File in which the worker notes the models that it holds, to load them after a restart.
    """

    def __init__(self, worker: Worker, memory: Path | None = None) -> None:
        self.engine = LocalEngine(None)
        self.engine.on_submit(self._on_submit)  # before a job begins
        self.epoch = 0
        self.ready = threading.Event()
        """Set once a picture would not wait for imports, nor for models that were here before."""
        self._memory = memory
        self._jobs: dict[str, Job] = {}
        self._spans: dict[str, list[float]] = {}  # when each was begun and done
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._tell: Callable[[dict[str, Any]], None] = lambda message: worker.log_event(
            TOPIC, message
        )
        self._news: queue.SimpleQueue[tuple[str, Event] | threading.Event] = queue.SimpleQueue()
        self._noted: list[str] = []

    def start(self) -> None:
        """Begin to tell what happens; load again what a former process had loaded."""
        threading.Thread(target=self._pass_on, name="zimg-news", daemon=True).start()
        threading.Thread(target=self._warm_up, name="zimg-warm", daemon=True).start()

    def begin(self, epoch: int) -> None:
        """Serve one service from now on; stop what others, which are gone, have asked for."""
        with self._lock:
            if epoch <= self.epoch:
                return
            self.epoch = epoch
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
        """Draw one picture; see :func:`draw_picture`."""
        token = task["token"]
        self.begin(task["epoch"])
        with self._lock:
            stopped = task["epoch"] < self.epoch or token in self._cancelled
        if stopped:
            return {"status": "cancelled"}
        try:
            job = self._submit(task)
        except Exception as error:
            return {"status": "failed", "error": error_to_dict(error), **self._state()}
        try:
            job.wait()
            self._flush()  # what was told of it arrives before its result
            if job.status == "done":
                found = {"status": "done", "image": job.images[0], "span": self._spans[token]}
                return {**found, **self._state()}
            if job.error is not None:
                return {"status": "failed", "error": error_to_dict(job.error), **self._state()}
            return {"status": "cancelled", **self._state()}
        finally:
            with self._lock:
                self._jobs.pop(token, None)
                self._spans.pop(token, None)
                self._cancelled.discard(token)

    def _submit(self, task: dict[str, Any]) -> Job:
        params = GenerationParams.from_dict(json.loads(task["params"]))
        plan = None
        if params.edit is not None:
            gallery = Gallery(task["gallery"]) if task["gallery"] else None
            plan = restore_plan(params, get_card(str(params.model)), gallery)
        token = task["token"]
        job = self.engine.submit(
            params, preview=task["preview"], save=False, plan=plan, origin=token
        )
        with self._lock:
            stopped = token in self._cancelled or task["epoch"] < self.epoch
        if stopped:
            job.cancel()
        return job

    def _warm_up(self) -> None:
        try:
            for model in self._remembered():
                with contextlib.suppress(BadInput, ZimgError):
                    self.engine.run(lambda model, stop: None, model).result()
            import diffusers  # noqa: F401
            import transformers  # noqa: F401
        finally:
            self.ready.set()

    def _on_submit(self, job: Job) -> None:
        token = job.origin
        with self._lock:
            self._jobs[token] = job
            self._spans[token] = [0.0, 0.0]

        def on_event(event: Event) -> None:
            if isinstance(event, Started):
                self._spans[token][0] = time.monotonic()
            elif isinstance(event, Done):
                self._spans[token][1] = time.monotonic()
            self._news.put((token, event))

        job.on_event(on_event)

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

    def _flush(self) -> None:
        passed = threading.Event()
        self._news.put(passed)
        passed.wait(10)

    def _pass_on(self) -> None:
        shown = 0.0
        while True:
            news = self._news.get()
            if isinstance(news, threading.Event):
                news.set()
                continue
            token, event = news
            try:
                if isinstance(event, Step):
                    # Previews that nobody can follow are not made.
                    late = not self._news.empty() or time.monotonic() - shown < _PREVIEW_PAUSE
                    if event.sketch is not None and late:
                        event = Step(event.step, event.steps, event.index, event.count)
                    elif event.sketch is not None:
                        shown = time.monotonic()
                elif not isinstance(event, Started | Warned):
                    continue
                self._tell({"token": token, "event": event_to_dict(event, "")})
            except Exception:
                _log.exception("an event of a picture could not be told")


def draw_picture(task: dict[str, Any]) -> dict[str, Any]:
    """Draw one picture on a Dask worker, and tell of its steps meanwhile.

    Parameters
    ----------
    task : dict
        ``token`` and ``epoch`` of the run; ``params`` of one picture as JSON; ``preview``;
        ``gallery``, the folder that holds the pictures of an edit, or None.

    Returns
    -------
    dict
        ``status`` ("done", "failed" or "cancelled"); ``image`` or ``error``; ``loaded``, the
        models in the worker's memory.
    """
    from distributed import get_worker

    return drawer_of(get_worker()).draw(task)


_drawers: WeakKeyDictionary[Any, Drawer] = WeakKeyDictionary()
_drawers_lock = threading.Lock()


def drawer_of(worker: Any, memory: Path | None = None) -> Drawer:
    """Return what draws on a worker; one that was started by hand gets it when first asked."""
    with _drawers_lock:
        drawer = _drawers.get(worker)
        if drawer is None:
            drawer = _drawers[worker] = Drawer(worker, memory)
            drawer.start()
        return drawer


async def begin_service(epoch: int, dask_worker: Any = None) -> dict[str, Any]:
    """Let a worker serve a new service; once it is ready to draw, return what there is of it.

    Returns
    -------
    dict
        ``loaded``, the models in its memory; ``pid``; ``name``.
    """
    drawer = drawer_of(dask_worker)
    drawer.begin(epoch)
    while not drawer.ready.is_set():
        await asyncio.sleep(0.02)
    return {"loaded": drawer.engine.loaded, "pid": os.getpid(), "name": dask_worker.name}


def cancel_runs(tokens: list[str], dask_worker: Any = None) -> None:
    """Stop runs on a worker."""
    drawer_of(dask_worker).cancel(tokens)


async def ask_engine(method: str, options: dict[str, Any], dask_worker: Any = None) -> Any:
    """Call a method of a worker's engine: resources, unload, forget_prompts or prepare."""
    call = getattr(drawer_of(dask_worker).engine, method)
    return await asyncio.to_thread(call, **options)  # it may wait for the running picture


def end_process(dask_worker: Any = None) -> None:
    """End a worker's process at once: it does not stop what it was told to stop."""
    os._exit(1)


def run(place: Place, index: int = 0) -> None:
    """Serve as a worker until the scheduler is gone.

    Parameters
    ----------
    place : Place
        Of the shared engine.
    index : int
        Number of this worker, from 0.
    """
    import dask

    from .scheduler import configure

    configure()
    if place.options.idle_minutes:
        os.environ["ZIMG_IDLE_MINUTES"] = f"{place.options.idle_minutes:g}"
    else:  # two years, but sooner where RAM runs short
        os.environ.setdefault("ZIMG_IDLE_MINUTES", "999999")
    faulthandler.register(signal.SIGUSR1)  # prints what each thread does
    dask.config.set({"distributed.worker.http.routes": []})
    asyncio.run(_serve(place, index))


async def _serve(place: Place, index: int) -> None:
    from distributed import Worker

    worker = Worker(
        place.scheduler,
        nthreads=2,
        name=f"zimg-{index}",
        memory_limit=0,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        local_directory=str(place.folder / "scratch"),
        security=place.security("worker"),
    )
    drawer_of(worker, place.folder / f"worker-{index}.json")
    async with worker:
        await worker.finished()
