"""Texts inside a picture file: PNG chunks, EXIF and XMP, also of damaged files."""

from __future__ import annotations

import re
import zlib
from typing import Any, BinaryIO

from PIL import ExifTags, Image

from .text import clean

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_TEXT = 8 << 20  # bytes that one compressed text may unpack to
_MAX_CHUNKS = 20_000
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")
_RAW_PROFILES = ("Raw profile type exif", "Raw profile type APP1")
_EXIF_TEXTS = {
    ExifTags.Base.ImageDescription: "ImageDescription",
    ExifTags.Base.Make: "Make",
    ExifTags.Base.Model: "Model",
    ExifTags.Base.Software: "Software",
    ExifTags.Base.Artist: "Artist",
    ExifTags.Base.XPComment: "XPComment",
    ExifTags.Base.UserComment: "UserComment",
    ExifTags.Base.MakerNote: "MakerNote",
}
_ENCODINGS = {b"ASCII": "utf-8", b"JIS": "iso2022_jp"}
_PACKED = b"zlib\0"  # stands before a MakerNote that is compressed


def pack(text: str) -> bytes:
    """Return a text compressed, as :func:`texts_of` reads it from a MakerNote."""
    return _PACKED + zlib.compress(text.encode(), 9)


def texts_of(image: Image.Image) -> dict[str, str]:
    """Return the texts of a picture that PIL has opened, by PNG keyword or name of EXIF tag.

    Damaged metadata is left out; nothing is raised.
    """
    found: dict[str, str] = {}
    for source in (image.info, getattr(image, "text", {})):  # the latter also after the pixels
        for name, value in source.items():
            if isinstance(value, str):
                found[str(name)] = clean(value)
    for name in ("comment", "xmp"):
        if isinstance(value := image.info.get(name), bytes):
            found[name] = decode(value)
    try:
        exif = image.getexif()
    except Exception:  # damaged EXIF: PIL raises almost anything
        return found
    return {**_exif_texts(exif), **found}


def png_texts(file: BinaryIO) -> tuple[tuple[int, int], dict[str, str], bool] | None:
    """Return size and texts of a PNG, and whether it is RGBA, without a look at the pixels.

    PIL refuses a PNG with a compressed text of over 1 MiB, and unpacks the pixels to find
    texts behind them. None where the file begins otherwise than a PNG.
    """
    if file.read(8) != PNG_SIGNATURE:
        return None
    size, found, exif, has_alpha = None, {}, b"", False
    for _ in range(_MAX_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            break
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind not in _TEXT_CHUNKS and kind != b"IHDR":
            file.seek(length + 4, 1)
            continue
        content = file.read(length)
        file.seek(4, 1)
        if kind == b"IHDR" and len(content) >= 8:
            size = int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big")
            has_alpha = content[8:10] == b"\x08\x06"  # 8 bits a channel, RGBA
        elif kind == b"eXIf":
            exif = content
        elif len(content) == length:
            name, text = _png_text(kind, content)
            if name in _RAW_PROFILES:
                exif = exif or _raw_profile(text)
            elif text:
                found[name] = text
    if size is None or not all(size):
        return None
    return size, {**_exif_texts_of(exif), **found} if exif else found, has_alpha


def is_cut_off(file: BinaryIO) -> bool:
    """Tell whether a picture file ends before its format's end mark; False without such a mark."""
    file.seek(0)
    head = file.read(12)
    length = file.seek(0, 2)
    file.seek(max(0, length - (64 << 10)))
    tail = file.read()
    if head.startswith(PNG_SIGNATURE):
        return b"IEND" not in tail
    if head.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in tail
    if head[:4] == b"RIFF":
        return length < int.from_bytes(head[4:8], "little") + 8
    return False


def _png_text(kind: bytes, content: bytes) -> tuple[str, str]:
    name, _, rest = content.partition(b"\0")
    packed = kind == b"zTXt"
    if packed:
        rest = rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # language, translated keyword
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, _MAX_TEXT)
        except zlib.error:
            rest = b""
    return name.decode("latin-1"), _utf8_or_latin1(rest)


def _raw_profile(text: str) -> bytes:
    """Return what ImageMagick writes as a name, a length and hexadecimal digits."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""


def _utf8_or_latin1(raw: bytes) -> str:
    """tEXt is Latin-1 by its standard, but many tools write UTF-8 into it."""
    try:
        return clean(raw.decode())
    except UnicodeDecodeError:
        return clean(raw.decode("latin-1"))


def _exif_texts_of(raw: bytes) -> dict[str, str]:
    exif = Image.Exif()
    try:
        exif.load(raw)
    except Exception:  # damaged EXIF: PIL raises almost anything
        return {}
    return _exif_texts(exif)


def _exif_texts(exif: Image.Exif) -> dict[str, str]:
    found: dict[str, str] = {}
    for ifd in (None, ExifTags.IFD.Exif):  # Fooocus writes UserComment into the first one
        try:
            tags: Any = dict(exif) if ifd is None else exif.get_ifd(ifd)
        except Exception:  # noqa: S112 (damaged EXIF: PIL raises almost anything)
            continue
        for tag, name in _EXIF_TEXTS.items():
            raw = tags.get(tag)
            if isinstance(raw, str):
                raw = raw.encode("latin-1", "replace")  # PIL's guess for a text tag
            elif isinstance(raw, tuple) and all(isinstance(b, int) and b < 256 for b in raw):
                raw = bytes(b & 255 for b in raw)
            if isinstance(raw, bytes) and (text := decode(raw, name)):
                found[name] = text
    return found


def decode(raw: bytes, name: str = "") -> str:
    """Return the text of an EXIF value in whatever encoding it turns out to have.

    UserComment begins with eight bytes that name it (EXIF 2.3): ``UNICODE`` may be UTF-16 of
    either byte order or UTF-8, and some tools leave the eight bytes out.
    """
    if raw.startswith(_PACKED):
        try:
            raw = zlib.decompressobj().decompress(raw[len(_PACKED) :], _MAX_TEXT)
        except zlib.error:
            return ""
    if name == "UserComment":
        code = raw[:8].rstrip(b"\0 ").upper()
        if code in (b"UNICODE", b"ASCII", b"JIS") or raw[:8] == bytes(8):
            raw = raw[8:]
        if code == b"JIS":
            text = raw.decode(_ENCODINGS[code], "replace")
            if "\ufffd" not in text:
                return clean(text)
    if re.match(rb"\xff\xfe|\xfe\xff", raw):
        return clean(raw.decode("utf-16", "replace"))
    if b"\0" not in raw.rstrip(b"\0"):
        return _utf8_or_latin1(raw.rstrip(b"\0"))
    # Of the byte orders, the right one shows more of the ASCII that every record holds.
    both = [raw.decode(f"utf-16-{order}", "replace") for order in ("be", "le")]
    best = max(both, key=lambda text: sum(1 for c in text if "\t" <= c <= "~"))
    plain = raw.decode("utf-8", "replace")
    ascii_part = sum(1 for c in plain if "\t" <= c <= "~")
    if ascii_part > 0.9 * len(plain):  # a few stray NUL bytes in 8-bit text
        return clean(plain)
    return clean(best)
