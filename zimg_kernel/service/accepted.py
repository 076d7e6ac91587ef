"""Accepted requests of the service: written down before the engine gets them."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass

from .database import Database

ORIGIN = "http:"  # what the origin of the service's jobs begins with
_COLUMNS = "ref, job, token, key, digest, created, hook"
_KEPT_SECONDS = 30 * 24 * 3600.0
_SELECT = f"SELECT {_COLUMNS} FROM accepted"  # noqa: S608


@dataclass(frozen=True)
class Accepted:
    """One accepted request.

    Attributes
    ----------
    ref : str
        Unique; stands in the origin of the engine's job.
    job : str
        The engine's id; empty as long as it has not answered.
    token : str
        Id of the caller's token.
    key : str
        The client's own id of the request; may be empty.
    digest : str
        Of what was asked for.
    created : float
        Seconds since 1970.
    hook : str
        Address to call when it has ended; may be empty.
    """

    ref: str
    job: str
    token: str
    key: str
    digest: str
    created: float
    hook: str = ""

    @property
    def origin(self) -> str:
        """Origin of the engine's job."""
        return ORIGIN + self.ref


class AcceptedRequests:
    """List of accepted requests in the service's file.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, accepted: Accepted) -> None:
        """Write a request down; forget those of long ago."""
        with self._database.write() as table:
            row = astuple(accepted)
            table.execute(f"INSERT INTO accepted ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608
            table.execute("DELETE FROM accepted WHERE created < ?", (time.time() - _KEPT_SECONDS,))

    def set_job(self, ref: str, job: str) -> None:
        """Write down the engine's id."""
        with self._database.write() as table:
            table.execute("UPDATE accepted SET job = ? WHERE ref = ?", (job, ref))

    def hook_done(self, ref: str) -> None:
        """Take note that the webhook of a request was called."""
        with self._database.write() as table:
            table.execute("UPDATE accepted SET hook = '' WHERE ref = ?", (ref,))

    def with_hooks(self) -> list[Accepted]:
        """Return the requests whose webhooks are still to be called."""
        rows = self._database.read(f"{_SELECT} WHERE hook <> '' AND job <> ''")
        return [Accepted(*row) for row in rows]

    def remove(self, ref: str) -> None:
        """Forget a request that the engine did not take."""
        with self._database.write() as table:
            table.execute("DELETE FROM accepted WHERE ref = ?", (ref,))

    def by_ref(self, ref: str) -> Accepted | None:
        """Return a request by its own id."""
        return self._one("ref = ?", ref)

    def by_job(self, job: str) -> Accepted | None:
        """Return a request by the engine's id."""
        return self._one("job = ?", job) if job else None

    def by_key(self, token: str, key: str) -> Accepted | None:
        """Return a request by the client's own id."""
        return self._one("token = ? AND key = ?", token, key) if key else None

    def like(self, token: str, digest: str, since: float) -> Accepted | None:
        """Return the newest request of a token for the same, accepted at or after a time."""
        return self._one("token = ? AND digest = ? AND created >= ?", token, digest, since)

    def recent(self, token: str, limit: int, offset: int = 0) -> list[Accepted]:
        """Return the requests of a token, newest first."""
        rows = self._database.read(
            f"{_SELECT} WHERE token = ? AND job <> '' ORDER BY created DESC LIMIT ? OFFSET ?",
            (token, limit, offset),
        )
        return [Accepted(*row) for row in rows]

    def _one(self, where: str, *values: object) -> Accepted | None:
        query = f"{_SELECT} WHERE {where} ORDER BY created DESC LIMIT 1"
        rows = self._database.read(query, values)
        return Accepted(*rows[0]) if rows else None
