"""Journal on disk of requests that were accepted and not finished."""

from __future__ import annotations

import atexit
import json
import os
import re
import secrets
import threading
import time
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgWarning
from zimg_kernel.params import GenerationParams

from .job import Job
from .journal_entry import JournalEntry

FOLDER = ".journal"
_ID = re.compile(r"\d{20}-[0-9a-f]{8}")
_DAMAGE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)  # also BadInput
_KINDS = {"params": dict, "finished": int, "pid": int, "started": int | float, "accepted": str}
_SAME_START = 2.0  # seconds; a start time is counted from boot and shifts when the clock is set


@dataclass(frozen=True)
class Interrupted:
    """A request whose process has ended before its pictures were drawn.

    Attributes
    ----------
    id : str
        Names it to the journal.
    params : GenerationParams
        The request for the pictures that are missing, and for no others.
    accepted : datetime
        When the whole request was accepted.
    """

    id: str
    params: GenerationParams
    accepted: datetime


class Journal:
    """A folder with a small file for each request that is waiting or running.

    A file goes when its job is done, cancelled or failed. If the process is killed, crashes or
    ends (also regularly, as a kernel that is restarted does), the file stays and
    :meth:`interrupted` finds it. Several processes may share one journal.

    Parameters
    ----------
    folder : str or Path, optional
        ``.journal`` in the folder of the gallery by default.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        chosen = settings.gallery_folder() / FOLDER if folder is None else Path(folder)
        self.folder = chosen.expanduser().absolute()
        self._ending = False

    def __repr__(self) -> str:
        return f"Journal({str(self.folder)!r})"

    def accept(self, job: Job) -> str:
        """Write down a job before anything else happens to it, and follow it to its end.

        A picture counts as finished once its file is in the gallery: one that was only in
        memory ends with its process, and is offered again.

        If the file cannot be written, the job goes on and its warnings say so.

        Returns
        -------
        str
            The id of the entry.
        """
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        entry = JournalEntry(self.folder / f"{name}.json", job, self._is_ending)
        entry.write()
        # From here on the job's events arrive, in its engine's threads; what they said before
        # is seen in the job itself.
        job.on_event(entry.on_event)
        entry.catch_up()
        # An engine cancels its jobs when the process ends. What is registered last runs first:
        # the journal knows by then that nobody asked for it, and the entries stay.
        atexit.unregister(self._end)
        atexit.register(self._end)
        return name

    def _is_ending(self) -> bool:
        # Python ends its thread pools before it calls what atexit knows: a model that is being
        # loaded fails then, and nobody asked for that either.
        return self._ending or not threading.main_thread().is_alive()

    def interrupted(self) -> list[Interrupted]:
        """Return the requests whose process is gone, the oldest first.

        A file that cannot be read is set aside under another name, with a warning.
        """
        found = []
        for path in self._files():
            try:
                raw = _read(path)
                if raw is None or _is_alive(raw["pid"], raw["started"]):
                    continue
                left = _missing(raw)
                if left is None:  # the process ended between the last picture and the end
                    path.unlink(missing_ok=True)
                    continue
                accepted = datetime.fromisoformat(raw["accepted"])
                found.append(Interrupted(path.stem, left, accepted))
            except _DAMAGE as error:
                _set_aside(path, error)
            except OSError as error:
                warnings.warn(
                    ZimgWarning(
                        f"The journal's entry {path} cannot be read ({error.strerror or error}).",
                        code="file-unreadable",
                    ),
                    stacklevel=2,
                )
        return found

    def is_drawing(self, pid: int) -> bool:
        """Tell whether a process has requests that wait or run."""
        return pid in self._drawing()

    def others_draw(self) -> bool:
        """Tell whether other processes have requests that wait or run."""
        return bool(self._drawing() - {os.getpid()})

    def _drawing(self) -> set[int]:
        """Return the living processes with requests that wait or run."""
        found: set[int] = set()
        for path in self._files():
            try:
                raw = _read(path)
                if raw and raw["pid"] not in found and _is_alive(raw["pid"], raw["started"]):
                    found.add(raw["pid"])
            except (*_DAMAGE, OSError):
                continue  # interrupted() reports it
        return found

    def dismiss(self, id: str) -> None:
        """Forget a request; one that is not there any more is no error."""
        self._path(id).unlink(missing_ok=True)

    def take(self, id: str) -> GenerationParams | None:
        """Return what is missing of a request and forget it.

        Returns
        -------
        GenerationParams or None
            None if another process took or dismissed it before, also in the same moment, or
            if the process that draws it is alive.
        """
        path = self._path(id)
        raw = _read(path)
        if raw is None or _is_alive(raw["pid"], raw["started"]):
            return None
        claimed = path.with_name(f".{path.stem}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            path.rename(claimed)  # of two that try at once, one finds no file
        except FileNotFoundError:
            return None
        try:
            params = _missing(raw)
        except BaseException:
            claimed.rename(path)
            raise
        claimed.unlink(missing_ok=True)
        return params

    def _files(self) -> list[Path]:
        try:
            return sorted(p for p in self.folder.iterdir() if _ID.fullmatch(p.stem) and _is_json(p))
        except OSError:  # most often there is none yet
            return []

    def _path(self, id: str) -> Path:
        if not _ID.fullmatch(id):
            raise BadInput(
                f"{id!r} is no entry of a journal: take the id of an interrupted one.",
                code="unknown-entry",
                field="id",
            )
        return self.folder / f"{id}.json"

    def _end(self) -> None:
        self._ending = True


def _is_alive(pid: int, started: float) -> bool:
    """Tell whether an entry's process still runs; another one may have its number."""
    try:
        process = psutil.Process(pid)
        if abs(process.create_time() - started) > _SAME_START:
            return False
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # somebody else's, so not a kernel of this user
        return False


def _read(path: Path) -> dict[str, Any] | None:
    """Return what a file holds, or None if it has just gone."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not isinstance(raw, dict):
        raise ValueError("it holds no JSON object")
    for name, kind in _KINDS.items():
        if not isinstance(raw.get(name), kind) or isinstance(raw.get(name), bool):
            raise ValueError(f"its {name} is of another kind")
    return raw


def _missing(raw: dict[str, Any]) -> GenerationParams | None:
    """Return the request for the pictures that are missing, or None if there are none."""
    params = GenerationParams.from_dict(raw["params"])
    finished = int(raw["finished"])
    if finished < 0:
        raise ValueError(f"it counts {finished} finished pictures")
    if finished >= params.count:
        return None
    return params.singles()[finished].replace(count=params.count - finished)


def _is_json(path: Path) -> bool:
    return path.suffix == ".json"


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
