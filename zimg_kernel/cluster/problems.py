"""Problems of an engine's processes that only a person can solve, in sentences for the status."""

from __future__ import annotations

import contextlib
from pathlib import Path

from .private import write_private

_ENDING = ".problem"


def note_problem(folder: Path, name: str, sentence: str) -> None:
    """Write down what keeps a part of an engine from working; nothing any more, if empty."""
    file = folder / f"{name}{_ENDING}"
    with contextlib.suppress(OSError):
        if sentence:
            write_private(file, sentence.encode())
        else:
            file.unlink(missing_ok=True)


def read_problems(folder: Path) -> list[str]:
    """Return the sentences that stand there now."""
    found = []
    for file in sorted(folder.glob(f"*{_ENDING}")):
        with contextlib.suppress(OSError, UnicodeError):
            found.append(file.read_text(encoding="utf-8"))
    return found


def forget_problems(folder: Path) -> None:
    """Forget all: the engine is begun again."""
    for file in folder.glob(f"*{_ENDING}"):
        file.unlink(missing_ok=True)
