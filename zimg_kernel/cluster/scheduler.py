"""Scheduler of a shared engine: distributed's, on one address, with mutual TLS."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

from .place import Place, is_free
from .problems import note_problem
from .pulse import beat

if TYPE_CHECKING:
    from distributed import Scheduler

_log = logging.getLogger(__name__)

CONFIG = {
    # A run whose worker died is begun anew by the service, which counts such deaths.
    "distributed.scheduler.allowed-failures": 0,
    # The service sends a worker what it shall draw: nothing is moved afterwards.
    "distributed.scheduler.work-stealing": False,
    "distributed.comm.timeouts.connect": "5s",
    "distributed.comm.timeouts.tcp": "30s",
    "distributed.admin.low-level-log-length": 100,
    "distributed.admin.log-length": 100,
    # No pages of their own, which every user of the machine could read.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.diagnostics.nvml": False,
    # Its loggers print else, and their lines are in none of the engine's logs.
    "logging": {"version": 1, "disable_existing_loggers": False},
    # What looks at a worker many times a second takes the interpreter from what draws there.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.diagnostics.computations.max-history": 10,
}
"""Settings of distributed in all processes of an engine."""


def configure() -> None:
    """Let distributed use the engine's settings in this process; call it before anything else."""
    import dask
    import distributed  # noqa: F401  # its own settings come with it

    dask.config.set(CONFIG)


def run(place: Place) -> None:
    """Schedule until this process is asked to end."""
    import dask
    import distributed  # noqa: F401  # as above

    pages = dask.config.get("distributed.scheduler.http.routes")
    configure()
    if place.options.dashboard:
        dask.config.set({"distributed.scheduler.http.routes": pages})
    with_free_port = _with_free_port(place)
    if with_free_port is not None:
        asyncio.run(_run(with_free_port))


def _with_free_port(place: Place) -> Place | None:
    """Return the place, moved where another program has its port by now.

    None where that port was asked for: whoever asks for the status is told.
    """
    port = int(place.scheduler.rpartition(":")[2])
    asked = place.options.port
    taken = not is_free(place.options.host, port)
    note_problem(
        place.folder,
        "scheduler",
        f"Port {port} is another program's, so the scheduler waits for it: end that program, or "
        "run zimg down and choose another port (zimg up --port)."
        if taken and asked
        else "",
    )
    if not taken:
        return place
    if asked:
        return None
    moved = place.move()
    _log.warning("port %d is another program's; the scheduler moves to %s", port, moved.scheduler)
    return moved


async def _run(place: Place) -> None:
    from distributed import Scheduler

    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    dashboard = place.options.dashboard
    scheduler: Scheduler = Scheduler(
        host=place.options.host, port=int(place.scheduler.rpartition(":")[2]), protocol="tls",
        security=place.security("scheduler"), dashboard=bool(dashboard),
        dashboard_address=dashboard or "127.0.0.1:0",
    )  # fmt: skip
    async with scheduler:
        life = asyncio.create_task(beat("scheduler"))
        closed = asyncio.create_task(scheduler.finished())
        asked = asyncio.create_task(ended.wait())
        await asyncio.wait([closed, asked], return_when=asyncio.FIRST_COMPLETED)
        life.cancel()
