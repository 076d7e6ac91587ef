"""A family of pictures as rows for a page: words, lines, and which of them can be opened."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from zimg_kernel.gallery.lineage import Lineage, Version
from zimg_kernel.gallery.lineage_view import describe, lines, small_jpeg
from zimg_kernel.images.image import GeneratedImage

MOST_ROWS = 300
SIDE = 128  # px of small pictures, which are shown at half of that
_MIME = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def row_id(version: Version) -> str:
    """Return what a page calls a version."""
    return hashlib.blake2s(version.key.encode(errors="surrogateescape"), digest_size=8).hexdigest()


def rows_of(family: Lineage, language: str) -> tuple[list[dict[str, Any]], dict[str, Version]]:
    """Return the rows of a family, parents first, and the version of each row's id."""
    rows, versions = [], {}
    for line in lines(family, MOST_ROWS):
        version = line.version
        name = row_id(version)
        versions[name] = version
        rows.append(
            {
                "id": name,
                "label": describe(version, language),
                "detail": _detail(version),
                "level": line.level + 1,
                "lane": line.lane,
                "rails": list(line.rails),
                "joint": line.joint,
                "leads": line.leads,
                "place": line.place,
                "places": line.places,
                "current": version.current,
                "parent": row_id(version.parent) if version.parent and line.level else None,
                "there": is_there(version),
                "listed": version.kind == "picture" and version.path is not None,
            }
        )
    return rows, versions


def is_there(version: Version) -> bool:
    """Return True if a version can be opened."""
    return version.in_memory is not None or (version.path is not None and version.path.exists())


def small(version: Version) -> bytes:
    """Return its small picture, a JPEG."""
    return small_jpeg(version, SIDE)


def file_of(version: Version) -> tuple[bytes, str]:
    """Return the whole picture as it is on the disk, and its MIME type."""
    if version.in_memory is None and version.path is not None:
        kind = _MIME.get(version.path.suffix.lower())
        if kind:
            return version.path.read_bytes(), kind
    opened = version.open()
    image = opened.image if isinstance(opened, GeneratedImage) else opened
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue(), "image/png"


def _detail(version: Version) -> str:
    """Size and moment."""
    parts = [f"{version.size[0]}×{version.size[1]}"] if version.size else []
    if version.kind == "picture":
        parts.append(f"{version.created.astimezone():%Y-%m-%d %H:%M}")
    return " · ".join(parts)
