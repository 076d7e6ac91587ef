"""Cache of results: what the latest graphs have computed, by the nodes' signatures."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

KEPT_GRAPHS = 8


@dataclass(frozen=True)
class Kept:
    """A result that may be used again."""

    values: tuple[Any, ...]
    shown: dict[str, list[Any]] | None = None


class ResultCache:
    """Results of the latest graphs; of older ones nothing is held.

    Parameters
    ----------
    graphs : int
        How many graphs are remembered.
    """

    def __init__(self, graphs: int = KEPT_GRAPHS) -> None:
        self._most = graphs
        self._lock = threading.Lock()
        self._results: dict[str, Kept] = {}
        self._graphs: OrderedDict[frozenset[str], None] = OrderedDict()

    def begin(self, signatures: Iterable[str]) -> None:
        """Remember that a graph with these signatures runs now; the oldest one is forgotten."""
        graph = frozenset(signatures)
        with self._lock:
            self._graphs.pop(graph, None)
            self._graphs[graph] = None
            while len(self._graphs) > self._most:
                self._graphs.popitem(last=False)
            needed = frozenset[str]().union(*self._graphs)
            for signature in [name for name in self._results if name not in needed]:
                del self._results[signature]

    def get(self, signature: str | None) -> Kept | None:
        """Return the result of a signature, or None."""
        return self._results.get(signature) if signature else None

    def put(self, signature: str | None, kept: Kept) -> None:
        """Keep a result."""
        if signature:
            with self._lock:
                self._results[signature] = kept

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self._graphs.clear()
