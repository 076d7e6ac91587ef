"""Gallery searches: pictures, counts, names and days, from the index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput

from .entries import Entries, Entry
from .index import Index, Row
from .names import Names


class GallerySearch:
    """The reading half of a gallery.

    Parameters
    ----------
    folder : Path
        Where the pictures and ``index.sqlite`` lie; absolute.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = Index(folder / "index.sqlite")
        self._names = Names(folder)

    def __len__(self) -> int:
        return self.count()

    def search(
        self,
        text: str = "",
        *,
        model: str | None = None,
        day: str | date | None = None,
        seed: int | None = None,
        since: datetime | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> Entries:
        """Return pictures, newest first.

        Parameters
        ----------
        text : str
            Words that must all occur in the prompt or negative prompt, in any order; case
            does not matter.
        model : str, optional
            A model's id.
        day : str or date, optional
            ``"2026-11-21"`` or a date, in local time.
        seed : int, optional
            The seed used.
        since : datetime, optional
            Only pictures finished at or after this moment.
        limit, offset : int
            At most so many, after skipping so many.

        Raises
        ------
        BadInput
            A value is of another kind.
        """
        _check("seed", seed, int, None)
        _check("since", since, datetime, None)
        _check("limit", limit, int, None)
        _check("offset", offset, int)
        stamp = since.timestamp() if since else None
        filters = (*_filters(text, model, day), seed, stamp)
        found = self._entries(self._index.search(*filters, limit=limit, offset=offset))
        return Entries([entry for entry in found if entry.path.exists()])

    def count(
        self, text: str = "", *, model: str | None = None, day: str | date | None = None
    ) -> int:
        """Return how many pictures :meth:`search` would find, from the index alone."""
        return self._index.count(*_filters(text, model, day))

    def names(
        self, text: str = "", *, model: str | None = None, day: str | date | None = None
    ) -> list[str]:
        """Return the paths of pictures relative to the folder, newest first.

        They come from the index alone, without records or a look at the files: quick also for
        many thousands. :meth:`entries` tells more about some of them.
        """
        return self._names.inside(self._index.names(*_filters(text, model, day)))

    def entries(self, names: Sequence[str]) -> Entries:
        """Return the pictures of these names in their order, without those not in the index."""
        return Entries(self._entries(self._index.rows(names)))

    def by_digest(self, column: str, digests: Sequence[str]) -> list[Entry]:
        """Return pictures by the digests of their own or their source's pixels, oldest first.

        Parameters
        ----------
        column : {"pixels", "source"}
        digests : sequence of str
        """
        return self._entries(self._index.select(column, digests))

    def related(self, digests: Sequence[str]) -> list[str]:
        """Return these digests of pixels, and all that sources and children lead to from them."""
        return self._index.related(digests)

    def by_seed(self, seed: int) -> list[Entry]:
        """Return the pictures of a seed, oldest first."""
        _check("seed", seed, int)
        return self._entries(self._index.select("seed", [str(seed)]))

    def models(self) -> dict[str, int]:
        """Return the number of pictures of each model's id, most first.

        Pictures of other tools are counted under an empty id.
        """
        return self._index.tally("model", "n DESC, model")

    def days(self) -> dict[str, int]:
        """Return the number of pictures of each day (``2026-11-21``), newest first."""
        return self._index.tally("day", "day DESC")

    def state(self) -> tuple[Any, ...]:
        """Return a value that changes when pictures come or go, also by another process."""
        return self._index.state()

    def _entries(self, rows: Iterable[Row]) -> list[Entry]:
        found = list(rows)
        inside = set(self._names.inside(row.path for row in found))
        return [Entry(self.folder / row.path, row.record) for row in found if row.path in inside]


_KINDS = {
    str: "text",
    int: "a whole number",
    datetime: "a moment (a datetime)",
    date: "a day such as 2026-11-21",
}


def _filters(text: str, model: str | None, day: str | date | None) -> tuple[Any, ...]:
    _check("text", text, str)
    _check("model", model, str, None)
    return text, model, _iso_day(day)


def _check(name: str, value: object, *kinds: type | None) -> None:
    """Refuse a value that is of none of these kinds, None among them."""
    if value is None and None in kinds:
        return
    wanted = [kind for kind in kinds if kind is not None]
    if not isinstance(value, tuple(wanted)) or isinstance(value, bool):
        raise BadInput(
            f"{name} must be {_KINDS[wanted[-1]]}, not {value!r:.60}.",
            code="wrong-type",
            field=name,
        )


def _iso_day(day: str | date | None) -> str | None:
    if day is None:
        return None
    _check("day", day, str, date)
    try:
        return (date.fromisoformat(day) if isinstance(day, str) else day).isoformat()
    except ValueError:
        raise BadInput(
            f"{day!r} is not a day: write it as in 2026-11-21.", code="invalid-value", field="day"
        ) from None
