"""Worker of the shared engine: a Dask worker, and what the service asks of it."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .drawer import Drawer
from .pulse import beat

if TYPE_CHECKING:
    from .place import Place


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
        ``status``: "done", "failed", "cancelled", or "told" where the result was among the
        events; ``image`` or ``error``; ``span``, when it was begun and done by the worker's clock;
        ``loaded``, the models in the worker's memory.
    """
    from distributed import get_worker

    return drawer_of(get_worker()).draw(task)


_drawers: WeakKeyDictionary[Any, Drawer] = WeakKeyDictionary()
_drawers_lock = threading.Lock()


def drawer_of(worker: Any, memory: Path | None = None, socket: Path | None = None) -> Drawer:
    """Return what draws on a worker; one that was started by hand gets it when first asked."""
    with _drawers_lock:
        drawer = _drawers.get(worker)
        if drawer is None:
            drawer = _drawers[worker] = Drawer(worker, memory, socket)
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
    socket = place.socket if place.here else None
    drawer_of(worker, place.folder / f"worker-{index}.json", socket)
    async with worker:
        life = asyncio.create_task(beat("worker"))
        await worker.finished()
        life.cancel()
