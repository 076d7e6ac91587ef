"""Snapshots of a backup: the list of files at one moment, written at once and complete or not."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zimg_kernel import __version__
from zimg_kernel.files import atomic_file

from .contents import is_safe
from .objects import is_digest

_FORMAT = 1
_ENDING = ".jsonl"


@dataclass(frozen=True)
class Entry:
    """A file of a snapshot: its name, size in bytes, time of change and SHA-256."""

    name: str
    size: int
    mtime_ns: int
    digest: str


@dataclass(frozen=True)
class Snapshot:
    """What was backed up at one moment.

    Attributes
    ----------
    name : str
        Its time in UTC, which sorts.
    entries : dict of str to Entry
    whole : bool
        Whether nothing of the list itself is missing.
    """

    name: str
    entries: dict[str, Entry]
    whole: bool


def new_name() -> str:
    """Return the name of a snapshot of now."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"


def write_snapshot(folder: Path, name: str, entries: Iterable[Entry]) -> Path:
    """Write a snapshot: a line for each file, and a last one with the digest of those before."""
    lines = [_line({"format": _FORMAT, "zimg": __version__, "snapshot": name})]
    lines += [_line([one.name, one.size, one.mtime_ns, one.digest]) for one in entries]
    body = b"".join(lines)
    path = folder / f"{name}{_ENDING}"
    hint = "no backup was made of it: free some space, or make the folder writable, and try again."
    with atomic_file(path, hint=hint) as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)  # names of files tell of seeds and times
        file.write(body + _line({"end": hashlib.sha256(body).hexdigest()}))
    return path


def names_of(folder: Path) -> list[str]:
    """Return the names of the snapshots in a folder, the oldest first."""
    return sorted(path.stem for path in folder.glob(f"[0-9]*{_ENDING}"))


def read_snapshot(folder: Path, name: str) -> Snapshot:
    """Return a snapshot; of one that is cut off or damaged, what can still be read.

    Raises
    ------
    OSError
        It cannot be read at all.
    """
    lines = (folder / f"{name}{_ENDING}").read_bytes().splitlines(keepends=True)
    body = b"".join(lines[:-1])
    end = _value(lines[-1]) if lines else None
    digest = end.get("end") if isinstance(end, dict) else None
    found = [entry for line in lines[1:] if (entry := _entry(_value(line))) is not None]
    whole = digest == hashlib.sha256(body).hexdigest()
    return Snapshot(name, {entry.name: entry for entry in found}, whole)


def delete_snapshot(folder: Path, name: str) -> None:
    """Delete the list of a snapshot; its objects stay."""
    (folder / f"{name}{_ENDING}").unlink(missing_ok=True)


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _entry(value: Any) -> Entry | None:
    """Return a line's file; None for what no version writes: a backup may come from others."""
    if not isinstance(value, list) or [type(part) for part in value] != [str, int, int, str]:
        return None
    name, size, mtime_ns, digest = value
    right = is_safe(name) and 0 <= size < 2**53 and 0 <= mtime_ns < 2**63 and is_digest(digest)
    return Entry(name, size, mtime_ns, digest) if right else None
