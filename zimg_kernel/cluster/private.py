"""Files and folders that only their owner can read, and locks on files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from pathlib import Path
from typing import IO

from zimg_kernel.errors import BadInput
from zimg_kernel.files import make_folder

_STALE = 60.0  # seconds; writing such a file takes milliseconds
_SOCKET_BYTES = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, with its end


def is_private(folder: Path) -> bool:
    """Return whether a folder is this user's and closed to all others; a link is none."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    mine = state.st_uid == os.geteuid() and not state.st_mode & 0o077
    return stat.S_ISDIR(state.st_mode) and mine


def make_private(folder: Path) -> Path:
    """Return a folder, made where it is missing and closed to all others.

    Raises
    ------
    BadInput
        It is another user's, or no folder.
    """
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not is_private(folder):
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(folder.lstat().st_mode):
                folder.chmod(0o700)
        if not is_private(folder):
            raise BadInput(
                f"{folder} is not a folder of this user alone, so an engine there could be read "
                "by others: remove it, or set ZIMG_HOME to another folder.",
                code="not-private",
                field="ZIMG_HOME",
            )
    return folder


def write_private(file: Path, data: bytes) -> None:
    """Write a file at once, which only its owner can read.

    Raises
    ------
    OSError
        It cannot be written.
    """
    handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def delete_temporary(folder: Path) -> None:
    """Delete what processes that were killed at :func:`write_private` have left in a folder."""
    for path in folder.glob(".*.????????"):  # mkstemp's names
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE:
                path.unlink()


def socket_path(folder: Path) -> Path:
    """Return where the socket of an engine in this folder can be, also if its path is long."""
    path = folder / "socket"
    if len(os.fsencode(path)) <= _SOCKET_BYTES:
        return path
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    place = runtime / f"zimg-sockets-{os.geteuid()}"
    try:
        make_private(place)
    except BadInput:  # another user has laid out a folder of this name
        place = Path(tempfile.mkdtemp(prefix="zimg-"))
    return place / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


def lock_file(path: Path) -> IO[bytes] | None:
    """Return the file, open and locked until it is closed or the process ends.

    Returns
    -------
    file or None
        None if another process holds it.
    """
    import fcntl

    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file
