"""Waiting queue: what an engine's thread takes next, by priority, then in order."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from .ranks import moved

_T = TypeVar("_T")


@dataclass
class _Item(Generic[_T]):
    id: str
    priority: int
    rank: int
    value: _T
    movable: bool

    @property
    def key(self) -> tuple[int, int]:
        return -self.priority, self.rank


class WaitingQueue(Generic[_T]):
    """Values of any kind in their order; safe from several threads.

    Putting, taking and removing one of n take log n comparisons.
    """

    def __init__(self) -> None:
        self._items: list[_Item[_T]] = []
        self._by_id: dict[str, _Item[_T]] = {}
        self._taken: dict[str, _T] = {}
        self._changed = threading.Condition()
        self._last = 0
        self._closing = 0  # threads that shall end once nothing is left

    def __len__(self) -> int:
        return len(self._items)

    def next_rank(self) -> int:
        """Return a rank behind all that were given out before: the time in nanoseconds."""
        with self._changed:
            self._last = max(time.time_ns(), self._last + 1)
            return self._last

    def put(
        self, id: str, value: _T, priority: int = 0, rank: int = 0, *, movable: bool = True
    ) -> None:
        """Add a value.

        Parameters
        ----------
        id : str
            Unique among those that wait.
        value : object
        priority : int
            Higher ones come first.
        rank : int
            From :meth:`next_rank`, which is the default.
        movable : bool
            Whether :meth:`move` counts it among the positions.
        """
        item = _Item(id, priority, rank or self.next_rank(), value, movable)
        with self._changed:
            self._by_id[id] = item
            bisect.insort_right(self._items, item, key=_key)
            self._changed.notify()

    def get(self) -> _T | None:
        """Wait for a value and take the first one; None once :meth:`close` was called.

        It is among :meth:`values` until :meth:`done` is called.
        """
        with self._changed:
            while not self._items:
                if self._closing:
                    self._closing -= 1
                    return None
                self._changed.wait()
            item = self._items.pop(0)
            del self._by_id[item.id]
            self._taken[item.id] = item.value
            return item.value

    def take(self, id: str) -> _T | None:
        """Take a certain value, whatever waits before it; None if it does not wait."""
        with self._changed:
            item = self._by_id.get(id)
            if item is None:
                return None
            del self._items[self._place(item)]
            del self._by_id[id]
            self._taken[id] = item.value
            return item.value

    def order(self) -> list[tuple[str, int, int]]:
        """Return id, priority and rank of what waits, in order."""
        with self._changed:
            return [(item.id, item.priority, item.rank) for item in self._items]

    def done(self, id: str) -> None:
        """Forget a value that was taken."""
        with self._changed:
            self._taken.pop(id, None)

    def remove(self, id: str) -> _T | None:
        """Take a value that is not to wait any longer, or return None."""
        with self._changed:
            item = self._by_id.pop(id, None)
            if item is None:
                return None
            del self._items[self._place(item)]
            return item.value

    def move(self, id: str, position: int) -> dict[str, int] | None:
        """Let a value be the one at this position, from 0, among those of its priority.

        Returns
        -------
        dict of str to int, or None
            New ranks by id; None if there is no such value.
        """
        with self._changed:
            if id not in self._by_id:
                return None
            order = [(item.id, item.priority, item.rank) for item in self._items if item.movable]
            ranks = moved(order, id, position)
            self._rank({name: (self._by_id[name].priority, rank) for name, rank in ranks.items()})
            return ranks

    def reorder(self, order: Mapping[str, tuple[int, int]]) -> None:
        """Take priorities and ranks from elsewhere; of values that do not wait, nothing."""
        with self._changed:
            self._rank(order)

    def _rank(self, order: Mapping[str, tuple[int, int]]) -> None:
        changed = [
            (item, wanted)
            for name, wanted in order.items()
            if (item := self._by_id.get(name)) and (item.priority, item.rank) != wanted
        ]
        for item, (priority, rank) in changed:
            if len(changed) == 1:
                del self._items[self._place(item)]
            item.priority, item.rank = priority, rank
            if len(changed) == 1:
                bisect.insort_right(self._items, item, key=_key)
        if len(changed) > 1:
            self._items.sort(key=_key)

    def ahead(self, priority: int) -> int:
        """Return how many waiting values would come before a new one of this priority."""
        with self._changed:
            return bisect.bisect_right(self._items, -priority, key=lambda item: -item.priority)

    def taken(self) -> list[_T]:
        """Return what was taken and is not done."""
        with self._changed:
            return list(self._taken.values())

    def values(self) -> list[_T]:
        """Return what was taken and is not done, then what waits, in order."""
        with self._changed:
            return [*self._taken.values()] + [item.value for item in self._items]

    def close(self) -> None:
        """Let one thread that asks for a value get None once nothing is left."""
        with self._changed:
            self._closing += 1
            self._changed.notify()

    def _place(self, item: _Item[_T]) -> int:
        place = bisect.bisect_left(self._items, item.key, key=_key)
        while self._items[place] is not item:
            place += 1
        return place


def _key(item: _Item[_T]) -> tuple[int, int]:
    return item.key
