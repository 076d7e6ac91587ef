"""Thumbnails of versions, sent to a page as it asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zimg_kernel.gallery.lineage import Version
from zimg_widgets._shared.page_feed import Feed

from .rows import is_there, small


class VersionThumbnails:
    """Sends the thumbnails of rows, in threads, the latest request first.

    Parameters
    ----------
    version : callable
        Returns the version of a row's id; None if there is none.
    send : callable
        Sends a row's id and its thumbnail, a JPEG, to the pages.
    """

    def __init__(
        self, version: Callable[[str], Version | None], send: Callable[[str, bytes], None]
    ) -> None:
        self._version = version
        self._send = send
        self._feed: Feed[str] = Feed(self._deliver)

    def ask(self, page: str, ids: Sequence[Any]) -> None:
        """Send the thumbnails of these rows soon; what this page asked for before is dropped."""
        self._feed.ask(page, [str(row) for row in ids])

    def forget(self) -> None:
        """Send nothing more."""
        self._feed.forget()

    def _deliver(self, ids: Sequence[str]) -> None:
        for row in ids:
            version = self._version(row)
            if version is not None and is_there(version):
                self._send(row, small(version))
