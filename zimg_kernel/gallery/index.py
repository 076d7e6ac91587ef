"""The gallery's SQLite index: its table, queries and upgrades."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.errors import GalleryError
from zimg_kernel.images.record import is_record
from zimg_kernel.images.text import clean, is_utf8, json_text, parse_json

from .sqlite import (
    BUSY_SECONDS,
    identity,
    is_read_only,
    open_sqlite,
    open_unchanging,
    refuse_programs,
    remedy,
    retry_while_locked,
)

# 2: one more index; 3: two more columns. A table of an earlier version gets them added.
_VERSION = 3
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
_SELECTED = ("path", "pixels", "source", "seed")
_INDEXES = {
    "by_stamp": "stamp DESC",
    "by_day": "day",
    "by_model": "model",
    "by_seed": "seed",
    "by_pixels": "pixels",
    "by_source": "source",
}


# SQLite's errors; Python's own where one of them names what is no UTF-8.
_UNUSABLE = (sqlite3.Error, UnicodeDecodeError)


@dataclass(frozen=True)
class Row:
    """One picture of the index; ``path`` is relative to the gallery's folder."""

    path: str
    record: dict[str, Any]


class Index:
    """The table of pictures in one SQLite file (WAL, so readers never wait for a writer).

    Every method raises :class:`zimg_kernel.GalleryError` where the file cannot be used; as long
    as its folder does not exist, the index is empty.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._preparing = threading.Lock()
        self._prepared: tuple[int, int] | None = None  # device and number of the file

    @contextlib.contextmanager
    def _open(self, purpose: str = "written") -> Iterator[sqlite3.Connection]:
        try:
            if purpose == "read" and is_read_only(self.file):
                with open_unchanging(self.file) as connection:
                    yield connection
                return
            with self._preparing:
                if self._prepared is None or self._prepared != identity(self.file):
                    self._prepare()  # the first time, and after somebody has deleted it
                    self._prepared = identity(self.file)
            with open_sqlite(self.file) as connection:
                yield connection
        except _UNUSABLE as error:
            raise GalleryError(
                f"The gallery's index {self.file} could not be {purpose} ({error}); the pictures "
                f"are safe. {remedy(self.file, error)}",
                code="index-unusable",
                field="gallery",
            ) from error

    def _read(self, query: str, values: Sequence[str | float] = ()) -> list[tuple[Any, ...]]:
        if not self.file.parent.is_dir():
            return []
        with self._open("read") as connection:
            return connection.execute(query, values).fetchall()

    def _prepare(self) -> None:
        try:
            retry_while_locked(self._create)
        except _UNUSABLE as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # Not a database any more, or none of ours. It holds nothing that the files do not.
            self.file.replace(self.file.with_suffix(".damaged"))
            for suffix in ("-wal", "-shm"):
                self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
            self._create()

    def _create(self) -> None:
        connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        with contextlib.closing(connection):
            refuse_programs(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("BEGIN IMMEDIATE")  # one process at a time alters the table
                _upgrade(connection)
                connection.execute("COMMIT")

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
            known = [(path,) for path in paths if is_utf8(path)]
            connection.executemany("DELETE FROM pictures WHERE path = ?", known)

    def forget_others(self) -> None:
        """Remove rows that the package cannot have written: those without a path as text."""
        with self._open() as connection:
            connection.execute("DELETE FROM pictures WHERE typeof(path) != 'text'")

    def paths(self) -> set[str]:
        """Return the relative paths of all pictures."""
        return set(_texts(self._read("SELECT path FROM pictures")))

    def count(self, *filters: Any) -> int:
        """Return the number of matching pictures; the filters are those of :meth:`search`."""
        clause, values = _where(*filters)
        return sum(n for (n,) in self._read(f"SELECT count(*) FROM pictures {clause}", values))

    def tally(self, column: str, order: str) -> dict[str, int]:
        """Return the number of pictures for each value of a column."""
        query = f"SELECT {column}, count(*) AS n FROM pictures GROUP BY {column} ORDER BY {order}"
        return {value: n for value, n in self._read(query) if isinstance(value, str)}

    def names(self, *filters: Any) -> list[str]:
        """Return the paths of matching pictures, newest first, without their records."""
        clause, values = _where(*filters)
        query = f"SELECT path FROM pictures {clause} {_NEWEST_FIRST}"
        return _texts(self._read(query, values))

    def rows(self, names: Sequence[str]) -> list[Row]:
        """Return the rows of these paths in their order; those unknown are left out."""
        found = {row.path: row for row in self.select("path", names)}
        return [found[name] for name in names if name in found]

    def select(self, column: str, wanted: Sequence[str]) -> list[Row]:
        """Return the rows with one of these values in a column, oldest first.

        Parameters
        ----------
        column : {"path", "pixels", "source", "seed"}
        wanted : sequence of str
        """
        if column not in _SELECTED:
            raise ValueError(f"{column!r} is none of {', '.join(_SELECTED)}")
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(wanted), 500):  # SQLite takes 999 values at least
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            query = f"SELECT path, record, stamp FROM pictures WHERE {column} IN ({marks})"
            found += self._read(query, some)
        found = [row for row in found if isinstance(row[0], str) and isinstance(row[2], float)]
        found.sort(key=lambda row: (row[2], row[0]))
        return _rows(found)

    def related(self, digests: Sequence[str]) -> list[str]:
        """Return these digests, and all that sources and children lead to from them."""
        marks = ", ".join(["(?)"] * len(digests))
        query = f"""
            WITH RECURSIVE related(digest) AS (
                VALUES {marks}
                UNION
                SELECT CASE WHEN pixels = digest THEN source ELSE pixels END
                FROM related JOIN pictures ON pixels = digest OR source = digest
            )
            SELECT digest FROM related WHERE digest IS NOT NULL"""
        return _texts(self._read(query, digests)) if digests else []

    def state(self) -> tuple[Any, ...]:
        """Return a value that differs after any change; rows are only added and removed."""
        found = self._read("SELECT count(*), max(rowid), max(stamp) FROM pictures")
        return found[0] if found else ()

    def search(self, *filters: Any, limit: int | None = None, offset: int = 0) -> list[Row]:
        """Return matching rows, newest first; see :meth:`zimg_kernel.Gallery.search`.

        The filters are text, model, day (as text), seed and since (seconds since 1970).
        """
        clause, values = _where(*filters)
        query = f"SELECT path, record FROM pictures {clause} {_NEWEST_FIRST}"
        query += f" LIMIT {-1 if limit is None else int(limit)} OFFSET {int(offset)}"
        return _rows(self._read(query, values))


def _rows(found: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return rows without those that the package cannot have written: an index may be another's."""
    parsed = ((path, parse_json(record)) for path, record, *_ in found if isinstance(path, str))
    return [Row(path, record) for path, record in parsed if is_record(record)]


def _texts(found: Iterable[tuple[Any, ...]]) -> list[str]:
    return [text for (text,) in found if isinstance(text, str)]


def _upgrade(connection: sqlite3.Connection) -> None:
    """Create the table, or add the columns and indexes that an earlier version's lacks."""
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
    """Return the WHERE clause of these filters and its values."""
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
        clean(params.get("prompt", "")),
        clean(params.get("negative_prompt") or ""),
        str(params.get("seed", "")),
        _side(params.get("width")),
        _side(params.get("height")),
        json_text(row.record),
        row.record.get("pixels"),
        (row.record.get("source") or {}).get("pixels"),
    )


def _side(value: int | None) -> int | None:
    return value if value is not None and 0 < value < 2**31 else None
