"""The gallery: every picture in a folder a day, found by words, model, day and seed."""

from __future__ import annotations

import contextlib
import html
import itertools
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, GalleryError, ZimgError
from zimg_kernel.files import NameTakenError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.metadata import read_record, save_with_record
from zimg_kernel.images.pixels import digest

from .entries import Entries, Entry
from .index import Index, Row
from .inputs import FOLDER as INPUTS_FOLDER
from .inputs import Inputs, is_digest, not_kept, storable
from .trash import FOLDER, Trash, Trashed

if TYPE_CHECKING:
    from .lineage import Family

_ENDINGS = {".png", ".jpg", ".jpeg", ".webp"}
_STALE_SECONDS = 3600  # a temporary file this old belongs to a process that died


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
        self._trash = Trash(self.folder)
        self._inputs = Inputs(self.folder)

    def __repr__(self) -> str:
        return f"Gallery({str(self.folder)!r})"

    def __len__(self) -> int:
        return self.count()

    def add(self, image: GeneratedImage, inputs: Iterable[Image.Image] = ()) -> Path:
        """Write a picture into today's folder and the index; return its path.

        The name is made of time, seed and the first digits of the parameters' hash.

        Parameters
        ----------
        image : GeneratedImage
            Its mask, where it has one, is kept too: see :meth:`keep`.
        inputs : iterable of PIL.Image.Image
            What it was made from; kept where no picture of the gallery has these pixels.

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
        record = image.record()
        path = _save_as_new(image.image, record, day, stem)
        image.path = path
        self._remember([Row(path.relative_to(self.folder).as_posix(), record)])
        try:
            if image.mask is not None:
                self.keep(image.mask)
            for given in inputs:
                if not self._with_pixels(digest(storable(given))):
                    self.keep(given)
        except ZimgError as error:
            raise not_kept(path, error) from error
        return path

    def keep(self, image: Image.Image) -> str:
        """Keep what an edit was given and the gallery does not show, such as a mask.

        It lies in the folder ``.inputs``, once, as a PNG.

        Returns
        -------
        str
            Its digest (:func:`zimg_kernel.images.reading.digest`), for :meth:`input`.

        Raises
        ------
        GalleryError
            A full disk, a folder that cannot be written: one sentence.
        """
        return self._inputs.keep(image)

    def input(self, pixels: str) -> Image.Image | None:
        """Return the picture with this digest: what was kept, or a picture of the gallery.

        Parameters
        ----------
        pixels : str
            64 hex digits, such as ``params.edit.source`` or ``params.edit.mask``.

        Returns
        -------
        PIL.Image.Image or None
            None if there is none, or only a file whose pixels have changed since.
        """
        kept = self._inputs.find(pixels)
        if kept is not None:
            return kept
        for entry in self._with_pixels(pixels):
            with contextlib.suppress(BadInput):
                image = entry.open().image
                if digest(image) == pixels:
                    return image
        return None

    def family(self, picture: GeneratedImage | Entry | str | Path) -> Family:
        """Return everything that a picture comes from, and all that was made of it.

        Raises
        ------
        BadInput
            A path that is no picture.
        """
        from .lineage import family_of

        return family_of(self, picture)

    def _with_pixels(self, pixels: str) -> list[Entry]:
        return self.known_as("pixels", [pixels]) if is_digest(pixels) else []

    def known_as(self, column: str, digests: Sequence[str]) -> list[Entry]:
        """Return pictures by the digests of their own or their source's pixels, oldest first.

        Parameters
        ----------
        column : {"pixels", "source"}
        digests : sequence of str
        """
        with self._reading():
            rows = self._index.known_as(column, digests) if self._there else []
        return [Entry(self.folder / row.path, row.record) for row in rows]

    def of_seed(self, seed: int) -> list[Entry]:
        """Return the pictures of a seed, oldest first."""
        with self._reading():
            rows = self._index.of_seed(seed) if self._there else []
        return [Entry(self.folder / row.path, row.record) for row in rows]

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
        stamp = since.timestamp() if since else None
        filters = (text, model, _day(day), seed, stamp)
        with self._reading():
            rows = self._index.search(*filters, limit=limit, offset=offset) if self._there else []
        found = [Entry(self.folder / row.path, row.record) for row in rows]
        return Entries([entry for entry in found if entry.path.exists()])

    def count(
        self, text: str = "", *, model: str | None = None, day: str | date | None = None
    ) -> int:
        """Return how many pictures :meth:`search` would find, from the index alone."""
        filters = (text, model, _day(day))
        with self._reading():
            return self._index.count(*filters) if self._there else 0

    def names(
        self, text: str = "", *, model: str | None = None, day: str | date | None = None
    ) -> list[str]:
        """Return the paths of pictures relative to the folder, newest first.

        They come from the index alone, without records or a look at the files: quick also for
        many thousands. :meth:`entries` tells more about some of them.
        """
        filters = (text, model, _day(day))
        with self._reading():
            return self._index.names(*filters) if self._there else []

    def entries(self, names: Sequence[str]) -> Entries:
        """Return the pictures of these names in their order, without those not in the index."""
        with self._reading():
            rows = self._index.rows(names) if self._there else []
        return Entries([Entry(self.folder / row.path, row.record) for row in rows])

    def models(self) -> dict[str, int]:
        """Return how many pictures there are by each model's id, most first.

        Pictures of other tools are counted under an empty id.
        """
        with self._reading():
            return self._index.tally("model", "n DESC, model") if self._there else {}

    def days(self) -> dict[str, int]:
        """Return how many pictures there are of each day (``2026-11-21``), newest first."""
        with self._reading():
            return self._index.tally("day", "day DESC") if self._there else {}

    def state(self) -> tuple[Any, ...]:
        """Return a value that changes when pictures come or go, also by another process."""
        with self._reading():
            return self._index.state() if self._there else ()

    def trash(self, paths: Path | str | Entry | Iterable[Path | str | Entry]) -> list[Trashed]:
        """Move pictures to the trash, the folder ``.trash`` in the gallery's: all or none.

        They leave the index; their records stay in the files. Nothing is deleted before
        :meth:`empty_trash` is called.

        Parameters
        ----------
        paths : Path, str or Entry, or several
            Pictures of this gallery; a path may be relative to its folder.

        Returns
        -------
        list of Trashed
            For :meth:`restore`.

        Raises
        ------
        BadInput
            A path outside this gallery, or in its trash.
        GalleryError
            A picture is gone already, or cannot be moved.
        """
        given = [paths] if isinstance(paths, str | Path | Entry) else paths
        names = [self._name(path) for path in given]
        gone = [name for name in names if not (self.folder / name).exists()]
        if gone:
            self._forget(gone)
        done = self._trash.put(dict.fromkeys(names))
        self._forget([item.name for item in done])
        return done

    def restore(self, trashed: Trashed | Iterable[Trashed]) -> list[Path]:
        """Undo :meth:`trash`: move pictures back and into the index; return their paths.

        A picture comes back to the path that it had, or, if that is taken by now, to one
        beside it (``a-2.png``).

        Raises
        ------
        GalleryError
            One is no longer in the trash, or cannot be moved; those before it are back.
        """
        paths = []
        for item in [trashed] if isinstance(trashed, Trashed) else trashed:
            path = self._trash.take_back(item)
            with contextlib.suppress(BadInput):  # a damaged file comes back as well
                self._remember([Row(path.relative_to(self.folder).as_posix(), read_record(path))])
            paths.append(path)
        return paths

    def trashed(self) -> list[Trashed]:
        """Return what is in the trash, what was thrown away last first."""
        return self._trash.contents()

    def empty_trash(self) -> int:
        """Delete what is in the trash for good; return how many pictures that were."""
        return self._trash.empty()

    def rebuild(self) -> int:
        """Make the index again from the files; return how many pictures it holds.

        Finds every picture below the folder that carries parameters (also another tool's),
        forgets those that are gone, and clears away what a killed process left half-written.
        """
        if not self.folder.is_dir():
            return 0
        rows = []
        for path in self._files():
            if path.name.startswith(".") and path.suffix == ".part":
                _clear_stale(path)
            elif path.suffix.lower() in _ENDINGS and path.is_file():
                try:
                    record = read_record(path)
                except BadInput:
                    continue
                rows.append(Row(path.relative_to(self.folder).as_posix(), record))
        for path in self._inputs.folder.glob(".*.part"):
            _clear_stale(path)
        self._remember(rows)
        gone = [path for path in self._index.paths() if not (self.folder / path).exists()]
        self._index.forget(gone)
        return self._index.count()

    def _files(self) -> list[Path]:
        """Every file below the folder but those in the trash and what edits were given."""
        found = []
        for place, folders, files in os.walk(self.folder):
            if place == str(self.folder):
                folders[:] = [name for name in folders if name not in (FOLDER, INPUTS_FOLDER)]
            found += [Path(place, file) for file in files]
        return sorted(found)

    @property
    def _there(self) -> bool:
        return self.folder.is_dir()

    def _name(self, path: Path | str | Entry) -> str:
        """A picture's path relative to the folder, with "/" between folders."""
        given = path.path if isinstance(path, Entry) else Path(path).expanduser()
        top = Path(os.path.normpath(self.folder))
        whole = Path(os.path.normpath(self.folder / given))
        if not whole.is_relative_to(top) or whole == top:
            raise BadInput(f"{given} does not lie in this gallery, {self.folder}.")
        name = whole.relative_to(top)
        if name.parts[0] == FOLDER:
            raise BadInput(f"{given} is in the trash already.")
        if name.parts[0] == INPUTS_FOLDER:
            raise BadInput(
                f"{given} is no picture of the gallery: it is what an edit was given, and stays."
            )
        return name.as_posix()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise GalleryError(self._trouble("read", error)) from error

    def _forget(self, names: list[str]) -> None:
        try:
            self._index.forget(names)
        except sqlite3.Error as error:
            raise GalleryError(self._trouble("written", error)) from error

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


def _save_as_new(image: Image.Image, record: dict[str, Any], folder: Path, stem: str) -> Path:
    for number in itertools.count(1):
        path = folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
        try:
            return save_with_record(image, record, path, new=True)
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
