"""The gallery: every picture in a folder a day, found by words, model, day and seed."""

from __future__ import annotations

import html
import itertools
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from . import settings
from .errors import GalleryError
from .image import GeneratedImage
from .index import Index, Row
from .metadata import NameTakenError, read_record, save_with_record
from .params import BadInput

_ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}
_STALE_SECONDS = 3600  # a temporary file this old belongs to a process that died


@dataclass(frozen=True)
class Entry:
    """One picture of a gallery: its file and its record; the pixels are read by :meth:`open`."""

    path: Path
    record: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The prompt."""
        return str(self.record["params"].get("prompt", ""))

    @property
    def model(self) -> str:
        """The model's id; empty for another tool's picture."""
        return str(self.record["params"].get("model") or "")

    @property
    def seed(self) -> int:
        """The seed that was used."""
        return int(self.record["params"].get("seed", -1))

    @property
    def created(self) -> datetime:
        """When the picture was finished."""
        return datetime.fromisoformat(self.record["created"])

    def open(self) -> GeneratedImage:
        """Read the picture with its parameters."""
        return GeneratedImage.open(self.path)


class Entries(Sequence[Entry]):
    """What a search found; shows itself in a notebook as a sheet of small pictures."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: Any) -> Any:
        found = self._entries[index]
        return Entries(found) if isinstance(index, slice) else found

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __repr__(self) -> str:
        lines = [f"{len(self)} pictures"]
        lines += [f"{entry.path}  {entry.prompt[:60]}" for entry in self._entries[:20]]
        return "\n".join(lines)

    def _repr_html_(self, shown: int = 24) -> str:
        from .sheet import sheet_html

        rest = len(self) - shown
        more = f"<p>… and {rest} more</p>" if rest > 0 else ""
        return sheet_html([entry.open() for entry in self._entries[:shown]]) + more


class Gallery:
    """A folder of pictures with an index beside them.

    Several processes may use one gallery at once. The index (``index.sqlite``) holds
    nothing that the files do not: :meth:`rebuild` makes it again from them.

    Parameters
    ----------
    folder : str or Path, optional
        Where the pictures lie; :func:`zimg_kernel.settings.gallery_folder` by default.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        chosen = settings.gallery_folder() if folder is None else Path(folder).expanduser()
        self.folder = chosen.absolute()
        self._index = Index(self.folder / "index.sqlite")

    def __repr__(self) -> str:
        return f"Gallery({str(self.folder)!r})"

    def __len__(self) -> int:
        return self._index.count() if self.folder.is_dir() else 0

    def add(self, image: GeneratedImage) -> Path:
        """Write a picture into today's folder and the index; return its path.

        The name is made of time, seed and the first digits of the parameters' hash.

        Raises
        ------
        GalleryError
            A full disk, a folder that cannot be written: one sentence. The picture stays
            in memory.
        """
        created = image.created.astimezone()
        stem = f"{created:%H%M%S}-{created.microsecond // 1000:03d}"
        stem += f"_seed{image.seed}_{image.params.hash[:8]}"
        day = self.folder / f"{created:%Y-%m-%d}"
        path = _save_as_new(image, day, stem)
        image.path = path
        self._remember([Row(path.relative_to(self.folder).as_posix(), image.record())])
        return path

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
        """
        day_text = _day(day)
        if not self.folder.is_dir():
            return Entries([])
        try:
            stamp = since.timestamp() if since else None
            rows = self._index.search(text, model, day_text, seed, stamp, limit, offset)
        except sqlite3.Error as error:
            raise GalleryError(self._trouble("read", error)) from error
        found = [Entry(self.folder / row.path, row.record) for row in rows]
        return Entries([entry for entry in found if entry.path.exists()])

    def rebuild(self) -> int:
        """Make the index again from the files; return how many pictures it holds.

        Finds every picture below the folder that carries parameters (also another tool's),
        forgets those that are gone, and clears away what a killed process left half-written.
        """
        if not self.folder.is_dir():
            return 0
        rows = []
        for path in sorted(self.folder.rglob("*")):
            if path.name.startswith(".") and path.suffix == ".part":
                _clear_stale(path)
            elif path.suffix.lower() in _ENDINGS and path.is_file():
                try:
                    record = read_record(path)
                except BadInput:
                    continue
                rows.append(Row(path.relative_to(self.folder).as_posix(), record))
        self._remember(rows)
        gone = [path for path in self._index.paths() if not (self.folder / path).exists()]
        self._index.forget(gone)
        return self._index.count()

    def _remember(self, rows: list[Row]) -> None:
        try:
            self._index.put(rows)
        except sqlite3.Error as error:
            raise GalleryError(self._trouble("written", error)) from error

    def _trouble(self, done: str, error: sqlite3.Error) -> str:
        return (
            f"The gallery's index {self._index.file} could not be {done} ({error}); the pictures "
            "are safe. Make it again with: zimg gallery --rebuild"
        )

    def _repr_html_(self) -> str:
        title = (
            f"<p><b>{len(self)} pictures</b> in <code>{html.escape(str(self.folder))}</code></p>"
        )
        return title + self.search(limit=24)._repr_html_()


def _save_as_new(image: GeneratedImage, folder: Path, stem: str) -> Path:
    for number in itertools.count(1):
        path = folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
        try:
            return save_with_record(image.image, image.record(), path, new=True)
        except NameTakenError:  # another process, the same millisecond, the same request
            continue
    raise AssertionError("unreachable")


def _clear_stale(path: Path) -> None:
    try:
        if time.time() - path.stat().st_mtime > _STALE_SECONDS:
            os.unlink(path)
    except OSError:
        pass


def _day(day: str | date | None) -> str | None:
    if day is None:
        return None
    try:
        return (date.fromisoformat(day) if isinstance(day, str) else day).isoformat()
    except ValueError:
        raise BadInput(f"{day!r} is not a day: write it as in 2026-11-21.") from None
