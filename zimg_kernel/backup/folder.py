"""Folder of a backup: its parts, and its lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from zimg_kernel.cluster.private import lock_file
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.files import make_folder

from .objects import Objects
from .snapshots import Snapshot, names_of, read_snapshot


class BackupFolder:
    """A backup in a folder: ``snapshots/`` with lists of files, ``objects/`` with contents.

    Parameters
    ----------
    folder : str or Path
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder).expanduser().absolute()
        self.snapshots = self.path / "snapshots"
        self.objects = Objects(self.path / "objects")

    def make(self) -> None:
        """Make the folder, closed to other users where it is new.

        Raises
        ------
        BadInput
            There is something else in it.
        ZimgError
            It cannot be made.
        """
        try:
            make_folder(self.path.parent)
            self.path.mkdir(mode=0o700, exist_ok=True)
            if not self.snapshots.is_dir() and any(self.path.iterdir()):
                raise BadInput(
                    f"{self.path} holds other files and no backup: name a new or empty folder.",
                    code="not-a-backup",
                    field="folder",
                )
            for part in (self.snapshots, self.objects.folder):
                part.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ZimgError(
                f"{self.path} cannot be written ({error.strerror or error}), so nothing was backed "
                "up; name another folder.",
                code="not-written",
                field="folder",
            ) from error

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from writing this backup at the same time.

        Raises
        ------
        ZimgError
            One does.
        """
        try:
            lock = lock_file(self.path / "lock")
        except ImportError:  # no such locks on Windows
            yield
            return
        if lock is None:
            raise ZimgError(
                f"Another process is writing to the backup in {self.path}: wait until it has "
                "ended, then try again.",
                code="backup-in-use",
                field="folder",
            )
        with lock:
            yield

    def read(self, name: str) -> Snapshot | None:
        """Return a snapshot, whole or not; None if it cannot be read at all."""
        try:
            return read_snapshot(self.snapshots, name)
        except OSError:
            return None

    def last(self) -> Snapshot | None:
        """Return the newest whole snapshot."""
        for name in reversed(names_of(self.snapshots)):
            found = self.read(name)
            if found is not None and found.whole:
                return found
        return None
