"""Thumbnails: small JPEGs of picture files, made once and kept in the cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
import time
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw

from zimg_kernel import settings
from zimg_kernel.files import make_folder

from .encode import jpeg_bytes
from .open_file import open_image
from .pixels import rgb

SIDE = 256  # px, the longer side
LIMIT_BYTES = 200_000_000  # of all thumbnails on disk: some 20,000 of them
_QUALITY = 80
_TRIM_EVERY = 500  # thumbnails written by this process between two looks at the folder's size
_TOUCH_SECONDS = 86_400  # what was used within a day counts as used now
_VERSION = b"1"

_written = 0
_trimming = threading.Lock()


def folder() -> Path:
    """Return the folder of thumbnails, below :func:`zimg_kernel.settings.cache_folder`."""
    return settings.cache_folder() / "thumbnails"


def thumbnail(path: str | Path, side: int = SIDE) -> bytes:
    """Return a small JPEG of a picture file; several threads and processes may ask at once.

    It is kept under the file's path, time of change and size, so that another file of the same
    name gets another thumbnail. If the cache cannot be written, nothing is kept.

    Parameters
    ----------
    path : str or Path
        A picture file.
    side : int
        The longer side at most, px.

    Returns
    -------
    bytes
        The JPEG; :func:`placeholder` if the file is gone or cannot be read as a picture.
    """
    path = Path(path)
    try:
        state = path.stat()
        cached = _cache_file(path, state, side)
        found = _read(cached)
        if found is None:
            found = _shrunk(path, side)
            _write(cached, found)
        return found
    except Exception:  # one odd file must not stop those beside it
        return placeholder(side)


@lru_cache(maxsize=8)
def placeholder(side: int = SIDE) -> bytes:
    """Return the JPEG shown instead of an absent or damaged picture: a crossed-out grey square."""
    image = Image.new("RGB", (side, side), "#8a8a8a")
    draw = ImageDraw.Draw(image)
    third, edge = side // 3, max(2, side // 40)
    draw.rectangle((third, third, 2 * third, 2 * third), outline="#e0e0e0", width=edge)
    draw.line((third, 2 * third, 2 * third, third), fill="#e0e0e0", width=edge)
    return jpeg_bytes(image, quality=_QUALITY)


def _shrunk(path: Path, side: int) -> bytes:
    with open_image(path) as image:
        image.draft("RGB", (2 * side, 2 * side))  # a JPEG is decoded smaller at once
        small = rgb(image)
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return jpeg_bytes(small, quality=_QUALITY)


def _cache_file(path: Path, state: os.stat_result, side: int) -> Path:
    key = f"{path.absolute()}\0{state.st_mtime_ns}\0{state.st_size}\0{side}"
    digest = hashlib.blake2b(key.encode(errors="surrogateescape"), digest_size=16, salt=_VERSION)
    name = digest.hexdigest()
    return folder() / name[:2] / f"{name}.jpg"


def _read(cached: Path) -> bytes | None:
    try:
        found = cached.read_bytes()
        if time.time() - cached.stat().st_mtime > _TOUCH_SECONDS:
            os.utime(cached)  # trimming removes what was used longest ago
    except OSError:
        return None
    return found or None  # an empty file is left by a crash of the computer


def _write(cached: Path, content: bytes) -> None:
    global _written
    with contextlib.suppress(OSError):
        make_folder(cached.parent)
        handle, temporary = tempfile.mkstemp(".part", ".", cached.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, cached)
        except BaseException:
            os.unlink(temporary)
            raise
    _written += 1
    if _written % _TRIM_EVERY == 1:
        trim()


def trim(limit: int | None = None) -> None:
    """Delete the thumbnails used longest ago, if all take more than ``limit`` bytes, to 80 %.

    It is called now and then while thumbnails are made.
    """
    allowed = LIMIT_BYTES if limit is None else limit
    if not _trimming.acquire(blocking=False):  # another thread is at it
        return
    try:
        files = []
        for path in folder().glob("*/*"):
            with contextlib.suppress(OSError):
                state = path.stat()
                files.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in files)
        if total <= allowed:
            return
        for _, size, path in sorted(files):
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size
            if total <= 0.8 * allowed:
                break
    finally:
        _trimming.release()
