"""Cells of a grid: thumbnail, place of the large picture, and parameters."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zimg_kernel import BadInput, GeneratedImage, ZimgError
from zimg_widgets._shared.encode import Source, jpeg_bytes, read, rgb, title

THUMBNAIL_SIDE = 256  # px; also the largest that a cell can be zoomed to
_LARGE_SIDE = 2048


@dataclass
class Cell:
    """A picture or the sentence why there is none.

    Attributes
    ----------
    thumbnail : bytes
        JPEG, its longer side at most 256 px; empty where there is no picture.
    caption, title, failure : str
        The remark, the prompt or file name, and the sentence.
    details : list of (str, str)
        Parameters by name; those that everybody leaves as they are go without saying.
    path : Path or None
        Where the picture is saved.
    kept : bytes
        The picture itself as JPEG, if it is not saved.
    serial : int
        Grows with every cell that is filled: the newer of two messages wins.
    """

    thumbnail: bytes = b""
    caption: str = ""
    title: str = ""
    failure: str = ""
    details: list[tuple[str, str]] = field(default_factory=list)
    path: Path | None = None
    kept: bytes = b""
    serial: int = 0

    def summary(self) -> dict[str, Any]:
        """Return what travels beside the thumbnail."""
        names = ("caption", "title", "failure", "serial")
        return {name: getattr(self, name) for name in names}

    def large(self) -> tuple[bytes, str]:
        """Return the picture as JPEG, at most 2048 px, and why it is only the thumbnail."""
        if self.path is None:
            return self.kept, ""
        try:
            return _large(read(self.path, "the picture")), ""
        except BadInput as problem:
            return self.thumbnail, str(problem)


def cell_of(source: Source, caption: str) -> Cell:
    """Make a cell of a picture.

    Raises
    ------
    BadInput
        It is no picture, or cannot be read.
    """
    image = rgb(read(source, "image"))
    path = None
    if isinstance(source, GeneratedImage):
        path = source.path
    elif isinstance(source, str | os.PathLike):
        path = Path(source).expanduser().absolute()
    return Cell(
        thumbnail=jpeg_bytes(image, THUMBNAIL_SIDE),
        caption=str(caption),
        title=title(source),
        details=_details(source if isinstance(source, GeneratedImage) else path),
        path=path,
        kept=b"" if path else _large(image),
    )


def _large(image: Any) -> bytes:
    return jpeg_bytes(rgb(image), _LARGE_SIDE, 92, subsampling=0)


def _details(source: GeneratedImage | Path | None) -> list[tuple[str, str]]:
    if isinstance(source, Path):
        try:
            source = GeneratedImage.open(source)
        except (ZimgError, ValueError, OSError):
            return [("path", str(source))]  # a picture without parameters
    if source is None:
        return []
    given = source.params.model_dump(exclude_defaults=True, exclude={"schema_version", "count"})
    pairs = [(name, str(value)) for name, value in given.items()]
    if source.timings.get("total"):
        pairs.append(("time", f"{source.timings['total']:.2f} s"))
    return [*pairs, ("path", str(source.path))] if source.path else pairs
