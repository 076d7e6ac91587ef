"""Ledger of the shared engine: what its services accepted, for whom, and where it is written."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .private import write_private


@dataclass
class Account:
    """A request that a service has accepted.

    Attributes
    ----------
    user : str
    gallery : str
        Folder in whose queue it is written down.
    preview : str
        What its steps carry.
    deaths : dict of int to int
        Workers that died of a picture, by its index.
    """

    user: str
    gallery: str
    preview: str
    deaths: dict[int, int] = field(default_factory=dict)


class Ledger:
    """File of accepted requests, appended to before each is written into its gallery's queue.

    Parameters
    ----------
    file : Path
        In the engine's private folder.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def read(self) -> dict[str, Account]:
        """Return what was accepted, by the jobs' ids; lines that were cut off are left out."""
        found: dict[str, Account] = {}
        with contextlib.suppress(OSError):
            for line in self._file.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                    said = json.loads(line)
                    if "deaths" in said:
                        found[said["id"]].deaths[int(said["index"])] = int(said["deaths"])
                    else:
                        account = Account(said["user"], said["gallery"], said["preview"])
                        found.setdefault(said["id"], account)
        return found

    def keep(self, accounts: dict[str, Account]) -> None:
        """Forget all others."""
        lines: list[dict[str, Any]] = []
        for id, account in accounts.items():
            told = {"user": account.user, "gallery": account.gallery, "preview": account.preview}
            lines.append({"id": id, **told})
            lines += [{"id": id, "index": i, "deaths": n} for i, n in account.deaths.items()]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        with self._lock, contextlib.suppress(OSError):
            write_private(self._file, text.encode())

    def add(self, id: str, account: Account) -> None:
        """Write down a request before it is accepted.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        told = {"user": account.user, "gallery": account.gallery, "preview": account.preview}
        self._append({"id": id, **told})

    def died(self, id: str, index: int, deaths: int) -> None:
        """Write down how many workers died of a picture."""
        with contextlib.suppress(OSError):
            self._append({"id": id, "index": index, "deaths": deaths})

    def _append(self, line: dict[str, Any]) -> None:
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
