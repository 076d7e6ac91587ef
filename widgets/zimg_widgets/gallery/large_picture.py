"""One picture of the gallery as the page shows it large: its file and what is known of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zimg_kernel.gallery.entries import Entry

from .labels import facts

_MIME = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif"}


def large_picture(
    entry: Entry, labels: Mapping[str, str], language: str
) -> tuple[dict[str, Any], bytes]:
    """Return what is known of a picture, and its file as it is on the disk.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    known = {
        "facts": facts(entry, labels, language),
        "prompt": entry.prompt,
        "json": json.dumps(entry.record["params"], ensure_ascii=False, indent=2),
        "file": entry.path.name,
        "mime": _MIME.get(entry.path.suffix.lower(), "image/png"),
    }
    return known, entry.path.read_bytes()
