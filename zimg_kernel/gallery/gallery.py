"""The gallery: every picture in a folder a day, with an index, trash and kept inputs."""

from __future__ import annotations

import contextlib
import html
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, GalleryError, ZimgError
from zimg_kernel.files import NameTakenError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.metadata import read_record, save_with_record
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.source import SourceImage
from zimg_kernel.images.text import is_utf8

from .entries import Entry
from .index import Row
from .inputs import FOLDER as INPUTS_FOLDER
from .inputs import Inputs, is_digest, storable
from .names import TRASH_FOLDER
from .scan import Unread, delete_stale, scan
from .search import GallerySearch
from .trash import Trash, Trashed

if TYPE_CHECKING:
    from .lineage import Lineage


class Gallery(GallerySearch):
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
        super().__init__(chosen.absolute())
        self.unread: tuple[Unread, ...] = ()
        """Files that the last :meth:`rebuild` could not read or not wholly, with the reasons."""
        self._trash = Trash(self.folder)
        self._inputs = Inputs(self.folder)

    def __repr__(self) -> str:
        return f"Gallery({str(self.folder)!r})"

    def add(self, image: GeneratedImage, inputs: Iterable[Image.Image | SourceImage] = ()) -> Path:
        """Write a picture into today's folder and the index; return its path.

        The name is made of time, seed and the first digits of the parameters' hash.

        Parameters
        ----------
        image : GeneratedImage
            Its mask, where it has one, is kept too: see :meth:`keep`.
        inputs : iterable of PIL.Image.Image or SourceImage
            Pictures that it was made from; kept where no picture of the gallery has these
            pixels.

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
        self._index.put([Row(path.relative_to(self.folder).as_posix(), record)])
        try:
            edit = image.params.edit
            self.keep_inputs(inputs, image.mask, edit.mask if edit else None)
        except ZimgError as error:
            raise GalleryError(
                f"The picture is saved as {path}, but what it was made from could not be kept: "
                f"{error}",
                code="inputs-not-written",
                field="gallery",
            ) from error
        return path

    def keep_inputs(
        self,
        inputs: Iterable[Image.Image | SourceImage],
        mask: Image.Image | None = None,
        digest: str | None = None,
    ) -> None:
        """Keep what an edit starts from, unless it is here: its pictures and its mask.

        Parameters
        ----------
        inputs : iterable of PIL.Image.Image or SourceImage
            Pictures; kept where no picture of the gallery has these pixels.
        mask : PIL.Image.Image, optional
        digest : str, optional
            The mask's, where it is known.

        Raises
        ------
        GalleryError
            A full disk, a folder that cannot be written: one sentence.
        """
        if mask is not None and not self._inputs.path(digest or ""):
            self._inputs.keep(SourceImage(mask).of_digest(digest) if digest else mask)
        for given in inputs:
            source = given if isinstance(given, SourceImage) else SourceImage(storable(given))
            if self._inputs.path(source.digest) or self.by_digest("pixels", [source.digest]):
                continue
            self._inputs.keep(source)

    def add_file(self, path: Path) -> None:
        """Take a picture file that lies in this folder into the index.

        Raises
        ------
        BadInput
            It is no picture with parameters.
        GalleryError
            The index cannot be written.
        """
        self._index.put([Row(path.relative_to(self.folder).as_posix(), read_record(path))])

    def keep(self, image: Image.Image) -> str:
        """Keep an edit's input that the gallery does not show, such as a mask.

        It lies in the folder ``.inputs``, once, as a PNG.

        Returns
        -------
        str
            Its digest (:func:`zimg_kernel.images.pixels.digest`), for :meth:`input`.

        Raises
        ------
        GalleryError
            A full disk, a folder that cannot be written: one sentence.
        """
        return self._inputs.keep(image)

    def input(self, pixels: str) -> Image.Image | None:
        """Return the picture with this digest: a kept input, or a picture of the gallery.

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
        for entry in self.by_digest("pixels", [pixels]) if is_digest(pixels) else []:
            with contextlib.suppress(BadInput):
                image = entry.open().image
                if digest(image) == pixels:
                    return image
        return None

    def lineage(self, picture: GeneratedImage | Entry | str | Path) -> Lineage:
        """Return everything that a picture comes from, and all that was made of it.

        Raises
        ------
        BadInput
            A path that is no picture.
        """
        from .lineage_walk import lineage_of

        return lineage_of(self, picture)

    family = lineage  # its earlier name

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
            A path outside this gallery, behind a link, in its trash, or no picture's.
        GalleryError
            A picture is gone already, or cannot be moved.
        """
        given = [paths] if isinstance(paths, str | Path | Entry) else paths
        names = [self._names.name(path.path if isinstance(path, Entry) else path) for path in given]
        gone = [name for name in names if not (self.folder / name).exists()]
        if gone:
            self._index.forget(gone)
        done = self._trash.put(dict.fromkeys(names))
        self._index.forget([item.name for item in done])
        return done

    def restore(self, trashed: Trashed | Iterable[Trashed]) -> list[Path]:
        """Undo :meth:`trash`: move pictures back and into the index; return their paths.

        A picture comes back to the path that it had, or, if that is taken by now, to one
        beside it (``a-2.png``).

        Raises
        ------
        GalleryError
            One is no longer in the trash, or cannot be moved; those before it are back.
        BadInput
            One that this gallery's trash did not give.
        """
        paths: list[Path] = []
        rows: list[Row] = []
        try:
            for item in [trashed] if isinstance(trashed, Trashed) else trashed:
                path = self._trash.take_back(item)
                paths.append(path)
                name = path.relative_to(self.folder).as_posix()
                with contextlib.suppress(BadInput):  # a damaged file comes back as well
                    if is_utf8(name):
                        rows.append(Row(name, read_record(path)))
        finally:
            if rows:
                self._index.put(rows)  # once: a transaction for each costs several milliseconds
        return paths

    def trashed(self) -> list[Trashed]:
        """Return the pictures in the trash, newest first."""
        return self._trash.contents()

    def empty_trash(self) -> int:
        """Delete the pictures in the trash for good; return how many they were."""
        return self._trash.empty()

    def rebuild(self) -> int:
        """Make the index again from the files; return how many pictures it holds.

        Finds every picture below the folder that carries parameters (also another tool's),
        forgets those that are gone, and clears away half-written files of killed processes.
        Files that could not be read are in :attr:`unread` afterwards.
        """
        self.unread = ()
        if not self.folder.is_dir():
            return 0
        found = scan(self.folder, (TRASH_FOLDER, INPUTS_FOLDER))
        self.unread = tuple(found.unread)
        for path in [*found.unfinished, *self._inputs.folder.glob(".*.part")]:
            delete_stale(path)
        self._index.put(found.rows)
        self._index.forget_others()
        known = self._index.paths()
        inside = set(self._names.inside(known))
        gone = [n for n in known if n not in inside or not (self.folder / n).exists()]
        self._index.forget(gone)
        return self._index.count()

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
