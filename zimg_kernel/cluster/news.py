"""News of a worker: what happens to its pictures, told to the service in few messages."""

from __future__ import annotations

import logging
import pickle
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zimg_kernel.engine.default_model import likely_gpu
from zimg_kernel.engine.events import Event, Started, Step, Warned
from zimg_kernel.engine.events_json import event_to_dict
from zimg_kernel.engine.step_preview import is_quick

_PAUSE = 0.08  # seconds between two messages about steps: each takes time from the drawing
_SHARE, _SHARE_OF_CPU = 0.03, 0.015  # of the time at most that JPEGs take; on a CPU that draws
_log = logging.getLogger(__name__)


class News:
    """Thread that tells events and results in order.

    Parameters
    ----------
    tell : callable
        Sends a message: a list of objects of ``token`` and ``event`` or ``result``.
    """

    def __init__(self, tell: Callable[[list[dict[str, Any]]], None]) -> None:
        self._tell = tell
        self._waiting: queue.SimpleQueue[tuple[str, Event | bytes | threading.Event]] = (
            queue.SimpleQueue()
        )
        self._told = 0.0
        self._share = _SHARE if likely_gpu() else _SHARE_OF_CPU
        self._next_preview = 0.0
        threading.Thread(target=self._work, name="zimg-news", daemon=True).start()

    def put(self, token: str, event: Event) -> None:
        """Tell an event of a run; what the service finds out by itself is left out."""
        if isinstance(event, Started | Step | Warned):
            self._waiting.put((token, event))

    def put_result(self, token: str, result: dict[str, Any]) -> None:
        """Tell the result of a run, after all that was told of it."""
        self._waiting.put((token, pickle.dumps(result, protocol=5)))
        self.flush()

    def flush(self) -> None:
        """Wait until all is told."""
        passed = threading.Event()
        self._waiting.put(("", passed))
        passed.wait(10)

    def _work(self) -> None:
        while True:
            batch = [self._waiting.get()]
            while isinstance(batch[-1][1], Step):  # anything else is told at once
                left = self._told + _PAUSE - time.monotonic()
                try:
                    batch.append(self._waiting.get(timeout=max(left, 0.0)))
                except queue.Empty:
                    break
            try:
                self._send(batch)
            except Exception:
                _log.exception("news of a picture could not be told")
            for _, news in batch:
                if isinstance(news, threading.Event):
                    news.set()

    def _send(self, batch: list[tuple[str, Event | bytes | threading.Event]]) -> None:
        last = next((news for _, news in reversed(batch) if isinstance(news, Step)), None)
        messages: list[dict[str, Any]] = []
        for token, news in batch:
            if isinstance(news, bytes):
                messages.append({"token": token, "result": news})
            elif isinstance(news, Step):
                messages.append({"token": token, "event": self._step(news, news is last)})
            elif not isinstance(news, threading.Event):
                messages.append({"token": token, "event": event_to_dict(news, "")})
        if messages:
            self._tell(messages)
            self._told = time.monotonic()

    def _step(self, step: Step, last: bool) -> dict[str, Any]:
        """Return a step, with its preview unless that takes too long."""
        if is_quick(step.sketch):
            return event_to_dict(step, "")
        begun = time.monotonic()
        if not last or begun < self._next_preview:
            return event_to_dict(replace(step, sketch=None), "")
        told = event_to_dict(step, "")
        now = time.monotonic()
        self._next_preview = now + (now - begun) / self._share
        return told
