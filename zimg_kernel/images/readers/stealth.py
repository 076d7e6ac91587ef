"""Reader of records hidden in pixels: the lowest bits of the alpha channel, as NovelAI has them."""

from __future__ import annotations

import zlib

from PIL import Image

from ..open_file import MAX_PIXELS, UNREADABLE
from ..text import clean, parse_json

# A signature of 15 bytes, the length of what follows in bits (32 bits, highest first), and the
# content; a bit a pixel, highest bit of a byte first, column after column from the left.
_PLAIN, _PACKED = b"stealth_pnginfo", b"stealth_pngcomp"
_HEAD = len(_PLAIN) + 4
_MAX_TEXT = 8 << 20  # bytes that a packed content may unpack to
_GZIP = 16 + zlib.MAX_WBITS


def stealth_texts(image: Image.Image) -> dict[str, str]:
    """Return the texts hidden in a picture's alpha channel by PNG keyword; {} without any.

    A packed content is NovelAI's: JSON of the texts that its PNG has in chunks. Another is one
    text, such as A1111's parameters.
    """
    if image.mode != "RGBA" or image.width * image.height > MAX_PIXELS:
        return {}
    try:
        image.load()
    except UNREADABLE:
        return {}
    needed = -(-8 * _HEAD // max(1, image.height))  # columns
    head = _content(image.crop((0, 0, min(needed, image.width), image.height)))[:_HEAD]
    if head[: len(_PLAIN)] not in (_PLAIN, _PACKED):
        return {}
    length = int.from_bytes(head[len(_PLAIN) :], "big") // 8
    content = _content(image)[_HEAD : _HEAD + length]
    if len(content) < length:
        return {}
    if head.startswith(_PACKED):
        try:
            content = zlib.decompressobj(_GZIP).decompress(content, _MAX_TEXT)
        except zlib.error:
            return {}
    text = clean(content.decode("utf-8", "replace"))
    value = parse_json(text)
    if isinstance(value, dict) and isinstance(value.get("Comment"), str):
        return {str(key): item for key, item in value.items() if isinstance(item, str)}
    return {"parameters": text}


def _content(image: Image.Image) -> bytes:
    """Return the lowest bits of the alpha channel as bytes, column after column."""
    import numpy as np  # takes 60 ms: only where needed

    bits = np.asarray(image.getchannel("A")).T.reshape(-1) & 1
    return np.packbits(bits).tobytes()
