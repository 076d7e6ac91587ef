"""List of a gallery's pictures that match a search, and how it differs from the one before."""

from __future__ import annotations

from typing import Any

from zimg_kernel import Gallery
from zimg_widgets._shared.page_feed import difference


class PictureList:
    """Names of the pictures found, under a number that grows with each search.

    Parameters
    ----------
    gallery : Gallery
    """

    def __init__(self, gallery: Gallery) -> None:
        self._gallery = gallery
        self._state: tuple[Any, ...] = ()
        self.names: list[str] = []
        self.number = 0

    def search(self, query: dict[str, Any], *, fresh: bool, focus: str | None) -> dict[str, Any]:
        """Search, and return what a page needs to bring its list up to date.

        Returns
        -------
        dict
            As ``GalleryView.found``.
        """
        state = self._gallery.state()
        names = self._gallery.names(**query)
        total = self._gallery.count()
        at, removed, inserted = difference(self.names, names)
        self.names, self._state = names, state
        self.number += 1
        return {
            "number": self.number,
            "count": len(names),
            "total": total,
            "at": at,
            "removed": removed,
            "inserted": inserted,
            "fresh": fresh,
            "focus": names.index(focus) if focus in names else None,
        }

    def choices(self) -> dict[str, list[list[Any]]]:
        """Return the gallery's models and days, each as pairs of value and count."""
        models, days = self._gallery.models(), self._gallery.days()
        return {
            "models": [list(pair) for pair in models.items()],
            "days": [list(pair) for pair in days.items()],
        }

    def is_stale(self) -> bool:
        """Tell whether the gallery has changed since the last search."""
        return self._gallery.state() != self._state

    def name_at(self, number: int, at: int) -> str | None:
        """Return the name at a place of the list of that number; None if there is none."""
        known = number == self.number and 0 <= at < len(self.names)
        return self.names[at] if known else None
