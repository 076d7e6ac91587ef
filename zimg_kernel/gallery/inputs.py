"""Kept inputs of edits: source pictures and masks that no gallery shows."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from zimg_kernel.errors import BadInput, GalleryError
from zimg_kernel.files import atomic_file
from zimg_kernel.images.pixels import digest, rgb
from zimg_kernel.images.reading import read
from zimg_kernel.images.source import SourceImage

FOLDER = ".inputs"
_HINT = "a later repetition of the edit needs it: make room and save it there."
_MODES = ("L", "RGB", "RGBA")  # what a PNG gives back to the bit
_DIGEST = re.compile("[0-9a-f]{64}")


class Inputs:
    """The folder ``.inputs`` in a gallery: each picture once, under the digest of its pixels."""

    def __init__(self, gallery: Path) -> None:
        self.folder = gallery / FOLDER

    def keep(self, image: Image.Image | SourceImage) -> str:
        """Write a picture unless it is there; return its digest.

        Modes other than L, RGB and RGBA are turned into RGB or RGBA first.

        Raises
        ------
        GalleryError
            A full disk, or a folder that cannot be written.
        """
        source = image if isinstance(image, SourceImage) else SourceImage(storable(image))
        path = self._path(source.digest)
        if not path.exists():
            with atomic_file(path, error=GalleryError, hint=_HINT) as file:
                source.image.save(file, "PNG", compress_level=1)
        return source.digest

    def path(self, name: str) -> Path | None:
        """Return the file of the picture with this digest, or None."""
        path = self._path(name) if is_digest(name) else None
        return path if path is not None and path.is_file() else None

    def find(self, name: str) -> Image.Image | None:
        """Return the picture with this digest, or None; a damaged file counts as none."""
        path = self.path(name)
        try:
            image = read(path, "input") if path else None
        except BadInput:
            return None
        return image if image is not None and digest(image) == name else None

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.png"


def is_digest(name: object) -> bool:
    """Tell whether this can be a digest: 64 hex digits."""
    return isinstance(name, str) and _DIGEST.fullmatch(name) is not None


def storable(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that a PNG gives back to the bit."""
    if image.mode in _MODES:
        return image
    return image.convert("RGBA") if image.has_transparency_data else rgb(image)
