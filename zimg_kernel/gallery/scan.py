"""Search of a gallery's folder for pictures and what cannot be read there."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel.errors import BadInput
from zimg_kernel.images.embedded_texts import is_cut_off
from zimg_kernel.images.metadata import read_record
from zimg_kernel.images.text import is_utf8

from .index import Row
from .names import is_picture_name

_STALE_SECONDS = 3600  # a temporary file this old belongs to a process that died


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
    """Read every picture below a folder; what lies behind links to folders is left out.

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
            elif is_picture_name(path.name) and path.is_file():
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
    if record is not None and (record["params"]["prompt"] or "foreign" not in record):
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

    for place, folders, files in os.walk(folder, onerror=tell):
        if place == str(folder):
            folders[:] = [name for name in folders if name not in left_out]
        for name in folders:
            if os.path.islink(link := os.path.join(place, name)):
                reason = (
                    f"{link} is a link to {os.path.realpath(link)}, which is left out: move its "
                    "pictures here, or use that folder as a gallery of its own."
                )
                found.unread.append(Unread(Path(link), reason))
        folders[:] = sorted(n for n in folders if not n.startswith("."))
        for file in files:
            yield Path(place, file)


def delete_stale(path: Path) -> None:
    """Delete a half-written file of a process that died."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _STALE_SECONDS:
            os.unlink(path)
