"""SQLite file of the queue: its table, and one connection of this process to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.errors import ZimgWarning
from zimg_kernel.files import make_folder
from zimg_kernel.gallery.sqlite import (
    identity,
    is_read_only,
    open_unchanging,
    refuse_programs,
    retry_while_locked,
)

NAME = ".queue.sqlite"
_BUSY_SECONDS = 5.0  # a request waits no longer than that for another process that writes
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY,        -- the job's
    params TEXT NOT NULL,       -- JSON, complete and with the seed
    hash TEXT NOT NULL,         -- of the parameters
    prompt TEXT NOT NULL,
    count INTEGER NOT NULL,     -- pictures asked for
    finished INTEGER NOT NULL,  -- pictures from the first one on that have a file
    state TEXT NOT NULL,        -- queued, running, done, failed, cancelled, interrupted
    priority INTEGER NOT NULL,  -- higher ones first
    rank INTEGER NOT NULL,      -- order among those of one priority
    accepted REAL NOT NULL,     -- seconds since 1970
    started REAL NOT NULL,
    ended REAL NOT NULL,
    pid INTEGER,                -- the process that works on it
    process_started REAL,
    origin TEXT NOT NULL,
    retries INTEGER NOT NULL,
    error TEXT NOT NULL,
    error_code TEXT NOT NULL,
    cancel INTEGER NOT NULL     -- 1: another process asks its owner to cancel it
)"""
_INDEXES = {
    "by_order": "state, priority DESC, rank",
    "by_owner": "state, pid, process_started",
    "by_hash": "hash, state",
    "by_end": "state, ended",
}
_inherited: list[sqlite3.Connection] = []  # those of a parent process must not be closed here


class QueueFile:
    """The file ``.queue.sqlite`` in a folder; safe from several threads and processes.

    Write-ahead log without a wait for the disk: what was written survives the end of the process,
    however it ends; a power cut may take the last moments.

    Parameters
    ----------
    folder : Path
        A gallery's; made at the first request.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self.changes = 0
        """Transactions of this object."""
        self._opened: tuple[int, ...] = ()  # process, device and number of the open file

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return a query's rows; none where there is no file."""
        with self._lock:
            if not self.path.is_file():
                return []
            if is_read_only(self.path):
                with open_unchanging(self.path) as connection:
                    return connection.execute(query, values).fetchall()
            connection = self._connect()
            try:
                return connection.execute(query, values).fetchall()
            except sqlite3.OperationalError as error:
                if not _be_lenient(connection, error):
                    raise
            return connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: committed at the end, rolled back on an error."""
        with self._lock:
            make_folder(self.path.parent)
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self.changes += 1
            except BaseException as error:
                _be_lenient(connection, error)  # the next time
                with contextlib.suppress(sqlite3.Error):  # a full disk has rolled it back already
                    connection.execute("ROLLBACK")
                raise

    def version(self) -> int:
        """Return a number that changes when another connection or process writes."""
        with self._lock:
            if self._connection is None:
                return 0
            (number,) = self._connection.execute("PRAGMA data_version").fetchone()
            return int(number)

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        with self._lock:
            if self._connection is not None and self._opened[0] == os.getpid():
                self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        if self._connection is not None:
            if self._identity() == self._opened:
                return self._connection
            if self._opened[0] == os.getpid():
                self._connection.close()  # the file was moved or deleted
            else:
                _inherited.append(self._connection)
            self._connection = None
        connection = retry_while_locked(self._open, _BUSY_SECONDS)
        self._connection, self._opened = connection, self._identity()
        return connection

    def _identity(self) -> tuple[int, ...]:
        return os.getpid(), *(identity(self.path) or ())

    def _open(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._set_aside(error)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            # https://www.sqlite.org/security.html: for files that may come from others
            connection.execute("PRAGMA trusted_schema = OFF")
            refuse_programs(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN IMMEDIATE")  # one process at a time makes the table
                connection.execute(_TABLE)
                for name, columns in _INDEXES.items():
                    connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON requests ({columns})")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
                connection.execute("COMMIT")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("SELECT max(rank) FROM requests")
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: Exception) -> None:
        aside = self.path.with_name(f"{NAME}.damaged")
        self.path.replace(aside)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(NAME + suffix).unlink(missing_ok=True)
        warnings.warn(
            ZimgWarning(
                f"The list of accepted requests {self.path} cannot be read ({error}); it was set "
                f"aside as {aside}, and a new one begun.",
                code="set-aside",
            ),
            stacklevel=2,
        )


def _be_lenient(connection: sqlite3.Connection, error: BaseException) -> bool:
    """Read texts that are no UTF-8, which are none of ours, if they were the trouble."""
    undecoded = isinstance(error, sqlite3.OperationalError) and "decode" in str(error)
    if undecoded:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return undecoded
