"""Served job: an engine's job with who asked for it, and those who wait for its events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from zimg_kernel.engine.events import LAST, Event, Finished
from zimg_kernel.engine.job import Job

from .accepted import Accepted


class Served:
    """A job of the service.

    Parameters
    ----------
    job : Job
    accepted : Accepted
        Whose it is.
    """

    def __init__(self, job: Job, accepted: Accepted) -> None:
        self.job = job
        self.accepted = accepted
        self.energy_at_start: list[float] = []
        self._wakers: set[Callable[[], None]] = set()
        job.on_event(self._on_event)

    async def follow(self, stopping: asyncio.Event | None = None) -> AsyncIterator[Event]:
        """Yield every event of the job, from the first one, until the last.

        Parameters
        ----------
        stopping : asyncio.Event, optional
            Ends the sequence early once it is set; somebody has to wake this job then.
        """
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(changed.set)

        self._wakers.add(wake)
        position = 0
        try:
            while stopping is None or not stopping.is_set():
                changed.clear()
                for event in self.job.since(position):
                    position += 1
                    yield event
                    if isinstance(event, LAST):
                        return
                await changed.wait()
        finally:
            self._wakers.discard(wake)

    async def ended(self, seconds: float) -> bool:
        """Wait for the job's end for so many seconds; return whether it has come."""

        async def wait() -> None:
            async for _ in self.follow():
                pass

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wait(), seconds)
        return self.job.finished

    def wake(self) -> None:
        """Let everybody who follows look whether there is something new."""
        for waker in tuple(self._wakers):
            waker()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Finished):
            event.image.release()  # it is served from its file
        self.wake()
