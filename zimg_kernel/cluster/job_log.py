"""Log of a job's events as JSON, for all clients that follow it."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from typing import Any

from zimg_kernel.engine.events import LAST, Event, Finished, Step
from zimg_kernel.engine.events_json import event_to_dict
from zimg_kernel.engine.job import Job
from zimg_kernel.images.encode import png_bytes

Follower = Callable[[dict[str, Any]], None]


class JobLog:
    """Everything that happened to a job, and who wants to know; safe from several threads.

    Parameters
    ----------
    job : Job
        Before its first event.
    first : int
        Index in the whole request of the job's first picture: a job that draws what is missing
        begins later.
    """

    def __init__(self, job: Job, first: int = 0) -> None:
        self.job, self.first = job, first
        self._lock = threading.Lock()
        self._messages: list[dict[str, Any]] = []
        self._followers: list[Follower] = []
        job.on_event(self._on_event)

    def follow(self, follower: Follower) -> None:
        """Tell a function all that happened and, from now on, happens."""
        with self._lock:
            for message in self._messages:
                follower(message)
            if not self.job.finished or not self._ended:
                self._followers.append(follower)

    def unfollow(self, follower: Follower) -> None:
        """Tell a function no more."""
        with self._lock:
            if follower in self._followers:
                self._followers.remove(follower)

    @property
    def _ended(self) -> bool:
        return bool(self._messages) and self._messages[-1]["event"]["kind"] in _LAST

    def _on_event(self, event: Event) -> None:
        told = event_to_dict(event, self.job.id)
        if isinstance(event, Finished) and event.image.path is None:
            pixels = png_bytes(event.image.image)
            told["picture"]["png"] = base64.b64encode(pixels).decode()
        message = {"job": self.job.id, "first": self.first, "event": told}
        with self._lock:
            for follower in self._followers:
                follower(message)
            # Who comes later gets the steps without their previews.
            if isinstance(event, Step):
                message = {**message, "event": {**told, "preview": None}}
            self._messages.append(message)
            if isinstance(event, LAST):
                self._followers.clear()


_LAST = {kind.__name__.lower() for kind in LAST}
