"""Queue store: the requests that engines have accepted, in one file for all processes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

from .owner import this_process
from .queue_entry import COLUMNS, ENDED, QueueEntry, State, entries_of
from .queue_view import ENDED_SQL, OPEN_SQL, SELECT, QueueView
from .ranks import moved

_KEPT = 1000  # requests that have ended, for the history
_KEPT_SECONDS = 30 * 24 * 3600.0
_PRUNED_EVERY = 250  # ends
_INSERT = f"INSERT INTO requests ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_OWN = "pid IS ? AND process_started IS ?"


class QueueStore(QueueView):
    """Requests in a gallery's folder: waiting, running, ended, and left by processes that died.

    Several processes may use one store. A request belongs to the process that has accepted it;
    others see it, and may move it or ask for its end. Once its process is gone, one of the
    others gets it by :meth:`claim`.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(folder)
        self._ends = 0

    def accept(
        self, id: str, params: GenerationParams, *, priority: int = 0, rank: int = 0,
        origin: str = "",
    ) -> QueueEntry:  # fmt: skip
        """Write down a request of this process, as waiting.

        What a process that is gone left of the very same request is not offered any more.

        Parameters
        ----------
        id : str
            The job's.
        params : GenerationParams
            Complete, with its seed.
        priority : int
            Higher ones come first.
        rank : int
            Order among those of one priority; now by default.
        origin : str
            Who asked.
        """
        owner = this_process()
        entry = QueueEntry(
            id, params.to_json(), params.hash, params.prompt, params.count, 0, "queued", priority,
            rank or time.time_ns(), time.time(), 0.0, 0.0, owner.pid, owner.started, origin,
        )  # fmt: skip
        with self._file.write() as table:
            same = f"WHERE hash = ? AND state IN ({OPEN_SQL}, 'interrupted')"
            for other in entries_of(table.execute(f"{SELECT} {same}", (entry.hash,))):
                if other.left:
                    _cancel(table, other.id)
            table.execute(_INSERT, entry)
        return entry

    def begin(self, id: str) -> None:
        """Note that a request of this process is being drawn."""
        self._set(id, "state = 'running', started = ?", (time.time(),))

    def progress(self, id: str, finished: int) -> None:
        """Note how many pictures of a request, from the first one on, have a file."""
        self._set(id, "finished = ?", (finished,))

    def end(self, id: str, state: State, finished: int, error: str = "", code: str = "") -> None:
        """Note that a request of this process has ended, and how."""
        columns = "state = ?, ended = ?, finished = ?, error = ?, error_code = ?"
        self._set(id, columns, (state, time.time(), finished, error, code))
        self._ends += 1
        if self._ends % _PRUNED_EVERY == 1:
            self.prune()

    def _set(self, id: str, columns: str, values: tuple[Any, ...]) -> None:
        owner = this_process()
        with self._file.write() as table:
            query = f"UPDATE requests SET {columns} WHERE id = ? AND {_OWN}"
            table.execute(query, (*values, id, owner.pid, owner.started))

    def interrupt(self, entries: Iterable[tuple[QueueEntry, int]]) -> None:
        """Let requests of processes that are gone be interrupted, or done if nothing is missing.

        Parameters
        ----------
        entries : iterable of (QueueEntry, int)
            What :meth:`left` returned, each with its finished pictures.
        """
        now = time.time()
        values = [
            (*(("interrupted", 0.0) if finished < entry.total else ("done", now)), finished,
             entry.id, entry.state, entry.pid, entry.process_started)
            for entry, finished in entries
        ]  # fmt: skip
        with self._file.write() as table:
            table.executemany(
                "UPDATE requests SET state = ?, ended = ?, finished = ?, cancel = 0 "
                f"WHERE id = ? AND state = ? AND {_OWN}",
                values,
            )

    def claim(self, id: str, rank: int = 0) -> QueueEntry | None:
        """Let an interrupted request wait in this process from now on.

        Returns
        -------
        QueueEntry or None
            None if another process claimed or dismissed it before, also in the same moment.
        """
        owner = this_process()
        values = owner.pid, owner.started, rank or time.time_ns(), id
        with self._file.write() as table:
            claimed = table.execute(
                "UPDATE requests SET state = 'queued', pid = ?, process_started = ?, rank = ?, "
                "retries = retries + 1, started = 0 WHERE id = ? AND state = 'interrupted'",
                values,
            ).rowcount
        return self.find(id) if claimed else None

    def cancel(self, id: str) -> bool:
        """Ask for the end of a request, whosever it is; return whether it had not ended.

        One whose process is gone is offered no more; another process's engine ends it before its
        next step.
        """
        with self._file.write() as table:
            found = entries_of(table.execute(f"{SELECT} WHERE id = ?", (id,)))
            if not found or found[0].state in ENDED:
                return False
            if found[0].left:
                _cancel(table, id)
            else:
                table.execute("UPDATE requests SET cancel = 1 WHERE id = ?", (id,))
        return True

    def dismiss(self, id: str) -> None:
        """Offer a request no more; one that is not there, has ended or is drawn is no error."""
        with self._file.write() as table:
            found = entries_of(table.execute(f"{SELECT} WHERE id = ?", (id,)))
            if found and found[0].left:
                _cancel(table, id)

    def move(self, id: str, position: int) -> None:
        """Let a waiting request be the one at this position (from 0) in its process's queue.

        It stays among those of its priority.

        Raises
        ------
        BadInput
            No such request is waiting.
        """
        with self._file.write() as table:
            query = "SELECT pid, process_started FROM requests WHERE id = ? AND state = 'queued'"
            owner = table.execute(query, (id,)).fetchone()
            if owner is None:
                raise not_waiting(id)
            order = table.execute(
                f"SELECT id, priority, rank FROM requests WHERE state = 'queued' AND {_OWN} "
                "ORDER BY priority DESC, rank",
                owner,
            ).fetchall()
            _write_ranks(table, moved(order, id, position))

    def set_ranks(self, ranks: Mapping[str, int]) -> None:
        """Write the order of requests that an engine has moved."""
        with self._file.write() as table:
            _write_ranks(table, ranks)

    def wishes(self) -> list[tuple[str, int, int, bool]]:
        """Return id, priority, rank and wish to cancel of this process's requests."""
        owner = this_process()
        rows = self._file.read(
            f"SELECT id, priority, rank, cancel FROM requests WHERE state IN ({OPEN_SQL}) "
            f"AND {_OWN}",
            (owner.pid, owner.started),
        )
        return [(id, priority, rank, bool(cancel)) for id, priority, rank, cancel in rows]

    def take_over(self, entries: Iterable[QueueEntry]) -> None:
        """Write down requests of an earlier version's process, unless they are there."""
        with self._file.write() as table:
            insert = _INSERT.replace("INSERT", "INSERT OR IGNORE", 1)
            table.executemany(insert, list(entries))

    def prune(self) -> None:
        """Forget requests that ended long ago."""
        ended = f"state IN ({ENDED_SQL})"
        with self._file.write() as table:
            table.execute(
                f"DELETE FROM requests WHERE {ended} AND (ended < ? OR id NOT IN "
                f"(SELECT id FROM requests WHERE {ended} ORDER BY ended DESC LIMIT ?))",
                (time.time() - _KEPT_SECONDS, _KEPT),
            )


def not_waiting(id: str) -> BadInput:
    """Return the error for a request that cannot be moved."""
    return BadInput(
        f"No request {id} is waiting: it has begun or ended.", code="unknown-entry", field="id"
    )


def _cancel(table: sqlite3.Connection, id: str) -> None:
    query = "UPDATE requests SET state = 'cancelled', ended = ? WHERE id = ?"
    table.execute(query, (time.time(), id))


def _write_ranks(table: sqlite3.Connection, ranks: Mapping[str, int]) -> None:
    changes = [(rank, id) for id, rank in ranks.items()]
    table.executemany("UPDATE requests SET rank = ? WHERE id = ?", changes)
