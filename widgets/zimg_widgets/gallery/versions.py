"""The versions of the picture that the gallery shows large: its family as rows for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zimg_kernel import Gallery
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.gallery.lineage import Version
from zimg_kernel.gallery.lineage_links import has_lineage
from zimg_widgets.versions.rows import rows_of
from zimg_widgets.versions.thumbnails import VersionThumbnails


class GalleryVersions:
    """Answers what a page asks about the versions of one picture at a time.

    Parameters
    ----------
    gallery : Gallery
    say : callable
        Sends a message and its buffers to the pages.
    language : {"en", "zh"}
    """

    def __init__(self, gallery: Gallery, say: Callable[..., None], language: str) -> None:
        self._gallery = gallery
        self._say = say
        self._language = language
        self._versions: dict[str, Version] = {}
        self._thumbnails = VersionThumbnails(lambda row: self._versions.get(row), self._send_small)

    def any(self, entry: Entry) -> bool:
        """Return True if a picture has a parent or children."""
        return has_lineage(self._gallery, entry)

    def show(self, entry: Entry) -> None:
        """Send the rows of a picture's family."""
        rows, versions = rows_of(self._gallery.lineage(entry), self._language)
        # Several pages may look at several pictures: what the last ones asked for stays known.
        self._versions = {**self._versions, **versions} if len(self._versions) < 5000 else versions
        name = entry.path.relative_to(self._gallery.folder).as_posix()
        self._say({"kind": "versions", "name": name, "rows": rows})

    def ask(self, page: str, ids: Sequence[Any]) -> None:
        """Send small pictures of these rows soon."""
        self._thumbnails.ask(page, ids)

    def name(self, row: object) -> str | None:
        """Return the name in the gallery of a row's picture; None if it is not in the gallery."""
        version = self._versions.get(str(row))
        if version is None or version.kind != "picture" or version.path is None:
            return None
        if not version.path.is_relative_to(self._gallery.folder):
            return None
        return version.path.relative_to(self._gallery.folder).as_posix()

    def forget(self) -> None:
        """Send nothing more."""
        self._thumbnails.forget()

    def _send_small(self, row: str, jpeg: bytes) -> None:
        self._say({"kind": "version", "id": row}, [jpeg])
