"""Verdicts stored from run to run, also through a kill, and the outcome of the last run."""

from __future__ import annotations

import json
import logging
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import ZimgError
from zimg_kernel.files import atomic_file, make_folder

from .check import CheckResult

VERDICTS = "verdicts.jsonl"
LAST = "last.json"
_HINT = "make room there, or give another folder as cache."
_log = logging.getLogger(__name__)
_Key = tuple[str, str, str]


def suite_folder(name: str) -> Path:
    """Return the folder for the pictures and verdicts of a suite of this name."""
    short = re.sub(r"\W+", "-", name.casefold()).strip("-")[:40]
    digest = sha256(name.encode()).hexdigest()[:6]
    return (settings.home() / "suites" / f"{short}-{digest}").absolute()


class VerdictStore:
    """Verdicts in a suite's folder: a line of JSON each, written as soon as it is made.

    Parameters
    ----------
    folder : Path
        Holds ``verdicts.jsonl``, ``last.json`` and the pictures; made when first written to.
    fresh : bool
        Forget the verdicts.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self.folder = folder
        self._verdicts: dict[_Key, CheckResult] = {}
        path = folder / VERDICTS
        try:
            if fresh:
                path.unlink(missing_ok=True)
            elif path.exists():
                self._read(path.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise _unusable(folder, error) from None

    def _read(self, text: str) -> None:
        for line in text.splitlines():
            try:
                raw = json.loads(line)
                key = (str(raw["picture"]), str(raw["weights"]), str(raw["check"]))
                self._verdicts[key] = CheckResult(
                    raw["status"], str(raw["message"]), raw.get("value")
                )
            except (ValueError, LookupError, TypeError):  # cut off by a kill: judged again
                _log.debug("a damaged line in %s", self.folder / VERDICTS)

    def get(self, picture: str, weights: str, check: str | None) -> CheckResult | None:
        """Return the verdict of a check on a picture, if it was made."""
        return None if check is None else self._verdicts.get((picture, weights, check))

    def put(self, picture: str, weights: str, made: dict[str, CheckResult]) -> None:
        """Store verdicts on a picture, by the checks' keys."""
        lines = ""
        for check, result in made.items():
            self._verdicts[picture, weights, check] = result
            facts = {"picture": picture, "weights": weights, "check": check}
            verdict = {"status": result.status, "message": result.message, "value": result.value}
            lines += json.dumps({**facts, **verdict}, ensure_ascii=False) + "\n"
        if not lines:
            return
        try:
            make_folder(self.folder)
            with (self.folder / VERDICTS).open("a+b") as file:
                if file.tell():
                    file.seek(-1, 2)
                    if file.read(1) != b"\n":  # the end of a line that a kill cut off
                        lines = "\n" + lines
                file.write(lines.encode())
        except OSError as error:
            raise _unusable(self.folder, error) from None

    def last(self) -> dict[str, str]:
        """Return how each check of the last run ended, by its name; empty without one."""
        try:
            raw = json.loads((self.folder / LAST).read_text(encoding="utf-8"))
            return {str(name): str(status) for name, status in raw["checks"].items()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}

    def write_last(self, checks: dict[str, str], facts: dict[str, Any]) -> None:
        """Store how this run's checks ended; those that it left out stay as they were."""
        raw = {**facts, "checks": {**self.last(), **checks}}
        with atomic_file(self.folder / LAST, hint=_HINT) as file:
            file.write(json.dumps(raw, ensure_ascii=False, indent=1).encode())


def _unusable(folder: Path, error: OSError) -> ZimgError:
    return ZimgError(
        f"The suite's verdicts cannot be kept in {folder} ({error.strerror or error}): {_HINT}",
        code="not-written",
        field="cache",
    )
