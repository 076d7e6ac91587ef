"""View of the queue's file: what waits, what has ended, what processes left that died."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .owner import Owner
from .queue_entry import (
    COLUMNS,
    ENDED,
    OPEN,
    WAITING_COLUMNS,
    Interrupted,
    QueueEntry,
    WaitingEntry,
    entries_of,
    waiting_of,
)
from .queue_file import QueueFile

OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)
ENDED_SQL = ", ".join(f"'{state}'" for state in ENDED)
SELECT = f"SELECT {', '.join(COLUMNS)} FROM requests"
_SELECT_WAITING = f"SELECT {', '.join(WAITING_COLUMNS)} FROM requests"


class QueueView:
    """The reading half of a queue store.

    Methods raise :class:`sqlite3.Error` or :class:`OSError` where the file cannot be used.

    Parameters
    ----------
    folder : str or Path
        The gallery's folder; the file is ``.queue.sqlite`` in it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._file = QueueFile(self.folder)
        self.offers: tuple[object, list[Interrupted]] = (None, [])
        """What was interrupted, with the signature that it was read under."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def find(self, id: str) -> QueueEntry | None:
        """Return a request by its id."""
        found = self._entries("WHERE id = ?", (id,))
        return found[0] if found else None

    def of_origin(self, origin: str) -> QueueEntry | None:
        """Return the request of an origin that only one has."""
        found = self._entries("WHERE origin = ? ORDER BY accepted DESC LIMIT 1", (origin,))
        return found[0] if found else None

    def waiting(self, limit: int = -1) -> list[WaitingEntry]:
        """Return what living processes draw and will draw: running ones, then in order.

        Parameters
        ----------
        limit : int
            Most of those that wait; all by default.
        """
        found = waiting_of(
            self._file.read(f"{_SELECT_WAITING} WHERE state = 'running' ORDER BY started")
        )
        # Of one state, so that the index gives the order.
        order = "WHERE state = 'queued' ORDER BY priority DESC, rank LIMIT ?"
        found += waiting_of(self._file.read(f"{_SELECT_WAITING} {order}", (limit,)))
        owners = {(entry.pid, entry.process_started) for entry in found}
        alive = {owner for owner in owners if Owner(*owner).alive}
        return [e for e in found if (e.pid, e.process_started) in alive]

    def history(self, limit: int = 100) -> list[QueueEntry]:
        """Return what has ended, the newest first; 1000 are kept, for 30 days."""
        clause = f"WHERE state IN ({ENDED_SQL}) ORDER BY ended DESC, rank DESC LIMIT ?"
        return self._entries(clause, (limit,))

    def left(self) -> list[QueueEntry]:
        """Return what was not finished when its process ended, the oldest first.

        Those that nobody has looked at since are still queued or running; see
        :func:`~zimg_kernel.engine.recovery.interrupted`.
        """
        gone = [owner for owner in self._owners() if not owner.alive]
        found = {}  # a request that another process calls interrupted meanwhile is read twice
        for owner in gone:
            of_owner = f"WHERE state IN ({OPEN_SQL}) AND pid = ? AND process_started = ?"
            for entry in self._entries(of_owner, (owner.pid, owner.started)):
                found[entry.id] = entry
        for entry in self._entries("WHERE state = 'interrupted'"):
            found[entry.id] = entry
        return sorted(found.values(), key=lambda entry: (entry.accepted, entry.id))

    def is_drawing(self, pid: int) -> bool:
        """Tell whether a process has requests that wait or run."""
        return any(owner.pid == pid and owner.alive for owner in self._owners())

    def others_draw(self) -> bool:
        """Tell whether other processes have requests that wait or run."""
        here = os.getpid()
        return any(owner.pid != here and owner.alive for owner in self._owners())

    def version(self) -> int:
        """Return a number that changes when another process writes; takes microseconds."""
        return self._file.version()

    def signature(self) -> object:
        """Return a value that differs after any change and after the end of a process.

        None where that cannot be told.
        """
        alive = [(o.pid, o.started) for o in self._owners() if o.alive]
        version = self.version()
        return (version, self._file.changes, sorted(alive)) if version else None

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._file.close()

    def _owners(self) -> list[Owner]:
        query = f"SELECT DISTINCT pid, process_started FROM requests WHERE state IN ({OPEN_SQL})"
        rows = self._file.read(query)
        return [Owner(*row) for row in rows if (type(row[0]), type(row[1])) == (int, float)]

    def _entries(self, clause: str, values: tuple[Any, ...] = ()) -> list[QueueEntry]:
        return entries_of(self._file.read(f"{SELECT} {clause}", values))
