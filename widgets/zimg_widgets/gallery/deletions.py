"""Deletions of a gallery that can be undone, the last one first."""

from __future__ import annotations

from pathlib import Path

from zimg_kernel import Gallery
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.gallery.trash import Trashed

_MOST = 100


class Deletions:
    """The last hundred pictures that were put into a gallery's trash from here.

    Parameters
    ----------
    gallery : Gallery
    """

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._trashed: list[tuple[Trashed, str]] = []

    def delete(self, entry: Entry) -> None:
        """Put a picture into the trash."""
        self._trashed += [(item, entry.prompt) for item in self._gallery.trash(entry)]
        del self._trashed[:-_MOST]

    def undo(self) -> tuple[Path, str] | None:
        """Put the last one back; return its file and prompt, or None if there is none."""
        if not self._trashed:
            return None
        item, prompt = self._trashed.pop()
        (path,) = self._gallery.restore(item)
        return path, short(prompt)

    @property
    def last(self) -> str:
        """The prompt of the last one, in one short line; empty if there is none."""
        return short(self._trashed[-1][1]) if self._trashed else ""


def short(prompt: str) -> str:
    """Return a prompt in one line of at most 60 characters."""
    line = " ".join(prompt.split())
    return line if len(line) <= 60 else line[:59] + "…"
