"""File of prompts: those that wait outlive the process, those that have ended are the history."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from .prompt import OPEN, Prompt

KEPT = 2_000  # prompts that have ended
_TABLE = """
CREATE TABLE IF NOT EXISTS prompts (
    id TEXT PRIMARY KEY,
    open INTEGER NOT NULL,
    created INTEGER NOT NULL,   -- ms since 1970
    record TEXT NOT NULL        -- JSON
);
CREATE INDEX IF NOT EXISTS by_time ON prompts (open, created);
"""
_PUT = "INSERT OR REPLACE INTO prompts (id, open, created, record) VALUES (?, ?, ?, ?)"
_TRIM = (
    "DELETE FROM prompts WHERE open = 0 AND id NOT IN "
    "(SELECT id FROM prompts WHERE open = 0 ORDER BY created DESC LIMIT ?)"
)


class PromptStore:
    """SQLite file of prompts, safe from several threads.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._puts = 0
        self._connection = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLE)

    def put(self, prompt: Prompt) -> None:
        """Write a prompt down as it is now."""
        row = prompt.id, prompt.state in OPEN, prompt.created, prompt.to_json()
        with self._lock:
            self._connection.execute(_PUT, row)
            self._puts += 1
            if self._puts % 100 == 0:
                self._connection.execute(_TRIM, (KEPT,))

    def remove(self, prompt_id: str) -> None:
        """Forget a prompt."""
        with self._lock:
            self._connection.execute("DELETE FROM prompts WHERE id = ?", (prompt_id,))

    def load(self) -> list[Prompt]:
        """Return all prompts, the oldest first; damaged rows are passed over."""
        with self._lock:
            self._connection.execute(_TRIM, (KEPT,))
            rows = self._connection.execute(
                "SELECT record FROM prompts ORDER BY created"
            ).fetchall()
        found = []
        for (text,) in rows:
            try:
                found.append(Prompt.from_json(text))
            except (ValueError, TypeError):
                continue
        return found

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
