"""Served job: an engine's job with who asked for it, and those who wait for its events."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
from collections.abc import AsyncGenerator, Callable

from zimg_kernel.engine.events import LAST, Event, Finished, Step
from zimg_kernel.engine.job import Job
from zimg_kernel.images.encode import jpeg_bytes

from .accepted import Accepted

_JPEG_QUALITY = 80


class Served:
    """A job of the service.

    Parameters
    ----------
    job : Job
    accepted : Accepted
        Whose it is.

    Attributes
    ----------
    mark : str
        Of this list of events: one made again from what is on disk is another.
    """

    def __init__(self, job: Job, accepted: Accepted) -> None:
        self.job = job
        self.accepted = accepted
        self.mark = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._preview: tuple[Step | None, bytes | None] = (None, None)
        self.energy_at_start: list[float] = []
        self._wakers: set[Callable[[], None]] = set()
        job.on_event(self._on_event)

    async def follow(
        self, stopping: asyncio.Event | None = None, quiet: float | None = None, position: int = 0
    ) -> AsyncGenerator[Event | None, None]:
        """Yield every event of the job, from the first one, until the last.

        Parameters
        ----------
        stopping : asyncio.Event, optional
            Ends the sequence early once it is set; somebody has to wake this job then.
        quiet : float, optional
            Yield None whenever nothing has happened for so many seconds.
        position : int
            How many events to leave out at the beginning.
        """
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(changed.set)

        self._wakers.add(wake)
        try:
            while stopping is None or not stopping.is_set():
                changed.clear()
                for event in self.job.since(position):
                    position += 1
                    yield event
                    if isinstance(event, LAST):
                        return
                try:
                    async with asyncio.timeout(quiet):
                        await changed.wait()
                except TimeoutError:
                    yield None
        finally:
            self._wakers.discard(wake)

    async def ended(self, seconds: float) -> bool:
        """Wait for the job's end for so many seconds; return whether it has come."""

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), contextlib.aclosing(self.follow()) as events:
                async for _ in events:
                    pass
        return self.job.finished

    def preview(self, step: Step) -> bytes | None:
        """Return a step's preview as a JPEG, made once for all; called in a thread."""
        with self._lock:
            known, jpeg = self._preview
            if known is not step:
                picture = step.preview
                jpeg = None if picture is None else jpeg_bytes(picture, quality=_JPEG_QUALITY)
                self._preview = step, jpeg
            return jpeg

    def wake(self) -> None:
        """Let everybody who follows look whether there is something new."""
        for waker in tuple(self._wakers):
            waker()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Finished):
            event.image.release()  # it is served from its file
        self.wake()
