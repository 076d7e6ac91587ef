"""Restoring of a backup: every file verified before it takes its place, broken ones named."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel.cluster.private import make_private
from zimg_kernel.engine.queue_view import QueueView
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.files import atomic_file, make_folder
from zimg_kernel.gallery.gallery import Gallery

from .contents import GALLERY, LOGS, folders, is_database
from .databases import SUFFIXES, changed_at, check_database, put_database
from .folder import BackupFolder
from .objects import Broken, digest_of
from .snapshots import Entry, Snapshot, names_of

_MARGIN = 16 << 20  # bytes left free on each disk


@dataclass
class Restored:
    """What was restored.

    Attributes
    ----------
    snapshot : str
        Name of the snapshot.
    files : int
        Files that were written.
    there : int
        Files that were there with the same content.
    kept : list of str
        A sentence about each newer file that was left as it is.
    broken : list of str
        A sentence about each file that could not be restored.
    """

    snapshot: str
    files: int = 0
    there: int = 0
    kept: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def restore_backup(
    folder: str | Path,
    gallery: str | Path | None = None,
    *,
    snapshot: str | None = None,
    force: bool = False,
    check: bool = False,
) -> Restored:
    """Bring back what a backup holds; a run that was interrupted goes on where it stopped.

    Parameters
    ----------
    folder : str or Path
        The backup's.
    gallery : str or Path, optional
        Where its pictures and queue come; the usual gallery by default.
    snapshot : str, optional
        The newest one that is whole by default.
    force : bool
        Also replace files that are newer than in the backup.
    check : bool
        Only verify that every file could be restored; write nothing.

    Raises
    ------
    BadInput
        There is no backup, or no such snapshot.
    ZimgError
        There is no room, or nothing can be written.
    """
    backup = BackupFolder(folder)
    found = _choose(backup, snapshot)
    done = Restored(found.name)
    if not found.whole:
        done.broken.append(f"The list of snapshot {found.name} is damaged: files may be missing.")
    newest = names_of(backup.snapshots)[-1]
    if snapshot is None and found.name != newest:
        done.broken.append(f"The list of snapshot {newest} is damaged: the one before was taken.")
    places = folders(gallery)
    run = _Run(backup, places, force, done)
    if check:
        run.check(found)
        return done
    wanted = [entry for entry in found.entries.values() if run.is_wanted(entry)]
    _check_room(wanted, places)
    for entry in wanted:
        run.restore(entry)
    if any(entry.name.startswith(f"{GALLERY}/") for entry in wanted):
        Gallery(places[GALLERY]).rebuild()
    return done


def _choose(backup: BackupFolder, name: str | None) -> Snapshot:
    names = names_of(backup.snapshots)
    if not names:
        raise BadInput(
            f"There is no backup in {backup.path}: name the folder that zimg backup wrote.",
            code="not-a-backup",
            field="folder",
        )
    if name is not None and name not in names:
        raise BadInput(
            f"The backup has no snapshot {name}; it has {', '.join(names[-5:])}.",
            code="unknown-snapshot",
            field="snapshot",
        )
    found = backup.last() if name is None else backup.read(name)
    for other in reversed(names if name is None else []):
        found = found or backup.read(other)  # none is whole: the newest that can be read
    if found is None:
        raise ZimgError(
            f"No list of files in {backup.snapshots} can be read, so nothing was restored: the "
            "contents are in its objects folder, by digest.",
            code="backup-damaged",
            field="folder",
        )
    return found


def _check_room(wanted: list[Entry], places: dict[str, Path]) -> None:
    needs: dict[str, int] = defaultdict(int)
    for entry in wanted:
        needs[entry.name.partition("/")[0]] += entry.size
    disks: dict[int, tuple[Path, int]] = {}
    for kind, need in needs.items():
        place = places[kind]
        while not place.is_dir():
            place = place.parent
        device = place.stat().st_dev
        disks[device] = place, disks.get(device, (place, 0))[1] + need
    for place, need in disks.values():
        free = shutil.disk_usage(place).free
        if need + _MARGIN > free:
            raise ZimgError(
                f"The disk of {place} has {free / 1e6:.0f} MB free, and restoring needs "
                f"{(need + _MARGIN) / 1e6:.0f} MB: make room, or name another gallery. Nothing "
                "was restored.",
                code="no-room",
                field="gallery",
            )


class _Run:
    """One run of restoring."""

    def __init__(
        self, backup: BackupFolder, places: dict[str, Path], force: bool, done: Restored
    ) -> None:
        self.backup, self.places, self.force, self.done = backup, places, force, done

    def check(self, snapshot: Snapshot) -> None:
        """Verify every content, and write nothing."""
        for entry in snapshot.entries.values():
            try:
                with open(os.devnull, "wb") as nowhere:
                    self.backup.objects.copy_to(entry.digest, entry.size, nowhere)
                self.done.there += 1
            except Broken as error:
                self.done.broken.append(f"{entry.name} is broken in the backup: {error}.")

    def is_wanted(self, entry: Entry) -> bool:
        """Return whether a file shall be written; note why not."""
        path = self._path(entry)
        if self._is_behind_link(entry):
            self.done.broken.append(f"{path} lies behind a link, and was not written.")
            return False
        try:
            state = path.lstat()
        except OSError:
            return True
        if is_database(entry.name):
            with contextlib.suppress(sqlite3.Error, OSError):
                return self._is_free(path, entry)
            self.done.broken.append(f"{path} cannot be used, and was left as it is.")
            return False
        if path.is_file() and not path.is_symlink() and state.st_size == entry.size:
            with contextlib.suppress(OSError):
                if digest_of(path) == (entry.digest, entry.size):
                    self.done.there += 1
                    return False
        return self._may_replace(path, entry, state.st_mtime_ns)

    def _may_replace(self, path: Path, entry: Entry, changed: int) -> bool:
        if self.force or changed <= entry.mtime_ns:
            return True
        self.done.kept.append(f"{path} is newer than in the backup, and was kept (--force).")
        return False

    def _is_free(self, path: Path, entry: Entry) -> bool:
        queue = QueueView(path.parent)  # one that is damaged, it sets aside
        if queue.others_draw() or queue.is_drawing(os.getpid()):
            self.done.kept.append(
                f"{path} is the queue of a program that is drawing, and was kept: end it, then "
                "restore again."
            )
            return False
        queue.close()
        return not path.exists() or self._may_replace(path, entry, changed_at(path))

    def restore(self, entry: Entry) -> None:
        """Write one file, if its content is sound."""
        path = self._path(entry)
        try:
            if entry.name.startswith(f"{LOGS}/"):
                make_private(self.places[LOGS].parent)
            make_folder(path.parent)
            if is_database(entry.name):
                self._restore_database(entry, path)
            else:
                with atomic_file(path) as file:
                    if entry.name.startswith(f"{LOGS}/") and hasattr(os, "fchmod"):
                        os.fchmod(file.fileno(), 0o600)
                    self.backup.objects.copy_to(entry.digest, entry.size, file)
            for written in (path, path.with_name(f"{path.name}-wal")):
                with contextlib.suppress(FileNotFoundError):
                    os.utime(written, ns=(entry.mtime_ns, entry.mtime_ns))
            self.done.files += 1
        except (Broken, sqlite3.Error) as error:
            self.done.broken.append(f"{entry.name} is broken in the backup: {error}.")
        except (OSError, ZimgError) as error:
            reason = getattr(error, "strerror", None) or error
            self.done.broken.append(f"{entry.name} could not be written: {reason}")

    def _restore_database(self, entry: Entry, path: Path) -> None:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            with open(part, "xb") as file:
                self.backup.objects.copy_to(entry.digest, entry.size, file)
                file.flush()
                os.fsync(file.fileno())
            check_database(part)
            put_database(part, path)
        finally:
            for suffix in SUFFIXES:
                part.with_name(part.name + suffix).unlink(missing_ok=True)

    def _path(self, entry: Entry) -> Path:
        kind, _, rest = entry.name.partition("/")
        return self.places[kind] / rest

    def _is_behind_link(self, entry: Entry) -> bool:
        kind, *parts = entry.name.split("/")
        place = self.places[kind]
        for part in parts[:-1]:
            place = place / part
            if place.is_symlink():
                return True
        return False
