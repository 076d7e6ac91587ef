"""Objects of a backup: contents of files, each stored once under its digest."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20  # bytes read at a time
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Broken(Exception):
    """An object is missing, cut off, or its content is not that of its digest."""


class Objects:
    """Folder of contents by their SHA-256.

    An object is written beside its place, flushed to the disk, read again and compared, and takes
    its name only then: a process that is killed leaves ``.XXXX.part``.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return the file of an object; it need not exist."""
        return self.folder / digest[:2] / digest

    def has(self, digest: str, size: int, whole: bool = False) -> bool:
        """Return whether an object is there, as long as it should be.

        Parameters
        ----------
        whole : bool
            Read it and compare its digest, too.
        """
        try:
            if self.path(digest).stat().st_size != size:
                return False
            return not whole or digest_of(self.path(digest)) == (digest, size)
        except OSError:
            return False

    def put(self, path: Path) -> tuple[str, int]:
        """Store a file's content; return its digest and its size.

        Raises
        ------
        OSError
            It cannot be read or written.
        Broken
            What was read back from the disk is not what was written.
        """
        part = self.folder / f".{secrets.token_hex(8)}.part"
        try:
            with open_plain(path) as source, open(part, "xb", opener=_private) as target:
                hashed = hashlib.sha256()
                size = 0
                for block in blocks(source):
                    hashed.update(block)
                    size += target.write(block)
                target.flush()
                os.fsync(target.fileno())
            digest = hashed.hexdigest()
            if digest_of(part, fresh=True) != (digest, size):
                raise Broken(f"the disk of {self.folder} does not give back what was written")
            place = self.path(digest)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(part, place)
            return digest, size
        finally:
            with contextlib.suppress(OSError):
                part.unlink()

    def copy_to(self, digest: str, size: int, target: BinaryIO) -> None:
        """Write an object's content into an open file.

        Raises
        ------
        Broken
            It is missing or damaged; the file holds a part of it then.
        """
        hashed = hashlib.sha256()
        written = 0
        try:
            source = open_plain(self.path(digest))
        except OSError as error:
            raise Broken(_why(error)) from None
        with source:
            for block in _read(source):
                hashed.update(block)
                written += target.write(block)
                if written > size:
                    break
        if written != size:
            raise Broken("it is cut off" if written < size else "it is longer than it was")
        if hashed.hexdigest() != digest:
            raise Broken("its content has changed")

    def clear(self, kept: set[str]) -> int:
        """Delete all objects but these; return how many they were."""
        gone = 0
        for path in self.folder.glob("??/*"):
            if _DIGEST.fullmatch(path.name) and path.name not in kept:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def clear_unfinished(self) -> None:
        """Delete what killed processes have left."""
        for path in self.folder.glob(".*.part"):
            path.unlink(missing_ok=True)


def is_digest(text: object) -> bool:
    """Return whether a value is a SHA-256 in lower-case hex digits."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def digest_of(path: Path, fresh: bool = False) -> tuple[str, int]:
    """Return the SHA-256 and the size of a file.

    Parameters
    ----------
    fresh : bool
        Read it from the disk, not from the memory in which it was written, where the system
        can be told so.
    """
    hashed = hashlib.sha256()
    size = 0
    with open_plain(path) as file:
        if fresh and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        for block in blocks(file):
            hashed.update(block)
            size += len(block)
    return hashed.hexdigest(), size


def open_plain(path: Path) -> BinaryIO:
    """Open a file to read; a link or a pipe that has taken its place is an error."""
    more = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | more))


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of a file, a block at a time."""
    while block := file.read(_BLOCK):
        yield block


def _read(file: BinaryIO) -> Iterator[bytes]:
    try:
        yield from blocks(file)
    except OSError as error:  # a sector that cannot be read
        raise Broken(_why(error)) from None


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "its content is missing"
    return f"it cannot be read ({error.strerror or error})"


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
