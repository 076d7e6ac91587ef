"""Manifest of a batch, such as ``grid.json``: which pictures are there, kept through a kill."""

from __future__ import annotations

import json
import logging
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zimg_kernel.engine.batch import Result, describe_error, group_by_key
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.errors import BadInput, ZimgError, ZimgWarning
from zimg_kernel.files import atomic_file
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.metadata import read_record
from zimg_kernel.params import GenerationParams

from .cells import Cell

NAME = "grid.json"
PICTURES = "pictures"
_VERSION = 1
_SHARE = 0.005  # of the time may go into writing: a large manifest is written less often
_log = logging.getLogger(__name__)


@dataclass
class Manifest:
    """Pictures of a batch by the hash of their parameters.

    Pictures of cells that were taken out of a grid stay listed: put in again, they are there.

    Attributes
    ----------
    folder : Path
        Where the file lies.
    facts : mapping
        What was asked for, written beside the pictures.
    seeds : dict of str to int
        Seeds drawn for -1, by place, so that a batch that goes on keeps them.
    cells : dict of str to dict
        ``path`` and ``timings``, or ``error``, for each hash.
    name : str
        Of the file.
    """

    folder: Path
    facts: Mapping[str, Any] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    cells: dict[str, dict[str, Any]] = field(default_factory=dict)
    name: str = NAME
    _next_write: float = 0.0

    @classmethod
    def read(
        cls, folder: Path, facts: Mapping[str, Any] | None = None, name: str = NAME
    ) -> Manifest:
        """Read the file; one that is damaged is set aside with a warning."""
        path = folder / name
        made = cls(folder, facts or {}, name=name)
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            seeds = {str(place): int(seed) for place, seed in raw["seeds"].items()}
            made.cells = {str(key): dict(cell) for key, cell in raw["cells"].items()}
            made.seeds = seeds
        except FileNotFoundError:
            pass
        except OSError as error:
            raise BadInput(
                f"{path} cannot be read ({error.strerror or error}).",
                code="file-unreadable",
                field="folder",
            ) from None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            aside = path.with_suffix(".unreadable")
            path.rename(aside)
            warnings.warn(
                ZimgWarning(
                    f"{path} is damaged ({error}) and was set aside as {aside.name}; pictures are "
                    "looked for in the gallery.",
                    code="set-aside",
                    field="folder",
                ),
                stacklevel=4,
            )
        return made

    def draw_seed(self, place: str) -> int:
        """Return the seed that stands for -1 at a place; it is drawn once and kept."""
        if place not in self.seeds:
            self.seeds[place] = GenerationParams(prompt="any").with_seed().seed
        return self.seeds[place]

    def record(self, cells: Sequence[Cell], result: Result) -> None:
        """Take over the result of cells with equal parameters, and write it down.

        A picture that no gallery keeps is saved in the manifest's folder.
        """
        image = None if isinstance(result, Exception) else result
        if image is not None and image.path is None:
            try:
                image.save(self.picture(cells[0].key))
            except ZimgError:
                _log.debug("the picture %s stays in memory", cells[0].key, exc_info=True)
        for cell in cells:
            cell.error = describe_error(result) if isinstance(result, Exception) else ""
            if image is not None:
                cell.path, cell.timings = image.path, image.timings
                cell.loaded = image if image.path is None else None
        self._note(cells[0])
        self.write()

    def write(self, *, now: bool = False) -> None:
        """Write the file, whole or not at all, unless it was written a moment ago.

        What is not written when a process is killed is found in the gallery.

        Raises
        ------
        ZimgError
            The folder cannot be written.
        """
        started = time.monotonic()
        if not now and started < self._next_write:
            return
        raw = {"version": _VERSION, **self.facts, "seeds": self.seeds, "cells": self.cells}
        with atomic_file(
            self.folder / self.name, hint="the pictures are kept: give another folder to go on."
        ) as file:
            file.write(json.dumps(raw, ensure_ascii=False, indent=1).encode())
        ended = time.monotonic()
        self._next_write = ended + (ended - started) / _SHARE

    def fill(self, cells: Iterable[Cell], gallery: Gallery | None) -> None:
        """Give cells that wait the pictures that are there, by the manifest or in the gallery."""
        waiting = group_by_key(cell for cell in cells if cell.status == "waiting")
        for key, alike in waiting.items():
            known = self.cells.get(key, {})
            if path := known.get("path"):
                self._use_picture(alike, self.folder / path, known.get("timings"))
            if alike[0].path is None:
                self._use_picture(alike, self.picture(key), None)
        missing = {key for key, alike in waiting.items() if alike[0].path is None}
        if missing and gallery is not None:
            for key, path, timings in _in_gallery(gallery, missing):
                self._use_picture(waiting[key], path, timings)

    def picture(self, key: str) -> Path:
        """Return the path of a picture that no gallery keeps."""
        return self.folder / PICTURES / f"{key[:16]}.png"

    def _note(self, cell: Cell) -> None:
        if cell.error:
            self.cells[cell.key] = {"error": cell.error}
        elif cell.path is not None:
            inside = cell.path.is_relative_to(self.folder)
            path = cell.path.relative_to(self.folder).as_posix() if inside else str(cell.path)
            self.cells[cell.key] = {"path": path, "timings": cell.timings}

    def _use_picture(self, alike: list[Cell], path: Path, timings: dict[str, float] | None) -> None:
        """Give cells of one key a picture, if the file is whole and has these parameters."""
        if not path.is_file():
            return
        try:
            record = read_record(path)
        except BadInput:  # cut off or overwritten: drawn again
            return
        if _hash(record) != alike[0].key:
            return
        for cell in alike:
            cell.path, cell.found = path, True
            cell.timings = record.get("timings", {}) if timings is None else timings


def _in_gallery(gallery: Gallery, keys: set[str]) -> Iterable[tuple[str, Path, dict[str, float]]]:
    """Find pictures by the hash that their names begin with; other software's are left alone.

    The same parameters give the same picture only with the same software.
    """
    starts = {key[:8] for key in keys}
    names = [name for name in gallery.names() if _short_hash(name) in starts]
    for entry in gallery.entries(names):
        key = _hash(entry.record)
        if key in keys and entry.record.get("versions") == software_versions():
            yield key, entry.path, entry.record.get("timings", {})


def _short_hash(name: str) -> str:
    """The digits in ``143005-120_seed7_0a1b2c3d.png`` or ``143005-120_seed7_0a1b2c3d-2.png``."""
    return Path(name).stem.rpartition("_")[2].partition("-")[0]


def _hash(record: Mapping[str, Any]) -> str:
    try:
        return GenerationParams.from_dict(record["params"]).hash
    except (BadInput, LookupError, TypeError):
        return ""
