"""A grid of pictures that is drawn by any engine, and goes on where it was stopped."""

from __future__ import annotations

import atexit
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zimg_kernel import settings
from zimg_kernel.api import as_params
from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.experiments.batch.cells import Cell, draw_seeds, drawing_order, lay_out
from zimg_kernel.experiments.batch.manifest import Manifest
from zimg_kernel.experiments.batch.runner import Pump, sentence
from zimg_kernel.images.contact_sheet import GeneratedImages
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

from .axes import Axis, as_axis, check_axes

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Cell", "Grid"]

_log = logging.getLogger(__name__)


class Grid:
    """Pictures over one, two or three axes of parameters.

    Every picture goes to the engine's gallery like any other. What is done is noted in
    ``grid.json``: the same grid made again in the same folder, also after its process was
    killed, has the pictures that are there and draws those that are missing.

    Parameters
    ----------
    params : GenerationParams, str or mapping
        What all cells have in common. A seed of -1 is drawn once, for the whole grid.
    x, y, z : Axis or mapping, optional
        What changes along the columns, rows and layers: ``x={"seed": [1, 2, 3]}``,
        ``y=swap("red", ["red", "blue"])``, ``z={"model": ["nano-base", "nano-turbo"]}``.
    engine : Engine, optional
        What draws; the default engine of this process otherwise.
    folder : str or Path, optional
        Of ``grid.json``. By default a folder below ``grids`` in the user's home of zimg that
        is the same for the same grid.
    title : str
        Stands above the table.
    at_once : int
        How many cells are handed to the engine at a time; more than it has places.
    fresh : bool
        Forget what the folder knows: draw new seeds, and every picture again.

    Attributes
    ----------
    cells : list of Cell
        Layer by layer and row by row.
    warnings : tuple of str
        What the user should know, such as a negative prompt without effect.

    Raises
    ------
    BadInput
        An unknown field, an empty axis, a field on two axes, or a cell that its model cannot
        draw. Nothing has been drawn.

    Examples
    --------
    >>> grid = Grid("a red circle", x={"seed": [1, 2]}, y={"steps": [2, 4, 8]}).run()
    >>> grid.progress
    (6, 6)
    """

    def __init__(
        self,
        params: GenerationParams | str | Mapping[str, Any],
        *,
        x: Axis | Mapping[str, Any] | None = None,
        y: Axis | Mapping[str, Any] | None = None,
        z: Axis | Mapping[str, Any] | None = None,
        engine: Engine | None = None,
        folder: str | Path | None = None,
        title: str = "",
        at_once: int = 3,
        fresh: bool = False,
    ) -> None:
        given = {name: as_axis(name, axis) for name, axis in (("x", x), ("y", y), ("z", z))}
        if not any(axis.label for axis in given.values()):
            raise BadInput('A grid needs an axis, such as x={"seed": [1, 2, 3]}.')
        check_axes(given)
        if at_once < 1:
            raise BadInput(f"at_once must be at least 1, not {at_once}.")
        self.params = as_params(params, {})
        self.title = title
        self.engine = engine or default_engine()
        self._facts = _facts(self.params, given, title)
        self.folder = _folder(folder, self._facts)
        self._manifest = Manifest(self.folder) if fresh else Manifest.read(self.folder)
        self.axes = draw_seeds(given, self._manifest.seeds)
        self.cells, self.warnings = lay_out(
            self.params, self.axes, self.engine, self._manifest.seeds
        )
        self._places = {(cell.row, cell.column, cell.layer): cell for cell in self.cells}
        self._by_key: dict[str, list[Cell]] = {}
        for cell in self.cells:
            self._by_key.setdefault(cell.key, []).append(cell)
        self._pump = Pump(self.engine, at_once, self._note)
        self._fresh = fresh
        self._listeners: list[Callable[[Cell | None], None]] = []
        # Not the thread's own end: in Python 3.11 a join() that is interrupted calls a thread
        # that still runs stopped (gh-89437).
        self._ended = threading.Event()
        self._ended.set()
        self._trouble: Exception | None = None
        if not fresh:
            self._find()

    @property
    def images(self) -> GeneratedImages:
        """The pictures that are there, in the order of the cells, read from their files."""
        return GeneratedImages(image for cell in self.cells if (image := cell.image) is not None)

    @property
    def progress(self) -> tuple[int, int]:
        """How many cells are done or have failed, and how many there are."""
        return sum(cell.status != "waiting" for cell in self.cells), len(self.cells)

    @property
    def failures(self) -> list[Cell]:
        """The cells without a picture, each with its sentence."""
        return [cell for cell in self.cells if cell.error]

    @property
    def running(self) -> bool:
        """Whether cells are being drawn."""
        return not self._ended.is_set()

    def cell(self, row: int, column: int, layer: int = 0) -> Cell:
        """Return a cell by its place, from 0."""
        found = self._places.get((row, column, layer))
        if found is None:
            raise BadInput(f"There is no cell in row {row}, column {column}, layer {layer}.")
        return found

    def on_cell(self, listener: Callable[[Cell | None], None]) -> None:
        """Call a function with each cell that is done or has failed, at the end with None.

        It is called in the grid's own thread. The picture of a cell just drawn is at hand in
        ``cell.image`` without reading its file.
        """
        self._listeners.append(listener)

    def start(self) -> Self:
        """Draw what is missing in the background; cells that failed are tried again.

        Raises
        ------
        GalleryError
            The folder cannot be written.
        """
        if self.running:
            return self
        for cell in self.cells:
            cell.error = ""
            if cell.path is not None and not cell.path.exists():
                cell.path, cell.found = None, False
        if not self._fresh:
            self._find()
        self._fresh = False
        self._pump.stopped.clear()
        self._trouble = None
        self._manifest.write(self._facts, now=True)
        # Before the engine's own end: it would cancel one job after the other, as they come.
        atexit.register(self.cancel)
        self._ended.clear()
        threading.Thread(target=self._work, name="zimg-grid", daemon=True).start()
        return self

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing more will be drawn; return whether that is so."""
        return self._ended.wait(timeout)

    def run(self, progress: bool | None = None) -> Self:
        """Draw what is missing and wait for it.

        An interrupt (Ctrl+C, a notebook's stop button) cancels what is left and is raised;
        what is done is kept, and a second ``run`` goes on.

        Parameters
        ----------
        progress : bool, optional
            Show how far it is; by default in notebooks and terminals.

        Raises
        ------
        GalleryError
            ``grid.json`` could not be written.
        """
        from .watch import watch

        self.start()
        try:
            watch(self, progress)
        except KeyboardInterrupt:
            self.cancel()
            self.wait(30)
            raise
        if self._trouble is not None:
            raise self._trouble
        return self

    def cancel(self) -> None:
        """Stop at the next step of what is being drawn; what is done is kept."""
        self._pump.stop()

    def contact_sheet(self, side: int = 192) -> Image.Image:
        """Return all cells with their headings as one picture; each within ``side`` px."""
        from .export import as_picture

        return as_picture(self, side)

    def to_html(self, path: str | Path, side: int = 192) -> Path:
        """Write the table with thumbnails as one HTML file that needs nothing else."""
        from .export import write_html

        return write_html(self, Path(path), side)

    def to_csv(self, path: str | Path) -> Path:
        """Write a row for each cell: place, fields, path, timings, error."""
        from .export import write_csv

        return write_csv(self, Path(path))

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        done, total = self.progress
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"<Grid {done} of {total} cells{failed}, in {self.folder}>"

    def _repr_html_(self) -> str:
        from .export import tables

        return tables(self)

    def _find(self) -> None:
        self._manifest.fill(self.cells, getattr(self.engine, "gallery", None))

    def _work(self) -> None:
        keys = drawing_order([cell for cell in self.cells if cell.status == "waiting"])
        try:
            self._pump.draw({key: self._by_key[key][0].params for key in keys})
            self._manifest.write(self._facts, now=True)
        except Exception as error:
            self._trouble = error
            self.cancel()
            _log.debug("the grid in %s stopped", self.folder, exc_info=error)
        finally:
            atexit.unregister(self.cancel)
            self._tell([None])
            self._ended.set()

    def _note(self, key: str, result: GeneratedImage | Exception) -> None:
        """Take what has become of a cell, write it down, and tell who listens."""
        cells = self._by_key[key]
        image = None if isinstance(result, Exception) else result
        if image is not None and image.path is None:  # no gallery has it
            try:
                image.save(self._manifest.picture(key))
            except ZimgError:
                _log.debug("the picture %s stays in memory", key, exc_info=True)
        for cell in cells:
            cell.error = sentence(result) if isinstance(result, Exception) else ""
            if image is not None:
                cell.path, cell.timings, cell.kept = image.path, image.timings, image
        self._manifest.note(cells[:1])
        self._manifest.write(self._facts)
        self._tell(cells)
        for cell in cells:
            if cell.path is not None:  # thousands of pictures stay on disk, not in memory
                cell.kept = None

    def _tell(self, cells: Iterable[Cell | None]) -> None:
        for cell in cells:
            for listener in self._listeners:
                try:
                    listener(cell)
                except Exception:  # a broken display must not stop the grid
                    _log.exception("a listener of the grid in %s failed", self.folder)


def _facts(params: GenerationParams, axes: Mapping[str, Axis], title: str) -> dict[str, Any]:
    """What was asked for, as the manifest keeps it."""
    asked = {
        name: {"swaps": axis.swaps, "points": [dict(point) for point in axis.points]}
        for name, axis in axes.items()
        if axis.label
    }
    return {"title": title, "params": params.model_dump(exclude_defaults=True), "axes": asked}


def _folder(given: str | Path | None, facts: Mapping[str, Any]) -> Path:
    if given is not None:
        return Path(given).expanduser().absolute()
    text = json.dumps([facts["params"], facts["axes"]], sort_keys=True, default=str)
    return (settings.home() / "grids" / hashlib.sha256(text.encode()).hexdigest()[:12]).absolute()
