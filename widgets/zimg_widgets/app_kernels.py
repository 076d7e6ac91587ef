"""Ends of the web page's kernels: with their page, or after some minutes without one."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from zimg_kernel import settings
from zimg_kernel.engine.queue_store import QueueStore


class AppKernelManager(AsyncMappingKernelManager):
    """A kernel manager that ends kernels without a page, but none that draws."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._alone: dict[str, float] = {}  # since when a kernel has had no page
        self._ending: set[asyncio.Future[None]] = set()

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Start a kernel after those that are ending, so that it finds what they leave.

        A reloaded page would keep two models in memory otherwise. IPython's history, which
        other accounts may read, keeps nothing of the page's one cell.
        """
        options.setdefault("extra_arguments", ["--HistoryManager.hist_file=:memory:"])
        if self._ending:
            await asyncio.wait(set(self._ending), timeout=60)
        return str(await super().start_kernel(**options))

    async def shutdown_kernel(  # type: ignore[override]
        self, kernel_id: str, now: bool = False, restart: bool = False
    ) -> None:
        """End a kernel; the next one waits for it."""
        ending = asyncio.ensure_future(super().shutdown_kernel(kernel_id, now, restart))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        self._alone.pop(kernel_id, None)
        await ending

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that has had neither a page nor a request for ``cull_idle_timeout`` s.

        The kernel's messages do not count: the memory bar sends some all the time.
        """
        pid = getattr(self.get_kernel(kernel_id).provisioner, "pid", None)
        drawing = pid is not None and _is_drawing(pid)
        if drawing or self._kernel_connections.get(kernel_id, 0):
            self._alone.pop(kernel_id, None)
            return
        now = time.monotonic()
        if now - self._alone.setdefault(kernel_id, now) > self.cull_idle_timeout:
            await self.shutdown_kernel(kernel_id)


def _is_drawing(pid: int) -> bool:
    store = QueueStore(settings.gallery_folder())
    try:
        return store.is_drawing(pid)
    except (OSError, UnicodeError, sqlite3.Error):
        return True
    finally:
        store.close()


def set_token(req: Any, notebook: Any, cwd: str) -> None:
    """Give the page the cookie that it proves its origin with when it ends its kernel.

    Voilà's page sends the cookie's value back, but Voilà itself never sets the cookie: tornado
    does so when a handler's token is asked for. Voilà calls this before it answers.
    """
    _ = req.xsrf_token
