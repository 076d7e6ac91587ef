"""Places of drawn pictures: where -o says, the gallery, or a temporary folder as a last resort."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.errors import GalleryError

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage


@dataclass
class Places:
    """Where pictures are now.

    Attributes
    ----------
    paths : list of Path or None
        One for each picture, None where it could be written nowhere.
    notes : list of str
        What went wrong on the way.
    failed : bool
        Whether pictures are not where they were wanted.
    """

    paths: list[Path | None]
    notes: list[str] = field(default_factory=list)
    failed: bool = False


def place_pictures(
    images: Sequence[GeneratedImage], output: Path | None, unsaved: Sequence[str]
) -> Places:
    """Write pictures to where they are wanted, so that none ends with the process.

    Parameters
    ----------
    images : sequence of GeneratedImage
    output : Path or None
        What -o says.
    unsaved : sequence of str
        Sentences on pictures that are not in the gallery.
    """
    from zimg_kernel.images.export import export_pictures

    notes = [_without_hint(sentence) for sentence in unsaved]
    if output:
        try:
            return Places(list(export_pictures(list(images), output)), notes)
        except GalleryError as error:
            notes.append(_without_hint(str(error)))
    elif all(image.path for image in images):
        return Places([image.path for image in images], notes, failed=bool(notes))
    paths = _rescued(images)
    kept = [str(path) for path in paths if path]
    where = f"What was drawn is in {', '.join(kept)}." if kept else "What was drawn is lost."
    return Places(paths, [*notes, where], failed=True)


def _rescued(images: Sequence[GeneratedImage]) -> list[Path | None]:
    """Return where pictures are; those that are nowhere go into a new temporary folder."""
    folder: Path | None = None
    paths: list[Path | None] = []
    for number, image in enumerate(images, 1):
        if image.path is None:
            try:
                folder = folder or Path(tempfile.mkdtemp(prefix="zimg-"))
                image.save(folder / f"{number}_seed{image.seed}.png")
            except (OSError, GalleryError):
                pass  # the caller says that it is lost
        paths.append(image.path)
    return paths


def _without_hint(sentence: str) -> str:
    """Return a sentence without its advice for Python: here, memory ends with the command."""
    said, found, _ = sentence.partition("; the picture is still in memory")
    said, also, _ = said.partition("; it is still in memory")
    return f"{said}." if found or also else sentence
