"""SQLite connections shared by several processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

BUSY_SECONDS = 30.0  # how long one process waits while another writes
_ROOM = 1 << 18  # bytes
_T = TypeVar("_T")


@contextlib.contextmanager
def open_sqlite(file: Path, seconds: float = BUSY_SECONDS) -> Iterator[sqlite3.Connection]:
    """Open a database for one transaction: committed at the end, rolled back on an error."""
    with contextlib.closing(sqlite3.connect(file, timeout=seconds)) as connection, connection:
        # https://www.sqlite.org/security.html: for files that may come from others
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection


def identity(file: Path) -> tuple[int, int] | None:
    """Return the device and the number of a file, or None if there is none."""
    try:
        facts = os.stat(file)
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino


def is_read_only(file: Path) -> bool:
    """Return whether a database is there in a folder that nothing can be written to."""
    return file.is_file() and not _can_write(file.parent)


@contextlib.contextmanager
def open_unchanging(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database on a read-only disk, where a write-ahead log cannot have its files.

    https://www.sqlite.org/wal.html#read_only_databases
    """
    address = file.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True)
    try:  # with the log's files of somebody who may write there
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True)
    with contextlib.closing(connection):
        connection.execute("PRAGMA trusted_schema = OFF")
        refuse_programs(connection)
        yield connection


def remedy(file: Path, error: BaseException) -> str:
    """Return what to do about an index that cannot be read or written."""
    if not _can_write(file.parent):
        return (
            f"Nothing can be written to {file.parent}: make it writable, or use a gallery in "
            "another folder."
        )
    if "is full" in str(error) or _is_full(file.parent):
        return f"The disk of {file.parent} is full: make room on it, then try again."
    if "disk" in str(error):
        return "If the disk is full, make room on it."
    return "Make it again with: zimg gallery --rebuild"


def _is_full(folder: Path) -> bool:
    """Return whether a disk has no room for the files beside an index (its log and its map)."""
    try:
        return shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False


def _can_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK)


def refuse_programs(connection: sqlite3.Connection) -> None:
    """Refuse a database with views or triggers, which run when a table is read or written.

    Raises
    ------
    sqlite3.DatabaseError
        It has one; ours have none.
    """
    query = "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index')"
    if connection.execute(query).fetchone()[0]:
        raise sqlite3.DatabaseError("it has views or triggers")


def retry_while_locked(action: Callable[[], _T], seconds: float = BUSY_SECONDS) -> _T:
    """Call ``action`` until the database is not locked any more; return its result.

    SQLite itself waits for locks, but not when WAL is turned on in two processes at once.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.02)
