"""Picture metadata: records in PNG text chunks and EXIF, written and read back."""

from __future__ import annotations

import os
import warnings
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import ExifTags, Image, PngImagePlugin

from zimg_kernel.errors import BadInput, GalleryError, ZimgWarning
from zimg_kernel.files import atomic_file

from .a1111_text import a1111_text
from .embedded_texts import pack, png_texts, texts_of
from .open_file import UNREADABLE, open_image, refuse_pipe, why_unreadable
from .pixels import rgb
from .readers import read_foreign, stealth_texts
from .record import is_record
from .text import clean, json_text, parse_json

_HINT = "the picture is still in memory: save it elsewhere with .save(path)."
_KEY = "zimg"  # our PNG text chunk
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
# Run-length matching finds what there is to find behind PNG's filters: half of the default's
# time for a photograph of 1024 px (0.10 against 0.20 s on 2 cores), and 7 % fewer bytes.
_PNG_COMPRESSION = {"compress_level": 1, "compress_type": zlib.Z_RLE}
_MAX_EXIF = 65_533 - 6  # bytes in one marker segment of a JPEG, less its name
_WITHOUT_RECORDS = {  # beginnings of files
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_READ_ONLY = (".avif",)


def is_picture_name(path: str | Path) -> bool:
    """Tell by its name whether a file can hold a picture: .png, .jpg, .jpeg or .webp."""
    return Path(path).suffix.lower() in _FORMATS


def is_readable_name(path: str | Path) -> bool:
    """Tell by its name whether a file may be a picture that can be read: also .avif."""
    return Path(path).suffix.lower() in (*_FORMATS, *_READ_ONLY)


def save_with_record(
    image: Image.Image, record: dict[str, Any], path: Path, new: bool = False
) -> Path:
    """Write a picture with its record, through a temporary file that is renamed at the end.

    PNG carries our JSON in the iTXt chunk ``zimg`` and the text that A1111 and its readers
    know in ``parameters``; JPEG and WebP carry the JSON in EXIF's MakerNote and that text
    in UserComment. What is too long for a JPEG's 64 kB is compressed; then that text is left
    out, with a warning. With ``new``, a file that exists is left alone.

    Raises
    ------
    NameTakenError
        ``new`` was asked for and there is such a file.
    BadInput
        The file name's ending is not one of .png, .jpg, .jpeg, .webp.
    GalleryError
        The file could not be written, or its record does not fit into a JPEG; one sentence.
    """
    if not is_picture_name(path):
        raise BadInput(
            f"{path.name or path} must end in {', '.join(_FORMATS)}: "
            "the ending decides the format.",
            code="wrong-ending",
            field="path",
        )
    kind = _FORMATS[path.suffix.lower()]
    text = clean(a1111_text(record))
    exif = b"" if kind == "PNG" else _exif(record, text, path)
    with atomic_file(path, new, error=GalleryError, hint=_HINT) as file:
        if kind == "PNG":
            info = PngImagePlugin.PngInfo()
            info.add_itxt(_KEY, json_text(record))
            info.add_itxt("parameters", text)
            image.save(file, kind, pnginfo=info, **_PNG_COMPRESSION)
        else:
            # JPEG knows no transparency.
            flat = rgb(image, turn=False) if image.has_transparency_data else image.convert("RGB")
            flat.save(file, kind, quality=95, exif=exif)
    return path


def read_record(path: Path) -> dict[str, Any]:
    """Return the record inside a picture; another tool's is translated to ours.

    Raises
    ------
    BadInput
        No such file, no picture, or no parameters in it.
    """
    try:
        refuse_pipe(path)
        with open(path, "rb") as file:
            changed = os.fstat(file.fileno()).st_mtime
            return read_sent_record(file, str(path), datetime.fromtimestamp(changed))
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.", code="file-missing", field="path") from None
    except IsADirectoryError:
        raise BadInput(
            f"{path} is a folder; give the name of a picture in it.",
            code="folder-instead-of-file",
            field="path",
        ) from None
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read as a picture ({error}).",
            code="picture-unreadable",
            field="path",
        ) from None


