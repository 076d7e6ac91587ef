"""Thumbnails of a gallery's list, sent to a page as it scrolls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from zimg_kernel import Gallery
from zimg_kernel.images.thumbnails import placeholder, thumbnail
from zimg_widgets._shared.page_feed import Feed

from .picture_list import PictureList


class ThumbnailRequest(NamedTuple):
    """A place in the list of a number, and the name of the picture there."""

    number: int
    at: int
    name: str


class GalleryThumbnails:
    """Sends the thumbnails of places in a list, in threads, the latest request first.

    Parameters
    ----------
    gallery : Gallery
    pictures : PictureList
    send : callable
        Sends a message and its buffers to the pages.
    """

    def __init__(self, gallery: Gallery, pictures: PictureList, send: Callable[..., None]) -> None:
        self._gallery = gallery
        self._pictures = pictures
        self._send = send
        self._feed: Feed[ThumbnailRequest] = Feed(self._deliver)

    def ask(self, page: str, number: int, places: Sequence[int]) -> None:
        """Send the thumbnails of these places of the list of that number soon."""
        names = self._pictures.names
        if number == self._pictures.number:
            known = [at for at in places if 0 <= at < len(names)]
            self._feed.ask(page, [ThumbnailRequest(number, at, names[at]) for at in known])

    def forget(self, page: str | None = None) -> None:
        """Send nothing more to a page, or to any."""
        self._feed.forget(page)

    def _deliver(self, requests: Sequence[ThumbnailRequest]) -> None:
        number = self._pictures.number
        requests = [request for request in requests if request.number == number]
        if not requests:
            return
        folder = self._gallery.folder
        prompts = {
            entry.path.relative_to(folder).as_posix(): entry.prompt
            for entry in self._gallery.entries([request.name for request in requests])
        }
        items: list[dict[str, Any]] = []
        buffers = []
        for request in requests:
            jpeg = thumbnail(folder / request.name)
            prompt = prompts.get(request.name, request.name)
            items.append({"at": request.at, "prompt": prompt, "broken": jpeg == placeholder()})
            buffers.append(jpeg)
        self._send({"kind": "thumbs", "number": number, "items": items}, buffers)
