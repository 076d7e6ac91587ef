"""Usage of each caller by day: requests, pictures, seconds of drawing, energy."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .database import Database

_ADD = (
    "INSERT INTO used VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (day, token) DO UPDATE SET "
    "requests = requests + excluded.requests, pictures = pictures + excluded.pictures, "
    "seconds = seconds + excluded.seconds, joules = joules + excluded.joules"
)


@dataclass(frozen=True)
class Used:
    """What a caller has used on a day.

    Attributes
    ----------
    requests, pictures : int
    seconds : float
        Of drawing, on whatever draws: GPU seconds where that is a GPU.
    joules : float
        Energy of the cards, or of the processors where there are none, while it was drawn; 0
        where that cannot be read.
    """

    requests: int = 0
    pictures: int = 0
    seconds: float = 0.0
    joules: float = 0.0


class Usage:
    """Adds up what callers use.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: str, used: Used) -> None:
        """Add to today's account of a token's id."""
        with self._database.write() as table:
            row = (_today(), token, used.requests, used.pictures, used.seconds, used.joules)
            table.execute(_ADD, row)

    def today(self, token: str) -> Used:
        """Return today's account of a token's id; days are those of UTC."""
        rows = self._database.read(
            "SELECT requests, pictures, seconds, joules FROM used WHERE day = ? AND token = ?",
            (_today(), token),
        )
        return Used(*rows[0]) if rows else Used()

    def all(self, token: str | None = None) -> list[dict[str, Any]]:
        """Return the accounts of all days, or those of one token's id, newest first."""
        where, values = ("WHERE token = ?", (token,)) if token is not None else ("", ())
        rows = self._database.read(
            f"SELECT day, token, requests, pictures, seconds, joules FROM used {where} "  # noqa: S608
            "ORDER BY day DESC, token LIMIT 1000",
            values,
        )
        names = ("day", "token", "requests", "pictures", "seconds", "joules")
        return [dict(zip(names, row, strict=True)) for row in rows]


class EnergyMeter:
    """Energy in J since some moment: of the cards, else of the processors, else nothing."""

    def __init__(self) -> None:
        from zimg_kernel.cluster.energy import CardReader, ProcessorEnergy

        self._cards, self._processors = CardReader(), ProcessorEnergy()
        self._lock = threading.Lock()

    def read(self) -> float:
        """Return the count of now; 0 where it cannot be read."""
        with self._lock:
            cards = self._cards.energy()
            return sum(cards.values()) if cards else self._processors.read() or 0.0


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
