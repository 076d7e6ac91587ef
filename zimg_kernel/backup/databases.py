"""Copies of SQLite databases in use, by SQLite's own backup."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from zimg_kernel.gallery.sqlite import open_unchanging, refuse_programs

SUFFIXES = ("", "-wal", "-shm")
"""Of the names of a database's files."""
_SECONDS = 30.0  # to wait for another process that writes


def copy_database(source: Path, target: Path) -> None:
    """Write a consistent copy of a database that others may be using: one file, no log beside it.

    https://www.sqlite.org/backup.html

    Raises
    ------
    sqlite3.Error
        It is damaged, or none of ours.
    """
    # What cannot be written to, nobody changes at this moment.
    reading = _opened(source) if os.access(source.parent, os.W_OK) else open_unchanging(source)
    with reading as there, _opened(target) as here:
        refuse_programs(there)
        there.backup(here)
        here.execute("PRAGMA journal_mode = DELETE")


def changed_at(file: Path) -> int:
    """Return when a database was changed, in its file or in its log; in nanoseconds."""
    log = file.with_name(f"{file.name}-wal")
    return max(one.stat().st_mtime_ns for one in (file, log) if one.exists())


def check_database(file: Path) -> None:
    """Refuse a database that is damaged or holds programs.

    Raises
    ------
    sqlite3.Error
        It is, or does.
    """
    with _opened(file) as connection:
        refuse_programs(connection)
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(str(found))


def put_database(source: Path, target: Path) -> None:
    """Let a database be what another is, also while others have it open.

    Parameters
    ----------
    source : Path
        Beside ``target``; it is gone afterwards.
    target : Path
        Where there is a sound database, its content is replaced in one transaction.

    Raises
    ------
    sqlite3.Error, OSError
        It cannot be written; it is as it was.
    """
    if target.exists():
        try:
            check_database(target)
        except sqlite3.OperationalError:  # locked, or the disk
            raise
        except sqlite3.DatabaseError:  # damaged: the log of the old must not be read into the new
            for suffix in SUFFIXES[1:]:
                target.with_name(target.name + suffix).unlink(missing_ok=True)
        else:
            with _opened(source) as there, _opened(target) as here:
                there.backup(here)
            source.unlink()
            return
    with _opened(source) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    os.replace(source, target)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode={'rw' if file.exists() else 'rwc'}"
    connected = sqlite3.connect(address, uri=True, timeout=_SECONDS)
    with contextlib.closing(connected) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
