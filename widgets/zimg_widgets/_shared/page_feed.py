"""Threads that send thumbnails and changes to pages, as long as a page looks."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Generic, TypeVar

Item = TypeVar("Item")

_THREADS = min(4, os.cpu_count() or 1)
_MOST_FAILURES = 3  # parcels in a row: nothing will go through any more
_PARCEL = 4  # pictures in one message: the first ones show early
_LOOK_EVERY = 2.0  # seconds
PATIENCE = 30.0  # a page says every 10 s that it looks; one that died is forgotten after this


class Feed(Generic[Item]):
    """Answer requests of pages, the latest first, in threads that end with the work.

    Parameters
    ----------
    make : callable
        Called in a thread with a few items of one request, in its order.
    """

    def __init__(self, make: Callable[[Sequence[Item]], None]) -> None:
        self._make = make
        self._waiting: dict[str, list[Item]] = {}
        self._lock = threading.Lock()
        self._running = 0

    def ask(self, page: str, items: Sequence[Item]) -> None:
        """Do these items next; what this page asked for before and still waits for is dropped."""
        with self._lock:
            self._waiting.pop(page, None)
            if not items:
                return
            self._waiting[page] = list(items)  # the last key is the latest request
            more = min(_THREADS, -(-len(items) // _PARCEL)) - self._running
            self._running += max(0, more)
        for _ in range(more):
            threading.Thread(target=self._run, name="zimg-gallery-feed", daemon=True).start()

    def forget(self, page: str | None = None) -> None:
        """Drop what a page, or any page, still waits for."""
        with self._lock:
            if page is None:
                self._waiting.clear()
            else:
                self._waiting.pop(page, None)

    def _run(self) -> None:
        failures = 0
        while parcel := self._next():
            failures = 0 if self._made(parcel) else failures + 1
            if failures == _MOST_FAILURES:  # closed this moment, with its kernel or by its cell
                self.forget()

    def _made(self, parcel: Sequence[Item]) -> bool:
        """Do some items, one by one where one of them is odd; return True if any could be done."""
        try:
            self._make(parcel)
            return True
        except Exception:
            done = 0
        for item in parcel if len(parcel) > 1 else ():
            with contextlib.suppress(Exception):
                self._make([item])
                done += 1
        return done > 0

    def _next(self) -> list[Item]:
        with self._lock:
            if not self._waiting:
                self._running -= 1
                return []
            page = next(reversed(self._waiting))
            items = self._waiting[page]
            parcel, rest = items[:_PARCEL], items[_PARCEL:]
            if rest:
                self._waiting[page] = rest
            else:
                del self._waiting[page]
            return parcel


class Watch:
    """Call a function every two seconds in a thread, as long as a page says that it looks."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._until: dict[str, float] = {}
        self._changed = threading.Condition()
        self._running = False

    @property
    def watched(self) -> bool:
        """True if a page looks."""
        return bool(self._until)

    def seen(self, page: str, looking: bool = True) -> None:
        """Note that a page looks, or does so no more."""
        with self._changed:
            if looking:
                self._until[page] = time.monotonic() + PATIENCE
                if not self._running:
                    self._running = True
                    threading.Thread(
                        target=self._run, name="zimg-gallery-watch", daemon=True
                    ).start()
            else:
                self._until.pop(page, None)
                self._changed.notify()

    def stop(self) -> None:
        """Forget all pages."""
        with self._changed:
            self._until.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait(_LOOK_EVERY)
                now = time.monotonic()
                self._until = {page: until for page, until in self._until.items() if until > now}
                if not self._until:
                    self._running = False
                    return
            try:
                self._look()
            except Exception:  # closed this moment, with its kernel or by its cell
                self.stop()


def difference(before: Sequence[str], after: Sequence[str]) -> tuple[int, int, int]:
    """Return where two lists begin to differ, how many went there, and how many came."""
    shorter = min(len(before), len(after))
    at = sum(1 for _ in takewhile(lambda i: before[i] == after[i], range(shorter)))
    same_end = takewhile(lambda i: before[-i] == after[-i], range(1, shorter - at + 1))
    kept = sum(1 for _ in same_end)
    return at, len(before) - at - kept, len(after) - at - kept
