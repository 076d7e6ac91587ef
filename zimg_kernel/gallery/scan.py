"""Search of a gallery's folder for pictures and what cannot be read there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.images.embedded_texts import is_cut_off
from zimg_kernel.images.metadata import is_readable_name, read_record
from zimg_kernel.images.text import is_utf8

from .index import Row


@dataclass(frozen=True)
class Unread:
    """A file that could not be read, or only in part, and why.

    Attributes
    ----------
    path : Path
    reason : str
        One sentence.
    """

    path: Path
    reason: str


@dataclass
class Scan:
    """Contents of a folder: pictures with records, unreadable ones, half-written files."""

    rows: list[Row] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    unfinished: list[Path] = field(default_factory=list)


def scan(folder: Path, left_out: Collection[str]) -> Scan:
    """Read every picture below a folder; links to folders are followed, in a circle only once.

    Pictures without parameters are passed over. One that is cut off but still tells its
    parameters is in ``rows`` and in ``unread``.

    Parameters
    ----------
    folder : Path
    left_out : collection of str
        Names of folders directly in it that are not looked into.
    """
    found = Scan()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # damaged EXIF
        for path in sorted(_files(folder, left_out, found)):
            if path.name.startswith(".") and path.suffix == ".part":
                found.unfinished.append(path)
            elif is_readable_name(path) and path.is_file():
                _read(path, folder, found)
    return found


def _read(path: Path, folder: Path, found: Scan) -> None:
    name = path.relative_to(folder).as_posix()
    if not is_utf8(name):
        shown = Path(os.fsencode(path).decode(errors="replace"))
        reason = f"The name of {shown} is not UTF-8: rename it, and it is found next time."
        found.unread.append(Unread(path, reason))
        return
    try:
        record = read_record(path)
    except BadInput as error:
        if error.code != "no-parameters-in-picture":
            found.unread.append(Unread(path, str(error)))
            return
        record = None
    if record is not None:
        found.rows.append(Row(name, record))
    try:
        with open(path, "rb") as file:
            cut = is_cut_off(file)
    except OSError:
        return
    if cut:
        known = "its parameters could be read, " if record is not None else ""
        reason = f"{path} is cut off: {known}its picture is not whole."
        found.unread.append(Unread(path, reason))


def _files(folder: Path, left_out: Collection[str], found: Scan) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        reason = f"{error.filename} cannot be looked into ({error.strerror or error})."
        found.unread.append(Unread(Path(str(error.filename)), reason))

    seen = set()
    for place, folders, files in os.walk(folder, onerror=tell, followlinks=True):
        try:
            state = os.stat(place)
        except OSError:  # removed meanwhile
            continue
        if (state.st_dev, state.st_ino) in seen:
            folders.clear()
            continue
        seen.add((state.st_dev, state.st_ino))
        if place == str(folder):
            folders[:] = [name for name in folders if name not in left_out]
        folders.sort()
        for file in files:
            yield Path(place, file)
