"""Storage of ratings in a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from zimg_kernel import BadInput, ZimgError
from zimg_kernel.files import make_folder
from zimg_kernel.gallery.sqlite import BUSY_SECONDS, open_sqlite, retry_while_locked

from .agreement import Answer

_BUSY_SECONDS = BUSY_SECONDS
_OURS = 0x7A696D72  # "zimr" in SQLite's application_id marks our files
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- grows, also when an answer replaces another
    collection TEXT NOT NULL, kind TEXT NOT NULL, rater TEXT NOT NULL,
    item TEXT NOT NULL,                    -- hash of the picture, or of the two
    value INTEGER NOT NULL,                -- 1 to 5; or 1, 0, -1: first better, tie, second
    answered TEXT NOT NULL,                -- ISO 8601 with time zone
    UNIQUE (collection, kind, rater, item)
);
PRAGMA application_id = {_OURS};
COMMIT;
"""


class Ratings:
    """The answers of one named set in a SQLite file (WAL), shared by raters and processes.

    Raises
    ------
    BadInput
        The file is something else, or its folder cannot be written.
    ZimgError
        An answer could not be written or read, such as on a full disk.
    """

    def __init__(self, path: Path, name: str, kind: str) -> None:
        self.path = path
        self._set = (name, kind)
        try:
            make_folder(path.parent)
            self._prepare()
        except (OSError, sqlite3.DatabaseError) as error:
            raise BadInput(
                f"{path} cannot keep ratings ({error}): give another file with path=...",
                code="file-unusable",
                field="path",
            ) from None

    def put(self, rater: str, item: str, value: int) -> None:
        """Keep an answer; it replaces an earlier one of this rater about this item."""
        row = (*self._set, rater, item, value, datetime.now().astimezone().isoformat())
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers (collection, kind, rater, item, value, answered)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )

    def undo(self, rater: str, items: Collection[str]) -> str | None:
        """Remove this rater's last answer about one of these items; return the item."""
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            rows = db.execute(
                "SELECT id, item FROM answers WHERE collection = ? AND kind = ? AND rater = ?"
                " ORDER BY id DESC",
                (*self._set, rater),
            )
            last = next(((number, item) for number, item in rows if item in items), None)
            if last is None:
                return None
            db.execute("DELETE FROM answers WHERE id = ?", (last[0],))
            return str(last[1])

    def answers(self) -> list[Answer]:
        """Return all answers of the set, the oldest first."""
        query = "SELECT rater, item, value FROM answers WHERE collection = ? AND kind = ?"
        with self._open() as db:
            return [Answer(*row) for row in db.execute(f"{query} ORDER BY id", self._set)]

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with open_sqlite(self.path, _BUSY_SECONDS) as connection:
                yield connection
        except sqlite3.Error as error:
            raise ZimgError(
                f"The ratings in {self.path} could not be reached ({error}): nothing was changed; "
                "make room or free the file, then answer again.",
                code="ratings-unreachable",
            ) from error

    def _prepare(self) -> None:
        with contextlib.closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as db:
            db.execute("BEGIN")  # both are read from one moment: another process may be creating
            ours = db.execute("PRAGMA application_id").fetchone()[0] == _OURS
            tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            db.rollback()
            if ours:
                return
            if tables:
                raise sqlite3.DatabaseError("it is another program's database")
            retry_while_locked(lambda: db.execute("PRAGMA journal_mode = WAL"), _BUSY_SECONDS)
            db.executescript(_SCHEMA)
