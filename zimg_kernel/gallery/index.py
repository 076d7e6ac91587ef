"""The gallery's SQLite index: found again from the files alone, shared by processes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# 2: one more index; 3: two more columns. A table of an earlier version gets them added.
_VERSION = 3
_BUSY_SECONDS = 30  # how long one process waits while another writes
_TABLE = """
CREATE TABLE IF NOT EXISTS pictures (
    path TEXT PRIMARY KEY,      -- relative to the gallery's folder
    created TEXT NOT NULL,      -- ISO 8601 with time zone
    day TEXT NOT NULL,          -- local day of creation, YYYY-MM-DD
    stamp REAL NOT NULL,        -- the same moment in seconds since 1970
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    negative_prompt TEXT NOT NULL,
    seed TEXT NOT NULL,         -- text: SQLite's integers end at 2**63
    width INTEGER, height INTEGER,
    record TEXT NOT NULL,       -- the whole record, JSON
    pixels TEXT,                -- digest of the picture; NULL where its record tells none
    source TEXT                 -- digest of what it was made from; NULL for one from nothing
)"""
_LATER = {"pixels": "$.pixels", "source": "$.source.pixels"}  # columns of version 3
_INDEXES = {
    "by_stamp": "stamp DESC",
    "by_day": "day",
    "by_model": "model",
    "by_seed": "seed",
    "by_pixels": "pixels",
    "by_source": "source",
}


@dataclass(frozen=True)
class Row:
    """One picture of the index; ``path`` is relative to the gallery's folder."""

    path: str
    record: dict[str, Any]


