"""Atomic file writing."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .errors import ZimgError


class NameTakenError(Exception):
    """A new file was asked for, and there is one of this name."""


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
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".part", f".{path.name}.", path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            _to_disk(file)
        os.chmod(temporary, 0o666 & ~_umask())
        _give_name(temporary, path, new)
        _sync_folder(path.parent)
    except OSError as failure:
        raise error(_why_not_written(path, failure, hint), code="not-written") from failure
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
