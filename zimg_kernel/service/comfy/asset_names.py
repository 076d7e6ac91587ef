"""Assets of API v2: files of the three folders under ids, and uploads by their contents."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import UNREADABLE, open_image

from .files import Folders

HASH = "blake3:"
REFERENCE = "core/ASSET"
_FOLDER = "assets"  # below the input folder
_ENDINGS = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp",
            "AVIF": ".avif", "TIFF": ".tif"}  # fmt: skip
_SEPARATOR = "\n"


@dataclass(frozen=True)
class Asset:
    """A file with its id.

    Attributes
    ----------
    id : str
    path : Path
    content_type : str
    """

    id: str
    path: Path
    content_type: str

    @property
    def hash(self) -> str | None:
        """The digest of an upload; None for others, which are not read for it."""
        return HASH + self.path.stem if self.path.parent.name == _FOLDER else None


def asset_id(name: str, subfolder: str, kind: str) -> str:
    """Return the id of a file: what it is called, as letters and digits."""
    text = _SEPARATOR.join((kind, subfolder, name))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def find_asset(folders: Folders, wanted: str) -> Asset | None:
    """Return the asset of an id, or None if there is none."""
    try:
        padded = wanted + "=" * (-len(wanted) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        kind, subfolder, name = text.split(_SEPARATOR)
    except (binascii.Error, ValueError):
        return None
    path = folders.find(name, subfolder, kind)
    return Asset(wanted, path, _type_of(path)) if path else None


def find_by_hash(folders: Folders, digest: str) -> Asset | None:
    """Return the upload of a digest, or None if there is none."""
    hexadecimal = digest.removeprefix(HASH)
    if len(hexadecimal) != 64 or not set(hexadecimal) <= set("0123456789abcdef"):
        return None
    for ending in _ENDINGS.values():
        found = folders.find(hexadecimal + ending, _FOLDER, "input")
        if found is not None:
            return Asset(asset_id(found.name, _FOLDER, "input"), found, _type_of(found))
    return None


def add_asset(folders: Folders, data: bytes, expected: str = "") -> tuple[Asset, bool]:
    """Keep an upload under the name of its digest; return it, and whether it is new.

    Raises
    ------
    BadInput
        It is no picture, or has another digest than was told.
    """
    hexadecimal = blake3(data).hexdigest()
    if expected and expected != HASH + hexadecimal:
        raise BadInput(
            "The file's hash is another one than expected_hash: send it again.",
            code="hash-mismatch",
            field="expected_hash",
        )
    known = find_by_hash(folders, hexadecimal)
    if known is not None:
        return known, False
    folders.add(hexadecimal + _ending(data), data, _FOLDER, "input", overwrite=True)
    found = find_by_hash(folders, hexadecimal)
    assert found is not None
    return found, True


def with_file_names(folders: Folders, value: Any) -> Any:
    """Return a graph in which references to assets are the names of their files.

    Raises
    ------
    BadInput
        One of them is not there.
    """
    if isinstance(value, list):
        return [with_file_names(folders, each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get("__type") != REFERENCE:
        return {name: with_file_names(folders, each) for name, each in value.items()}
    info = value.get("info")
    wanted = info.get("id") if isinstance(info, dict) else None
    found = find_asset(folders, wanted) if isinstance(wanted, str) else None
    if found is None:
        raise BadInput(
            f"There is no asset {str(wanted)[:80]!r} here: upload it first.",
            code="unknown-asset",
            field="workflow",
        )
    for kind in ("input", "output", "temp"):
        root = folders.root / kind
        if found.path.is_relative_to(root):
            name = found.path.relative_to(root).as_posix()
            return name if kind == "input" else f"{name} [{kind}]"
    raise AssertionError("files of assets lie in the folders")


def _ending(data: bytes) -> str:
    import io

    try:
        with open_image(io.BytesIO(data)) as image:
            return _ENDINGS[image.format or ""]
    except (*UNREADABLE, BadInput, KeyError):
        raise BadInput(
            "The file is no picture that can be read: send a PNG, JPEG or WebP.",
            code="picture-unreadable",
            field="file",
        ) from None


def _type_of(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"
