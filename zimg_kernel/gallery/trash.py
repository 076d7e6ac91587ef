"""The gallery's trash: pictures moved aside, and moved back."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zimg_kernel.errors import BadInput, GalleryError

from .names import TRASH_FOLDER, Names

_BATCH = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True)
class Trashed:
    """One picture in the trash.

    Attributes
    ----------
    name : str
        Its former path relative to the gallery's folder, with "/" between folders.
    stored : Path
        Its present path.
    """

    name: str
    stored: Path


class Trash:
    """The folder ``.trash`` in a gallery; each call of :meth:`put` makes a folder of its own in it.

    Below that folder a picture keeps the path that it had, so that nothing is overwritten and
    the trash itself says where everything was.
    """

    def __init__(self, gallery: Path) -> None:
        self.gallery = gallery
        self.folder = gallery / TRASH_FOLDER
        self._names = Names(gallery)

    def put(self, names: Iterable[str]) -> list[Trashed]:
        """Move pictures here, all of them or none.

        Raises
        ------
        GalleryError
            One could not be moved; those before it are where they were.
        """
        self._refuse_link()
        batch = self.folder / f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        done: list[Trashed] = []
        for name in names:
            item = Trashed(name, batch / name)
            try:
                _move(self.gallery / name, item.stored)
            except OSError as error:
                for moved in done:
                    with suppress(OSError):
                        _move_as_new(moved.stored, self.gallery / moved.name)
                _prune(batch)
                raise _not_trashed(self.gallery / name, error) from error
            done.append(item)
        return done

    def take_back(self, item: Trashed) -> Path:
        """Move a picture back to where it was, or beside it if another has taken its name.

        Raises
        ------
        GalleryError
            It is no longer in the trash, or cannot be moved.
        BadInput
            It is none of this trash, or its former folder is a link by now.
        """
        name = self._names.name(item.name)
        self._refuse_link()
        batch = self.folder
        if item.stored.is_relative_to(self.folder) and item.stored != self.folder:
            batch /= item.stored.relative_to(self.folder).parts[0]
        if item.stored != batch / name or not _is_batch(batch):
            raise BadInput(
                f"{item.stored} is no picture of this gallery's trash.",
                code="not-in-trash",
                field="trashed",
            )
        try:
            path = _move_as_new(item.stored, self.gallery / name)
        except FileNotFoundError:
            raise GalleryError(
                f"{item.name} is no longer in the trash, so it cannot be put back: it has been "
                "put back already, or the trash was emptied.",
                code="not-in-trash",
                field="trashed",
            ) from None
        except OSError as error:
            raise GalleryError(
                f"{item.name} could not be put back ({error.strerror or error}); it is still in "
                f"{item.stored}.",
                code="not-restored",
                field="trashed",
            ) from error
        with suppress(OSError):  # one that is not empty ends it
            for place in item.stored.parents:
                place.rmdir()
                if place == self.folder:
                    break
        return path

    def contents(self) -> list[Trashed]:
        """Return everything in the trash, newest first."""
        found = []
        for batch in sorted(self._batches(), reverse=True):
            files = sorted(_files(batch))
            found += [Trashed(path.relative_to(batch).as_posix(), path) for path in files]
        return found

    def empty(self) -> int:
        """Delete the pictures in the trash for good; return how many they were.

        Pictures that another process moves here meanwhile stay.

        Raises
        ------
        GalleryError
            Something could not be deleted.
        """
        count = 0
        for batch in self._batches():
            count += sum(1 for _ in _files(batch))
            try:
                shutil.rmtree(batch)
            except FileNotFoundError:  # another process empties it, too
                pass
            except OSError as error:
                raise GalleryError(
                    f"{batch} could not be deleted ({error.strerror or error}): check who owns it, "
                    "then empty the trash again.",
                    code="not-deleted",
                    field="gallery",
                ) from error
        with suppress(OSError):
            self.folder.rmdir()
        return count

    def _batches(self) -> list[Path]:
        """Return the folders that :meth:`put` has made; what else lies there is not ours."""
        self._refuse_link()
        try:
            return [path for path in self.folder.iterdir() if _is_batch(path) and path.is_dir()]
        except FileNotFoundError:
            return []

    def _refuse_link(self) -> None:
        if self.folder.is_symlink():
            raise GalleryError(
                f"{self.folder} is a link to {self.folder.resolve()}, and nothing there is moved "
                "or deleted: remove the link, and a trash of the gallery's own is made.",
                code="linked-folder",
                field="gallery",
            )


def _is_batch(path: Path) -> bool:
    return _BATCH.fullmatch(path.name) is not None and not path.is_symlink()


def _files(batch: Path) -> Iterator[Path]:
    for place, _, files in os.walk(batch):  # goes into no links
        yield from (Path(place, name) for name in files)


def _move(source: Path, target: Path) -> None:
    """Rename into a folder that is made; again if another process removes it while empty."""
    for last in (False, False, True):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _rename(source, target)
            return
        except FileNotFoundError:
            if last or not source.exists():
                raise


def _rename(source: Path, target: Path) -> None:
    """Rename; to another disk, where a folder of the gallery is a link, by way of a copy."""
    try:
        source.rename(target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    copy = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        shutil.copy2(source, copy)
        copy.rename(target)
    finally:
        copy.unlink(missing_ok=True)
    source.unlink()


def _move_as_new(source: Path, target: Path) -> Path:
    """Move to a name that is free: ``a.png``, else ``a-2.png`` and so on; return it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    place, number = target, 1
    while True:
        try:
            os.link(source, place)  # unlike a rename, refuses a name that is taken
        except FileExistsError:
            number += 1
            place = target.with_stem(f"{target.stem}-{number}")
            continue
        except FileNotFoundError:
            raise
        except OSError:  # a file system without hard links: the next best
            if place.exists():
                number += 1
                place = target.with_stem(f"{target.stem}-{number}")
                continue
            _rename(source, place)
            return place
        source.unlink(missing_ok=True)
        return place


def _prune(folder: Path) -> None:
    """Remove a folder with those in it, as far as they are empty."""
    for place, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            os.rmdir(place)


def _not_trashed(path: Path, error: OSError) -> GalleryError:
    if isinstance(error, FileNotFoundError):
        return GalleryError(
            f"{path} is not there any more: it was moved or deleted by something else.",
            code="file-missing",
            field="paths",
        )
    return GalleryError(
        f"{path} could not be moved to the trash ({error.strerror or error}); it is still where "
        "it was: check that its folder can be written.",
        code="not-trashed",
        field="paths",
    )
