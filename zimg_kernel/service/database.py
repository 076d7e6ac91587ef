"""SQLite file of the service: accepted requests, and what each caller has used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zimg_kernel.cluster.private import make_private

_FILE = "service.sqlite"
_BUSY_SECONDS = 5.0
_TABLES = """
CREATE TABLE IF NOT EXISTS accepted (
    ref TEXT PRIMARY KEY,       -- stands in the origin of the engine's job
    job TEXT NOT NULL,          -- the engine's id; empty before it has answered
    token TEXT NOT NULL,        -- id of the caller's token
    key TEXT NOT NULL,          -- the client's own id of the request; may be empty
    digest TEXT NOT NULL,       -- of what was asked for
    created REAL NOT NULL,      -- seconds since 1970
    hook TEXT NOT NULL          -- address to call when it has ended; may be empty
);
CREATE UNIQUE INDEX IF NOT EXISTS by_key ON accepted (token, key) WHERE key <> '';
CREATE INDEX IF NOT EXISTS by_job ON accepted (job);
CREATE INDEX IF NOT EXISTS by_time ON accepted (created);
CREATE TABLE IF NOT EXISTS used (
    day TEXT NOT NULL,          -- UTC
    token TEXT NOT NULL,
    requests INTEGER NOT NULL,
    pictures INTEGER NOT NULL,
    seconds REAL NOT NULL,      -- of drawing
    joules REAL NOT NULL,
    PRIMARY KEY (day, token)
);
"""


class Database:
    """One connection to the service's file, safe from several threads.

    What was written survives the end of the process, however it ends.

    Parameters
    ----------
    folder : Path
        The service's; made private.
    """

    def __init__(self, folder: Path) -> None:
        make_private(folder)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            folder / _FILE, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction: committed at the end, rolled back on an error."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise

    def read(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return a query's rows."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
