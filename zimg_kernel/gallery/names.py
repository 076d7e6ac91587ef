"""Names of pictures inside a gallery: the one rule of what lies in it.

A gallery may come from somebody else, with its index and its links. Only what really lies in
its folder is read, moved or deleted as a picture of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from zimg_kernel.errors import BadInput
from zimg_kernel.images.metadata import is_readable_name

from .inputs import FOLDER as INPUTS_FOLDER

TRASH_FOLDER = ".trash"


class Names:
    """Check of names relative to a gallery's folder, with "/" between folders.

    A name lies inside if it goes through real folders only, none of them hidden, and ends in a
    picture's file name. A picture's file itself may be a link: moving it moves the link.

    Parameters
    ----------
    folder : Path
        The gallery's folder; may itself be a link. Absolute.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def inside(self, names: Iterable[str]) -> list[str]:
        """Return those of some names that lie inside, in their order."""
        real: dict[str, bool] = {}
        kept = []
        for name in names:
            parent = os.path.dirname(name)
            if parent not in real:
                real[parent] = not self._problem(parent)
            if real[parent] and is_picture_name(name):
                kept.append(name)
        return kept

    def name(self, path: Path | str) -> str:
        """Return the name of a picture given by its path or name.

        Raises
        ------
        BadInput
            It lies elsewhere, in the trash or among the inputs, is no picture's name, or its
            folder is a link.
        """
        given = Path(path).expanduser()
        top = Path(os.path.normpath(self._folder))
        whole = Path(os.path.normpath(self._folder / given))
        if not whole.is_relative_to(top) or whole == top:
            raise self._outside(given)
        name = whole.relative_to(top)
        if name.parts[0] == TRASH_FOLDER:
            raise BadInput(
                f"{given} is in the trash already.", code="already-in-trash", field="paths"
            )
        if name.parts[0] == INPUTS_FOLDER:
            raise BadInput(
                f"{given} is no picture of the gallery: it is what an edit was given, and stays.",
                code="edit-input-not-a-picture",
                field="paths",
            )
        if link := self._problem(name.parent.as_posix()):
            raise BadInput(
                f"{given} does not lie in this gallery: {link} is a link to "
                f"{Path(link).resolve()}, and what is there is left alone. Move the files into "
                "the gallery, or use that folder as a gallery of its own.",
                code="linked-folder",
                field="paths",
            )
        if not is_picture_name(name.as_posix()):
            raise BadInput(
                f"{given} is no picture of the gallery.", code="not-a-picture", field="paths"
            )
        return name.as_posix()

    def _outside(self, given: Path) -> BadInput:
        return BadInput(
            f"{given} does not lie in this gallery, {self._folder}.",
            code="not-in-gallery",
            field="paths",
        )

    def _problem(self, parent: str) -> str:
        """Return the path of the first folder that is a link or goes outside; "" for none."""
        place = self._folder
        for part in PurePosixPath(parent).parts:
            place = place / part
            if part == ".." or os.path.isabs(part) or place.is_symlink():
                return str(place)
        return ""


def is_picture_name(name: str) -> bool:
    """Return whether a relative name can be a picture's: relative, no hidden part."""
    parts = name.split("/")
    plain = all(part and not part.startswith(".") and "\0" not in part for part in parts)
    return plain and not os.path.isabs(name) and is_readable_name(Path(name))
