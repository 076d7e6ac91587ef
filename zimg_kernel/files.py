"""Atomic file writing."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import ZimgError


class NameTakenError(Exception):
    """A new file was asked for, and there is one of this name."""


def make_folder(folder: Path) -> None:
    """Make a folder with those above it; the user's home of zimg only its owner can look into.

    A folder that exists keeps its permissions.

    Raises
    ------
    OSError
        It cannot be made.
    """
    if folder.is_dir():
        return
    from . import settings  # takes longer to import than reading a picture does

    home = settings.home().absolute()
    if folder.absolute().is_relative_to(home):
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def atomic_file(
    path: Path, new: bool = False, *, error: type[ZimgError] = ZimgError, hint: str = ""
) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path`` that takes its name once it is whole and on disk.

    A process that dies on the way leaves ``.NAME.XXXX.part``, never half a file.

    Parameters
    ----------
    path : Path
        The file's final name; its folder is made where it is missing.
    new : bool
        Leave a file that exists already alone.
    error : type
        Class of the exception when the file cannot be written.
    hint : str
        Sentence that follows the reason: what is not lost, and what to do.

    Raises
    ------
    NameTakenError
        ``new`` was asked for and there is such a file.
    ZimgError
        The file could not be written; of the class ``error``, in one sentence.
    """
    temporary = None
    try:
        make_folder(path.parent)
        handle, temporary = _new_file(path)
        with os.fdopen(handle, "wb") as file:
            yield file
            _to_disk(file)
        _give_name(temporary, path, new)
        _sync_folder(path.parent)
    except OSError as failure:
        raise error(_why_not_written(path, failure, hint), code="not-written") from failure
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _new_file(path: Path) -> tuple[int, str]:
    """Open a new file beside ``path``, with the permissions that the umask leaves."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    while True:
        name = str(path.with_name(f".{path.name}.{secrets.token_hex(4)}.part"))
        try:
            # mkstemp's 0600 would need os.umask, which all threads share, to be widened again.
            return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o666), name
        except FileExistsError:
            continue


def _give_name(temporary: str, path: Path, new: bool) -> None:
    if new:
        try:
            os.link(temporary, path)  # unlike a rename, refuses a name that is taken
            return
        except FileExistsError:
            raise NameTakenError(path) from None
        except OSError:  # a file system without hard links: the next best
            if path.exists():
                raise NameTakenError(path) from None
    os.replace(temporary, path)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError, AttributeError):  # not on Windows, not on some mounts
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _why_not_written(path: Path, error: OSError, hint: str) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why = f"The disk of {path.parent} is full, so {path.name} was not written"
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        why = f"{path.parent} cannot be written to, so {path.name} was not saved"
    else:
        why = f"{path} could not be written ({error.strerror or error})"
    return f"{why}; {hint}" if hint else f"{why}."
