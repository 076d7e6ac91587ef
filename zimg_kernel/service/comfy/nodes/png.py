"""PNG files of pictures, with ComfyUI's texts in them."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from .values import Picture

_HEAD = 8 + 25  # signature and IHDR (PNG, 5.2 and 11.2.2)
_LONGEST = 900_000  # bytes; Pillow opens no file with a longer text


def png_of(picture: Picture) -> bytes:
    """Return a picture's PNG: the gallery's file with its record, where it is one of these."""
    made = picture.made
    if made is not None and made.path is not None and made.path.suffix == ".png":
        try:
            return made.path.read_bytes()
        except OSError:  # moved since; the pixels may still be in memory
            pass
    file = io.BytesIO()
    picture.image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    return file.getvalue()


def with_texts(png: bytes, texts: Mapping[str, Any]) -> bytes:
    """Return a PNG with values added as JSON, in text chunks behind its head.

    One that is too long for readers to open is left out.
    """
    chunks = b""
    for key, value in texts.items():
        data = key.encode("latin-1") + b"\0" + json.dumps(value).encode("ascii")
        if len(data) <= _LONGEST:
            body = b"tEXt" + data
            chunks += struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEAD] + chunks + png[_HEAD:]
