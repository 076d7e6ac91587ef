"""Room on the disk of a gallery: requests are warned of, then refused, before it is full."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from pathlib import Path

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.inputs import FOLDER as INPUTS_FOLDER
from zimg_kernel.models.weights import free_disk
from zimg_kernel.params import GenerationParams
from zimg_kernel.settings import settings

_LEFT = "300MB"  # by default; the index and the queue need some of it, and so do other programs
_WARNED = 4  # times that much
_UNITS = {"": 10**9, "m": 10**6, "g": 10**9, "t": 10**12}
_STALE = 3600.0  # seconds after which a temporary file belongs to a process that died


def check_disk(folder: Path, params: GenerationParams) -> str | None:
    """Return a warning where there is little room for a request's pictures; None where there is.

    Parameters
    ----------
    folder : Path
        The gallery's; it need not exist.
    params : GenerationParams
        Complete. A picture may take as much as its pixels do: 3 bytes each.

    Raises
    ------
    ZimgError
        Less than ``ZIMG_DISK_FREE`` (300 MB by default) would be left.
    BadInput
        That setting is no size.
    """
    left = _left_free()
    if not left:
        return None
    try:
        free = free_disk(folder)
    except OSError:  # a network folder that does not answer: saving will tell
        return None
    need = params.count * (params.width or 0) * (params.height or 0) * 3
    room = free - left
    if need > room:
        raise ZimgError(
            f"The disk of {folder} has {_megabytes(free)} free, too little for {params.count} more "
            f"pictures ({_megabytes(need)}) and the {_megabytes(left)} that ZIMG_DISK_FREE leaves "
            "for other things: make room, then ask again. Nothing was lost.",
            code="disk-nearly-full",
            field="gallery",
        )
    if free - need < _WARNED * left:
        return (
            f"The disk of {folder} has {_megabytes(free)} left: make room, for requests are "
            f"refused below {_megabytes(left)}."
        )
    return None


def delete_temporary(folder: Path) -> int:
    """Delete what killed processes left half-written in a gallery; return how many files.

    Those that changed within an hour may be another process's, and stay.
    """
    gone = 0
    for path in _temporary(folder):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE:
                path.unlink()
                gone += 1
    return gone


def _temporary(folder: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from folder.glob(".*.part")
        for inside in folder.iterdir():
            hidden = inside.name.startswith(".") and inside.name != INPUTS_FOLDER
            if not hidden and inside.is_dir() and not inside.is_symlink():
                yield from inside.glob(".*.part")


def _left_free() -> int:
    given = settings().disk_free or _LEFT
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([mgt]?)b?", given.lower().replace(" ", ""))
    if found is None:
        raise BadInput(
            f"ZIMG_DISK_FREE={given} is no size: write how much to leave free on the gallery's "
            "disk, such as 500MB or 2GB, or 0 to fill it.",
            code="wrong-type",
            field="ZIMG_DISK_FREE",
        )
    return int(float(found[1]) * _UNITS[found[2]])


def _megabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
