"""Journal files of earlier versions: requests that their processes left unfinished."""

from __future__ import annotations

import json
import re
import sqlite3
import warnings
from datetime import datetime
from pathlib import Path

from zimg_kernel.errors import ZimgWarning
from zimg_kernel.params import GenerationParams

from .queue_entry import DAMAGE, QueueEntry
from .queue_store import QueueStore

FOLDER = ".journal"
_ID = re.compile(r"\d{20}-[0-9a-f]{8}")
_MOST = 2**62  # SQLite's integers end at 2**63
_KINDS = {"params": dict, "finished": int, "pid": int, "started": int | float, "accepted": str}


def take_over(store: QueueStore) -> None:
    """Move what earlier versions left in a gallery's folder ``.journal`` into its queue.

    A file goes once its request is in the queue. One whose process still runs is left alone, one
    that cannot be read is set aside under another name, with a warning.
    """
    folder = store.folder / FOLDER
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix == ".json" and _ID.fullmatch(p.stem))
    except OSError:  # most often there is none
        return
    found: dict[Path, QueueEntry] = {}
    for path in files:
        try:
            entry = read(path)
        except DAMAGE as error:
            _set_aside(path, error)
        except OSError as error:
            reason = error.strerror or error
            warnings.warn(
                ZimgWarning(
                    f"The journal's entry {path} cannot be read ({reason}).", code="file-unreadable"
                ),
                stacklevel=2,
            )
        else:
            if entry is not None and entry.left:
                found[path] = entry
    try:
        if found:
            store.take_over(found.values())
        for path in found:
            path.unlink(missing_ok=True)
    except (
        OSError,
        UnicodeError,
        sqlite3.Error,
    ):  # a folder that cannot be written: they stay where they are
        return


def read(path: Path) -> QueueEntry | None:
    """Return what a file holds, or None if it has just gone.

    Raises
    ------
    BadInput, ValueError, LookupError, TypeError, ArithmeticError, RecursionError
        It is no entry of a journal.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(raw, dict):
        raise ValueError("it holds no JSON object")
    for name, kind in _KINDS.items():
        if not isinstance(raw.get(name), kind) or isinstance(raw.get(name), bool):
            raise ValueError(f"its {name} is of another kind")
    params = GenerationParams.from_dict(raw["params"])
    if raw["finished"] < 0:
        raise ValueError(f"it counts {raw['finished']} finished pictures")
    if not -_MOST < raw["pid"] < _MOST:
        raise ValueError("its pid is none")
    accepted = datetime.fromisoformat(raw["accepted"]).timestamp()
    finished, rank = min(raw["finished"], params.count), min(int(path.stem[:20]), _MOST)
    return QueueEntry(
        path.stem, params.to_json(), params.hash, params.prompt, params.count, finished, "queued",
        0, rank, accepted, 0.0, 0.0, raw["pid"], float(raw["started"]), "studio",
    )  # fmt: skip


def _set_aside(path: Path, error: Exception) -> None:
    aside = path.with_suffix(".unreadable")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    except OSError:
        aside = path
    warnings.warn(
        ZimgWarning(
            f"An entry of the journal cannot be read ({error}); it was set aside as {aside}.",
            code="set-aside",
        ),
        stacklevel=3,
    )
