"""Picture files opened by PIL, also with oversized texts or damaged EXIF."""

from __future__ import annotations

import io
import stat
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from .embedded_texts import PNG_SIGNATURE

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")

#: What PIL raises on a file that is no picture or a damaged one.
UNREADABLE = (
    OSError, SyntaxError, ValueError, RuntimeError, EOFError, IndexError, MemoryError, struct.error,
    Image.DecompressionBombError,
)  # fmt: skip


MAX_PIXELS = 64_000_000
"""Larger pictures are refused before they are unpacked: 64 million are 256 MB as RGBA."""

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF")
"""Formats of PIL for pictures with parameters inside."""

SOURCE_FORMATS = (
    *FORMATS, "GIF", "BMP", "TIFF", "PPM", "TGA", "JPEG2000", "HEIF",
)  # fmt: skip
"""Formats of PIL for pictures to edit. Others are left out: PIL tries all that it knows on any
file, whatever it is called, and hands some (EPS) to other programs."""


def open_image(
    source: str | Path | BinaryIO, formats: Sequence[str] = FORMATS, *, any_size: bool = False
) -> Image.Image:
    """Open a picture as ``PIL.Image.open`` does: the header is read, the pixels are not yet.

    PIL refuses a PNG with a compressed text of over 1 MiB, such as a graph with a picture
    inside; such a file is read without its texts.

    Parameters
    ----------
    source : str, Path or binary file
    formats : sequence of str
        Names of PIL that the file's content may have.
    any_size : bool
        Do not refuse more than :data:`MAX_PIXELS`: the caller does, or reads texts alone.

    Raises
    ------
    UNREADABLE
        One of these; ``DecompressionBombError`` where it has too many pixels.
    """
    if isinstance(source, str | Path):
        refuse_pipe(Path(source))
    image = _opened(source, formats)
    if not any_size and image.width * image.height > MAX_PIXELS:
        size = f"{image.width}×{image.height} px, more than {MAX_PIXELS / 1e6:g} million"
        image.close()
        raise Image.DecompressionBombError(f"it has {size}")
    return image


def refuse_pipe(path: Path) -> None:
    """Raise OSError for a pipe, socket or device: reading one may wait for ever."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError("it is a pipe or a device and no file")


def _opened(source: str | Path | BinaryIO, formats: Sequence[str]) -> Image.Image:
    if any(name not in Image.OPEN for name in formats):
        Image.init()
        formats = tuple(
            name for name in formats if name in Image.OPEN
        )  # HEIF is a plugin of its own
    try:
        return Image.open(source, formats=tuple(formats))
    except UNREADABLE as error:
        if not isinstance(error, ValueError):
            raise
        if isinstance(source, str | Path):
            content = Path(source).read_bytes()
        else:
            source.seek(0)
            content = source.read()
        if not content.startswith(PNG_SIGNATURE):
            raise
        return Image.open(io.BytesIO(_without_texts(content)), formats=tuple(formats))
    except Exception as error:  # some decoders let their own errors through
        raise OSError(str(error) or type(error).__name__) from error


def upright(image: Image.Image) -> Image.Image:
    """Return a picture turned as its EXIF says; as it is where its EXIF is damaged."""
    return turned(image)[0]


def turned(image: Image.Image) -> tuple[Image.Image, bool]:
    """Return a picture as :func:`upright` does, and whether its EXIF is damaged."""
    image.load()  # what is wrong with the pixels is raised here
    try:
        return ImageOps.exif_transpose(image), False
    except MemoryError:
        raise
    except Exception:  # damaged EXIF: PIL raises almost anything
        return image.copy(), True


def why_unreadable(error: BaseException) -> str:
    """Return what follows "cannot be read as a picture" for an exception of PIL."""
    if isinstance(error, UnidentifiedImageError):
        return "its format is unknown"
    return str(getattr(error, "strerror", None) or error)


def _without_texts(content: bytes) -> bytes:
    kept, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while at + 8 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] not in _TEXTS:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)