class Index:
    """The table of pictures in one SQLite file (WAL, so readers never wait for a writer)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._ready = threading.Lock()
        self._checked = False

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._ready:
            if not self._checked:
                self._prepare()
                self._checked = True
        connection = sqlite3.connect(self.file, timeout=_BUSY_SECONDS)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def _prepare(self) -> None:
        try:
            self._create_patiently()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # Not a database any more. It holds nothing that the files do not: start anew.
            self.file.replace(self.file.with_suffix(".damaged"))
            for suffix in ("-wal", "-shm"):
                self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
            self._create()

    def _create_patiently(self) -> None:
        # Turning WAL on does not wait for another process that does the same, so we do.
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                return self._create()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
            time.sleep(0.02)

    def _create(self) -> None:
        connection = sqlite3.connect(self.file, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN IMMEDIATE")  # one process at a time alters the table
                _bring_up_to_date(connection)
                connection.execute("COMMIT")
        finally:
            connection.close()

    def put(self, rows: Iterable[Row]) -> None:
        """Add rows, or replace those with the same path, in one transaction."""
        values = [_values(row) for row in rows]
        with self._open() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO pictures VALUES ({', '.join('?' * 13)})", values
            )

    def forget(self, paths: Iterable[str]) -> None:
        """Remove the rows of these paths; the files are not touched."""
        with self._open() as connection:
            connection.executemany("DELETE FROM pictures WHERE path = ?", [(p,) for p in paths])

    def paths(self) -> set[str]:
        """Return the relative paths of all pictures."""
        with self._open() as connection:
            return {row[0] for row in connection.execute("SELECT path FROM pictures")}

    def count(self, *filters: Any) -> int:
        """Return how many pictures match; the filters are those of :meth:`search`."""
        clause, values = _where(*filters)
        with self._open() as connection:
            query = f"SELECT count(*) FROM pictures {clause}"
            return int(connection.execute(query, values).fetchone()[0])

    def tally(self, column: str, order: str) -> dict[str, int]:
        """Return how many pictures there are for each value of a column."""
        query = f"SELECT {column}, count(*) AS n FROM pictures GROUP BY {column} ORDER BY {order}"
        with self._open() as connection:
            return dict(connection.execute(query).fetchall())

    def names(self, *filters: Any) -> list[str]:
        """Return the paths of matching pictures, newest first, without their records."""
        clause, values = _where(*filters)
        with self._open() as connection:
            query = f"SELECT path FROM pictures {clause} {_NEWEST_FIRST}"
            return [row[0] for row in connection.execute(query, values)]

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Return the rows of these paths in their order; those unknown are left out."""
        found: dict[str, str] = {}
        with self._open() as connection:
            for start in range(0, len(names), 500):  # SQLite takes 999 values at least
                some = names[start : start + 500]
                marks = ", ".join("?" * len(some))
                query = f"SELECT path, record FROM pictures WHERE path IN ({marks})"
                found.update(connection.execute(query, some).fetchall())
        return [Row(name, json.loads(found[name])) for name in names if name in found]

    def known_as(self, column: str, digests: Sequence[str]) -> list[Row]:
        """Return the rows whose ``pixels`` or ``source`` is one of these digests, oldest first."""
        return self._where_in(column, digests)

    def of_seed(self, seed: int) -> list[Row]:
        """Return the rows of a seed, oldest first."""
        return self._where_in("seed", [str(seed)])

    def _where_in(self, column: str, wanted: Sequence[str]) -> list[Row]:
        found: list[tuple[str, str, float]] = []
        with self._open() as connection:
            for start in range(0, len(wanted), 500):
                some = wanted[start : start + 500]
                marks = ", ".join("?" * len(some))
                query = f"SELECT path, record, stamp FROM pictures WHERE {column} IN ({marks})"
                found += connection.execute(query, some)
        found.sort(key=lambda row: (row[2], row[0]))
        return [Row(path, json.loads(record)) for path, record, _ in found]

    def state(self) -> tuple[Any, ...]:
        """Return what differs after any change: rows are never altered, only added or removed."""
        query = "SELECT count(*), max(rowid), max(stamp) FROM pictures"
        with self._open() as connection:
            return tuple(connection.execute(query).fetchone())

    def search(self, *filters: Any, limit: int | None = None, offset: int = 0) -> list[Row]:
        """Return matching rows, newest first; see :meth:`zimg_kernel.Gallery.search`.

        The filters are text, model, day (as text), seed and since (seconds since 1970).
        """
        clause, values = _where(*filters)
        query = f"SELECT path, record FROM pictures {clause} {_NEWEST_FIRST}"
        query += f" LIMIT {-1 if limit is None else int(limit)} OFFSET {int(offset)}"
        with self._open() as connection:
            found = connection.execute(query, values).fetchall()
        return [Row(path, json.loads(record)) for path, record in found]


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the table, or add to an earlier version's what it lacks."""
    connection.execute(_TABLE)
    there = {row[1] for row in connection.execute("PRAGMA table_info(pictures)")}
    for column, place in _LATER.items():
        if column not in there:
            connection.execute(f"ALTER TABLE pictures ADD COLUMN {column} TEXT")
            # Records of this version that an earlier one has read into its table.
            connection.execute(f"UPDATE pictures SET {column} = json_extract(record, '{place}')")
    for name, columns in _INDEXES.items():
        connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON pictures ({columns})")
    connection.execute(f"PRAGMA user_version = {_VERSION}")


_NEWEST_FIRST = "ORDER BY stamp DESC, path DESC"


def _where(
    text: str = "",
    model: str | None = None,
    day: str | None = None,
    seed: int | None = None,
    since: float | None = None,
) -> tuple[str, list[str | float]]:
    """The WHERE clause of these filters and its values."""
    where: list[str] = []
    values: list[str | float] = []
    for word in text.split():
        # instr on lowered text: no wildcards to escape, and Chinese needs no word breaks.
        where.append("instr(lower(prompt || ' ' || negative_prompt), ?)")
        values.append(word.lower())
    for column, value in (("model", model), ("day", day), ("seed", seed)):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(str(value))
    if since is not None:
        where.append("stamp >= ?")
        values.append(since)
    return (f"WHERE {' AND '.join(where)}" if where else ""), values


def _values(row: Row) -> tuple[Any, ...]:
    params, created = row.record["params"], datetime.fromisoformat(row.record["created"])
    return (
        row.path,
        row.record["created"],
        created.astimezone().date().isoformat(),
        created.timestamp(),
        params.get("model") or "",
        params.get("prompt", ""),
        params.get("negative_prompt", ""),
        str(params.get("seed", "")),
        params.get("width"),
        params.get("height"),
        json.dumps(row.record, ensure_ascii=False),
        row.record.get("pixels"),
        (row.record.get("source") or {}).get("pixels"),
    )
