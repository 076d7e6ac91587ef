"""SHA-256 of LoRA files: begun early in the background, kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.files import atomic_file

from .files import Stamp

_LARGE = 16_000_000  # bytes: smaller files are hashed faster than their hash is found
_MOST = 64  # files whose hashes are in memory
_HEX = frozenset("0123456789abcdef")

_known: OrderedDict[Stamp, Future[str]] = OrderedDict()
_lock = threading.Lock()
_reading = threading.Lock()  # one file at a time: a disk reads two at once more slowly


def begin_sha256(of: Stamp) -> Future[str]:
    """Begin to hash a file in the background; return a future of 64 hex digits.

    Each state of a file is read once; the hash of a large one is also kept in the cache folder.
    The future's error is BadInput where the file cannot be read.
    """
    with _lock:
        found = _known.pop(of, None)
        fresh = found is None or (found.done() and found.exception() is not None)
        future: Future[str] = Future() if found is None or fresh else found
        _known[of] = future
        while len(_known) > _MOST:
            _known.popitem(last=False)
    if fresh:
        # A daemon: the end of the process waits for no hash that nobody will read.
        threading.Thread(target=_work, args=(of, future), name="zimg-hash", daemon=True).start()
    return future


def sha256(of: Stamp) -> str:
    """Return a file's SHA-256, 64 hex digits; read once for each state of the file."""
    return begin_sha256(of).result()


def _work(of: Stamp, future: Future[str]) -> None:
    try:
        with _reading:
            future.set_result(_kept_or_read(of))
    except BaseException as error:
        future.set_exception(error)


def _kept_or_read(of: Stamp) -> str:
    try:
        kept = _cache_file(of) if of.length >= _LARGE else None
        if kept is not None:
            with contextlib.suppress(OSError, UnicodeError):
                digest = kept.read_text(encoding="ascii")
                if len(digest) == 64 and set(digest) <= _HEX:
                    return digest
        with open(of.path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"The LoRA {of.path} cannot be read ({error.strerror}).",
            code="file-unreadable",
            field="loras",
        ) from None
    if kept is not None:
        # A cache that cannot be written costs time later and nothing else.
        with contextlib.suppress(ZimgError, OSError), atomic_file(kept) as out:
            out.write(digest.encode())
    return digest


def _cache_file(of: Stamp) -> Path:
    # The time of the last change of anything (ctime) cannot be set back as that of writing can.
    key = "\0".join(map(str, (*of, os.stat(of.path).st_ctime_ns)))
    name = hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=16).hexdigest()
    return settings.cache_folder() / "lora-hashes" / name
