"""Contents of a backup: which files of a gallery and of the logs it holds, under which names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from zimg_kernel import settings
from zimg_kernel.cluster.place import engine_folder

GALLERY, LOGS = "gallery", "logs"
_INDEX = "index.sqlite"  # made again from the files
_BESIDE = ("-wal", "-shm", "-journal")  # of a database, whose copy is whole without them


@dataclass(frozen=True)
class Source:
    """A file to be backed up.

    Attributes
    ----------
    name : str
        In the backup, with "/" between folders; the first part says what it belongs to.
    path : Path
    size : int
        Bytes.
    mtime_ns : int
        When it was changed, in nanoseconds since 1970.
    """

    name: str
    path: Path
    size: int
    mtime_ns: int

    @property
    def is_database(self) -> bool:
        """Whether it is copied through SQLite."""
        return is_database(self.name)


def folders(gallery: str | Path | None = None) -> dict[str, Path]:
    """Return the folders that are backed up, by the first part of their files' names."""
    chosen = Path(gallery or settings.gallery_folder())
    return {GALLERY: chosen.expanduser().absolute(), LOGS: engine_folder() / "logs"}


def is_database(name: str) -> bool:
    """Return whether a file of this name is an SQLite database."""
    return name.endswith(".sqlite")


def contents(places: dict[str, Path]) -> tuple[list[Source], list[str]]:
    """Return the files to be backed up, and sentences about those that are left out.

    Databases come first: what a queue says to be drawn has its file then. Links are not followed;
    half-written files and the gallery's index, which is made again from the files, are no part
    of it.
    """
    problems: list[str] = []
    found = [
        source
        for kind, folder in places.items()
        for path in _files(folder, problems)
        if (source := _source(kind, folder, path, problems)) is not None
    ]
    return sorted(found, key=lambda s: (not s.is_database, s.name)), problems


def is_safe(name: str) -> bool:
    """Return whether a name leads to a place inside one of the folders."""
    parts = name.split("/")
    plain = all(part not in ("", ".", "..") and not set(part) & set("\0\\") for part in parts)
    absolute = any(PurePosixPath(part).is_absolute() or os.path.isabs(part) for part in parts)
    return plain and not absolute and len(parts) > 1 and parts[0] in (GALLERY, LOGS)


def _files(folder: Path, problems: list[str]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # gone meanwhile
            problems.append(f"{error.filename} cannot be looked into ({error.strerror or error}).")

    for place, inside, names in os.walk(folder, onerror=tell):
        for name in [n for n in inside if os.path.islink(os.path.join(place, n))]:
            problems.append(f"{os.path.join(place, name)} is a link, which is left out.")
        for name in names:
            unfinished = name.startswith(".") and name.endswith(".part")
            index = place == str(folder) and name.startswith(_INDEX)
            beside = name.endswith(tuple(f".sqlite{end}" for end in _BESIDE))
            if not (unfinished or index or beside):
                yield Path(place, name)


def _source(kind: str, folder: Path, path: Path, problems: list[str]) -> Source | None:
    try:
        state = path.lstat()
    except OSError:  # gone meanwhile
        return None
    if not stat.S_ISREG(state.st_mode):
        problems.append(f"{path} is no plain file, which is left out.")
        return None
    name = f"{kind}/{path.relative_to(folder).as_posix()}"
    if not is_safe(name):  # a name with a backslash
        problems.append(f"{path} has a name that other systems read as a path: it is left out.")
        return None
    return Source(name, path, state.st_size, state.st_mtime_ns)
