"""Audit log of a shared engine: who asked for what, when, and what came of it.

The service calls :meth:`Audit.note`; ``logs/audit.jsonl`` is only ever appended to, and set aside
once it is long. It holds no prompts and no pictures.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from .logs import PrivateFile, now, without_secrets

_BYTES, _FILES = 8 << 20, 20


class Audit:
    """Appends to the audit log; safe from several threads.

    Parameters
    ----------
    folder : Path
        Of the logs.
    size : int
        Bytes after which the file is set aside as ``audit.jsonl.1``.
    files : int
        Former files that are kept.
    """

    def __init__(self, folder: Path, size: int = _BYTES, files: int = _FILES) -> None:
        self._file = PrivateFile(folder / "audit.jsonl", size, files)

    def note(self, user: str, what: str, outcome: str, **more: Any) -> None:
        """Append a line.

        Parameters
        ----------
        user : str
            Who asked.
        what : str
            Such as ``"submit"``, ``"cancel"`` or, of a job, ``"end"``.
        outcome : str
            Such as ``"accepted"``, ``"refused"``, ``"done"``, ``"failed"``.
        **more
            Such as ``job``, ``model``, ``pictures``, ``code``; None is left out.
        """
        told = {"time": now(), "user": user, "what": what, "outcome": outcome}
        told |= {name: value for name, value in more.items() if value is not None}
        line = without_secrets(json.dumps(told, ensure_ascii=False, default=str))
        # Through the handler's own lock, rotation and care for a full disk.
        self._file.handle(logging.makeLogRecord({"msg": line, "args": None}))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
