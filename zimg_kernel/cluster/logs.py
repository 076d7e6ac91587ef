"""Logs of a shared engine: JSON lines, rotated, private, without secrets.

Each process calls :func:`begin_logging` once it holds its role; what its libraries print goes to
``logs/ROLE.log`` (:func:`rotate_output`), what is logged to ``logs/ROLE.jsonl``.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import traceback
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from zimg_kernel.settings import settings

_BYTES, _FILES = 4 << 20, 5  # of the log of a process
_PRINTED = 1 << 20  # bytes of what a process printed before that is set aside
_LONGEST = 8000  # characters of a text
_HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}"
    r"|(?P<name>(?:api[_-]?key|apikey|token|secret|password|passwd|authorization|cookie)"
    r"[\"']?\s*[=:]\s*[\"']?)(?!bearer\b|basic\b)[^\s\"',;&)}]+"
    r"|(?P<url>\b[a-z][a-z0-9+.-]*://)[^\s/@]+@"
    r"|\b(?:sk|hf|ms|ghp|gho|pk|xox[abp])[-_][\w-]{12,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]+"  # a JSON web token
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_log = logging.getLogger(__name__)


def without_secrets(text: str) -> str:
    """Return a text with what looks like a key, a token or a password taken out.

    What stands in ``ZIMG_ENHANCER_KEY`` is, whatever it looks like.
    """
    key = settings().enhancer_key
    if key and len(key) >= 4:
        text = text.replace(key, _HIDDEN)
    return _SECRETS.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    before = found["kept"] or found["name"] or found["url"] or ""
    return before + _HIDDEN + ("@" if found["url"] else "")


class JsonLines(logging.Formatter):
    """Formatter that makes one line of JSON of each record.

    Parameters
    ----------
    role : str
        Of the process.
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line: time, level, process, logger, text and, if any, error."""
        told: dict[str, Any] = {
            "time": now(record.created), "level": record.levelname.lower(), "process": self._role,
            "pid": record.process, "logger": record.name,
            "text": without_secrets(record.getMessage())[:_LONGEST],
        }  # fmt: skip
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, frames = record.exc_info
            told["error"] = {
                "class": kind.__name__, "code": getattr(error, "code", None),
                "text": without_secrets(str(error))[:_LONGEST],
                "at": [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(frames)],
            }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, default=str)


class PrivateFile(RotatingFileHandler):
    """Rotated file that only its owner can read; a full disk ends no process.

    Parameters
    ----------
    path : Path
        Appended to; a link there is refused.
    size : int
        Bytes after which it becomes ``NAME.1``, that one ``NAME.2``, and so on.
    files : int
        Former files that are kept.
    """

    def __init__(self, path: Path, size: int, files: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__(path, maxBytes=size, backupCount=files, encoding="utf-8",
                         errors="backslashreplace", delay=True)  # fmt: skip

    def _open(self) -> Any:
        return open_private(Path(self.baseFilename))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Lose the line: there is no room for it, and nowhere to tell so."""


def open_private(path: Path) -> TextIO:
    """Open a text file to append to it, of mode 0600."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, 0o600)  # also one that was made before
    return os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace")


def begin_logging(folder: Path, role: str) -> logging.Handler:
    """Write what this process logs from now on into ``ROLE.jsonl`` in a folder."""
    handler = PrivateFile(folder / f"{role}.jsonl", _BYTES, _FILES)
    handler.setFormatter(JsonLines(role))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    _log.info("%s begins", role)
    return handler


def rotate_output(path: Path) -> None:
    """Set aside what a process printed, ``NAME.1``, once it is long; call it before a start."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > _PRINTED:
            path.replace(path.with_name(f"{path.name}.1"))


def now(seconds: float | None = None) -> str:
    """Return a time, this moment's by default, as logs have it: UTC with milliseconds."""
    when = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return when.isoformat(timespec="milliseconds")