def read_sent_record(file: BinaryIO, name: str, when: datetime | None = None) -> dict[str, Any]:
    """Return the record inside an open picture file, such as one sent by a browser.

    Parameters
    ----------
    file : binary file
        The picture as it would lie on disk.
    name : str
        The user's name for it, for the sentence if it is refused.
    when : datetime, optional
        When another tool's picture was made; now by default.

    Raises
    ------
    BadInput
        It is no picture, or has no parameters in it.
    """
    _refuse_without_record(file, name)
    try:
        found = png_texts(file)
        if found is not None:
            record = _record(found[1], found[0])
        if found is None or (record is None and found[2]):
            file.seek(0)
            with open_image(file, any_size=True) as image:
                record = record_in(image)
    except UNREADABLE as error:
        raise BadInput(
            f"{name} cannot be read as a picture ({why_unreadable(error)}).",
            code="picture-unreadable",
        ) from None
    if record is None:
        raise BadInput(
            f"{name} is a picture, but it carries no generation parameters.",
            code="no-parameters-in-picture",
        )
    if "created" in record:
        return record
    moment = (when or datetime.now()).astimezone()
    return {"created": moment.isoformat(timespec="milliseconds"), **record}


def _refuse_without_record(file: BinaryIO, name: str) -> None:
    """Refuse an empty file, and pictures of formats in which no parameters are read."""
    head = file.read(16)
    file.seek(0)
    if not head:
        raise BadInput(
            f"{name} is empty (0 bytes): copy or download the picture again.",
            code="picture-unreadable",
            field="path",
        )
    kind = next((kind for start, kind in _WITHOUT_RECORDS.items() if head.startswith(start)), None)
    if kind is not None:
        raise BadInput(
            f"{name} is a {kind}, which carries no parameters that are read here: give the PNG, "
            "JPEG, WebP or AVIF that was drawn.",
            code="no-parameters-in-picture",
            field="path",
        )


def record_in(image: Image.Image) -> dict[str, Any] | None:
    """Return the record inside an open picture, or None.

    Another tool's picture tells no time: ``created`` may be absent.
    """
    record = _record(texts_of(image), image.size)
    if record is None and (hidden := stealth_texts(image)):
        record = read_foreign(hidden, image.size)
    return record


def _record(texts: dict[str, str], size: tuple[int, int]) -> dict[str, Any] | None:
    return _own_record(texts) or read_foreign(texts, size)


def _own_record(texts: dict[str, str]) -> dict[str, Any] | None:
    """Return our record, or None if there is none or its parts are of other kinds."""
    text = texts.get(_KEY) or texts.get("MakerNote", "")
    record = parse_json(text) if text.startswith("{") else None
    if not isinstance(record, dict):
        return None
    return record if is_record(record) else None


def _exif(record: dict[str, Any], text: str, path: Path) -> bytes:
    whole = json_text(record)
    exif = _exif_of(record, whole.encode(), text)
    if path.suffix.lower() == ".webp" or len(exif) <= _MAX_EXIF:
        return exif
    exif = _exif_of(record, pack(whole), text)
    if len(exif) <= _MAX_EXIF:
        return exif
    exif = _exif_of(record, pack(whole), "")
    if len(exif) > _MAX_EXIF:
        raise GalleryError(
            f"{path.name} cannot hold its parameters: a JPEG takes 64 kB of them, and the prompt "
            "is longer. Save it as .png or .webp; the picture is still in memory.",
            code="parameters-too-long",
            field="path",
        )
    warnings.warn(
        ZimgWarning(
            f"{path.name} holds its parameters for this workbench alone: for other tools they are "
            "too long for a JPEG. PNG and WebP take them.",
            code="not-for-other-tools",
            field="path",
        ),
        stacklevel=4,
    )
    return exif


def _exif_of(record: dict[str, Any], own: bytes, text: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = record.get("software", "")
    ifd = exif.get_ifd(ExifTags.IFD.Exif)
    ifd[ExifTags.Base.MakerNote] = own
    if text:
        # EXIF 2.3: an eight-byte character code comes before the comment; big-endian UTF-16
        # is what A1111 writes and its readers expect.
        ifd[ExifTags.Base.UserComment] = b"UNICODE\0" + text.encode("utf-16-be")
    return exif.tobytes()
