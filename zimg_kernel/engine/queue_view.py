"""View of the queue's file: what waits, what has ended, what processes left that died."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .owner import Owner
from .queue_entry import COLUMNS, ENDED, OPEN, QueueEntry, entry_of, owner_of
from .queue_file import QueueFile

OPEN_SQL = ", ".join(f"'{state}'" for state in OPEN)
ENDED_SQL = ", ".join(f"'{state}'" for state in ENDED)
SELECT = f"SELECT {', '.join(COLUMNS)} FROM requests"


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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def find(self, id: str) -> QueueEntry | None:
        """Return a request by its id."""
        found = self._entries("WHERE id = ?", (id,))
        return found[0] if found else None

    def waiting(self) -> list[QueueEntry]:
        """Return what living processes draw and will draw: running ones, then in order."""
        order = "ORDER BY state = 'queued', priority DESC, rank"
        found = self._entries(f"WHERE state IN ({OPEN_SQL}) {order}")
        gone = _gone(entry.owner for entry in found)
        return [entry for entry in found if entry.owner not in gone]

    def history(self, limit: int = 100) -> list[QueueEntry]:
        """Return what has ended, the newest first; 1000 are kept, for 30 days."""
        clause = f"WHERE state IN ({ENDED_SQL}) ORDER BY ended DESC, rank DESC LIMIT ?"
        return self._entries(clause, (limit,))

    def left(self) -> list[QueueEntry]:
        """Return what was not finished when its process ended, the oldest first.

        Those that nobody has looked at since are still queued or running; see
        :func:`~zimg_kernel.engine.recovery.interrupted`.
        """
        found = self._entries(f"WHERE state IN ({OPEN_SQL}, 'interrupted') ORDER BY accepted, id")
        gone = _gone(entry.owner for entry in found if entry.state in OPEN)
        return [entry for entry in found if entry.state not in OPEN or entry.owner in gone]

    def is_drawing(self, pid: int) -> bool:
        """Tell whether a process has requests that wait or run."""
        return any(owner and owner.pid == pid and owner.alive for owner in self._owners())

    def others_draw(self) -> bool:
        """Tell whether other processes have requests that wait or run."""
        here = os.getpid()
        return any(owner and owner.pid != here and owner.alive for owner in self._owners())

    def version(self) -> int:
        """Return a number that changes when another process writes; takes microseconds."""
        return self._file.version()

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._file.close()

    def _owners(self) -> list[Owner | None]:
        query = f"SELECT DISTINCT pid, process_started FROM requests WHERE state IN ({OPEN_SQL})"
        return [owner_of(*row) for row in self._file.read(query)]

    def _entries(self, clause: str, values: tuple[Any, ...] = ()) -> list[QueueEntry]:
        return readable(self._file.read(f"{SELECT} {clause}", values))


def readable(rows: Iterable[tuple[Any, ...]]) -> list[QueueEntry]:
    """Return the entries of rows without those that the package cannot have written."""
    entries = []
    for row in rows:
        try:
            entries.append(entry_of(row))
        except ValueError:
            continue
    return entries


def _gone(owners: Iterable[Owner | None]) -> set[Owner | None]:
    return {owner for owner in set(owners) if owner is None or not owner.alive}
