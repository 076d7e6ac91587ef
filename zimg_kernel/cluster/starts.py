"""Counts of how often each process of a shared engine has begun, kept over their ends."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .private import write_private

_ENDING = ".starts"


def count_start(folder: Path, role: str) -> None:
    """Count a start of the process that holds a role; call it once the role is held."""
    with contextlib.suppress(OSError):  # a full disk keeps nothing from starting
        write_private(
            folder / f"{role}{_ENDING}", str(_read(folder / f"{role}{_ENDING}") + 1).encode()
        )


def restarts(folder: Path) -> dict[str, int]:
    """Return by role how often a process has begun again."""
    found = {file.stem: _read(file) for file in folder.glob(f"*{_ENDING}")}
    return {role: count - 1 for role, count in sorted(found.items()) if count}


def forget_starts(folder: Path) -> None:
    """Count from nothing: an engine is begun that did not run."""
    for file in folder.glob(f"*{_ENDING}"):
        file.unlink(missing_ok=True)


def _read(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0
