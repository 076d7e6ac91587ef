"""Making of a backup: what is not there yet is copied, then the list of files is written."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from zimg_kernel.errors import BadInput, ZimgError

from .contents import Source, contents, folders
from .databases import changed_at, copy_database
from .folder import BackupFolder
from .objects import Broken, digest_of
from .snapshots import Entry, Snapshot, delete_snapshot, names_of, new_name, write_snapshot

_MARGIN = 16 << 20  # bytes left free on the backup's disk


@dataclass(frozen=True)
class Made:
    """What a backup did.

    Attributes
    ----------
    snapshot : str
        Its name.
    files, size : int
        Files in it, and their bytes.
    copied, copied_size : int
        Contents that were not there before, and their bytes.
    problems : tuple of str
        A sentence about each file that is not in it.
    mended : tuple of str
        Names of files whose copies had been damaged, and were made again.
    """

    snapshot: str
    files: int
    size: int
    copied: int
    copied_size: int
    problems: tuple[str, ...]
    mended: tuple[str, ...]


def make_backup(
    folder: str | Path, gallery: str | Path | None = None, *, check: bool = False, keep: int = 0
) -> Made:
    """Back up a gallery with its queue, and the logs; what is there by digest is not copied again.

    Both may be in use. A backup that is interrupted leaves the snapshots before it as they are,
    and what it has copied need not be copied again.

    Parameters
    ----------
    folder : str or Path
        The backup's; new, empty, or of an earlier backup.
    gallery : str or Path, optional
        The usual one by default.
    check : bool
        Also read what was there before, and copy again what has been damaged.
    keep : int
        Snapshots to keep, with this one; 0 for all.

    Raises
    ------
    BadInput
        The folder holds something else, or lies in the gallery.
    ZimgError
        There is no room, or it cannot be written.
    """
    places = folders(gallery)
    backup = BackupFolder(folder)
    _check_places(backup.path, places)
    backup.make()
    with backup.alone(), tempfile.TemporaryDirectory(prefix="zimg-backup-") as scratch:
        try:
            backup.objects.clear_unfinished()
            return _Run(backup, places, Path(scratch), check).run(keep)
        except OSError as error:
            raise ZimgError(
                f"The backup in {backup.path} was not finished ({error.strerror or error}): make "
                "room or mend it, then run it again; it goes on where it stopped.",
                code="not-written",
                field="folder",
            ) from error


def _check_places(backup: Path, places: dict[str, Path]) -> None:
    for place in places.values():
        inside = backup.resolve().is_relative_to(place.resolve())
        if inside or place.resolve().is_relative_to(backup.resolve()):
            raise BadInput(
                f"The backup's folder {backup} and {place} lie in each other: name a folder "
                "elsewhere, best on another disk.",
                code="backup-inside",
                field="folder",
            )


class _Run:
    """One run of a backup."""

    def __init__(
        self, backup: BackupFolder, places: dict[str, Path], scratch: Path, check: bool
    ) -> None:
        self.backup, self.places, self.scratch, self.check = backup, places, scratch, check
        self.before: Snapshot = backup.last() or Snapshot("", {}, True)
        self.known: dict[str, bool] = {}  # digest: whether its object is there and sound
        self.problems: list[str] = []
        self.mended: list[str] = []
        self.entries: dict[str, Entry] = {}
        self.copied = self.copied_size = 0

    def run(self, keep: int) -> Made:
        sources, problems = contents(self.places)
        self.problems += problems
        missing = [source for source in sources if not self._is_there(source)]
        self._check_room(missing)
        for source in missing:
            self._copy(source)
        name = new_name()
        write_snapshot(self.backup.snapshots, name, self.entries.values())
        self._forget(keep)
        size = sum(entry.size for entry in self.entries.values())
        return Made(
            name, len(self.entries), size, self.copied, self.copied_size, tuple(self.problems),
            tuple(self.mended),
        )  # fmt: skip

    def _is_there(self, source: Source) -> bool:
        """Return whether the backup has a file's content; note the file if it has."""
        if source.is_database:  # its file alone does not tell whether it has changed
            return False
        old = self.before.entries.get(source.name)
        if old is not None and (old.size, old.mtime_ns) == (source.size, source.mtime_ns):
            digest, size = old.digest, old.size
        else:
            try:
                digest, size = digest_of(source.path)
            except OSError:  # told when it is to be copied
                return False
        if not self._has(digest, size, source.name):
            return False
        self.entries[source.name] = Entry(source.name, size, source.mtime_ns, digest)
        return True

    def _has(self, digest: str, size: int, name: str) -> bool:
        if digest not in self.known:
            self.known[digest] = self.backup.objects.has(digest, size, whole=self.check)
            if not self.known[digest] and self.backup.objects.path(digest).exists():
                self.mended.append(name)
        return self.known[digest]

    def _check_room(self, missing: list[Source]) -> None:
        need = sum(source.size for source in missing) + _MARGIN
        free = shutil.disk_usage(self.backup.path).free
        if need > free:
            raise ZimgError(
                f"The disk of {self.backup.path} has {free / 1e6:.0f} MB free, and the backup "
                f"needs {need / 1e6:.0f} MB: make room, or name a folder on another disk. "
                "Nothing was copied.",
                code="no-room",
                field="folder",
            )

    def _copy(self, source: Source) -> None:
        path = source.path
        try:
            if source.is_database:
                path = self.scratch / "copy.sqlite"
                copy_database(source.path, path)
                source = replace(source, mtime_ns=changed_at(source.path))
            digest, size = self._put(path)
        except FileNotFoundError:  # deleted or moved meanwhile
            return
        except (PermissionError, sqlite3.Error, Broken) as error:
            reason = getattr(error, "strerror", None) or error
            self.problems.append(f"{source.path} could not be backed up: {reason}.")
            return
        finally:
            if source.is_database:
                path.unlink(missing_ok=True)
        self.entries[source.name] = Entry(source.name, size, source.mtime_ns, digest)

    def _put(self, path: Path) -> tuple[str, int]:
        found, size = digest_of(path)
        if self.known.get(found) or (found not in self.known and self._has(found, size, path.name)):
            return found, size
        digest, size = self.backup.objects.put(path)
        self.known[digest] = True
        self.copied += 1
        self.copied_size += size
        return digest, size

    def _forget(self, keep: int) -> None:
        """Delete the oldest snapshots, and the contents that only they had."""
        names = names_of(self.backup.snapshots)
        if not keep or len(names) <= keep:
            return
        for name in names[:-keep]:
            delete_snapshot(self.backup.snapshots, name)
        kept = [self.backup.read(name) for name in names[-keep:]]
        whole = [snapshot for snapshot in kept if snapshot is not None and snapshot.whole]
        if len(whole) < len(kept):
            self.problems.append("A snapshot is damaged, so that no contents were deleted.")
            return
        self.backup.objects.clear({e.digest for s in whole for e in s.entries.values()})
