"""Grid of pictures over axes of parameters, drawn by any engine and resumable."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zimg_kernel.api import as_params
from zimg_kernel.engine.batch import BatchRunner, Result
from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.progress import ProgressBar, show_warnings
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.experiments.batch.manifest import Manifest
from zimg_kernel.experiments.batch.paths import batch_folder
from zimg_kernel.images.contact_sheet import GeneratedImages
from zimg_kernel.params import GenerationParams

from .axes import Axis, as_axis, check_axes
from .layout import draw_seeds, facts_of, lay_out

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Cell", "Grid"]

_POLL = 0.2  # seconds between two looks at the progress; an interrupt is noticed as soon
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
            raise BadInput(
                'A grid needs an axis, such as x={"seed": [1, 2, 3]}.',
                code="axis-missing",
                field="x",
            )
        check_axes(given)
        self.params = as_params(params, {})
        self.title = title
        self.engine = engine or default_engine()
        facts = facts_of(self.params, given, title)
        self.folder = batch_folder(folder, "grids", [facts["params"], facts["axes"]])
        self._manifest = (
            Manifest(self.folder, facts) if fresh else Manifest.read(self.folder, facts)
        )
        self.axes = draw_seeds(given, self._manifest.draw_seed)
        self.cells, self.warnings = lay_out(
            self.params, self.axes, self.engine, self._manifest.draw_seed
        )
        self._places = {(cell.row, cell.column, cell.layer): cell for cell in self.cells}
        self._runner = BatchRunner(self.engine, at_once, self.cells, self._on_result)
        self._fresh = fresh
        self._listeners: list[Callable[[Cell | None], None]] = []
        # Not the thread's own end: in Python 3.11 a join() that is interrupted calls a thread
        # that still runs stopped (gh-89437).
        self._ended = threading.Event()
        self._ended.set()
        self._failure: Exception | None = None
        if not fresh:
            self._find()

    @property
    def images(self) -> GeneratedImages:
        """The pictures that are there, in the order of the cells, read from their files."""
        return GeneratedImages(image for cell in self.cells if (image := cell.image) is not None)

    @property
    def progress(self) -> tuple[int, int]:
        """Number of cells that are done or have failed, and of all cells."""
        return sum(cell.status != "waiting" for cell in self.cells), len(self.cells)

    @property
    def failures(self) -> list[Cell]:
        """The cells without a picture, each with its sentence."""
        return [cell for cell in self.cells if cell.error]

    @property
    def running(self) -> bool:
        """True while cells are being drawn."""
        return not self._ended.is_set()

    def cell(self, row: int, column: int, layer: int = 0) -> Cell:
        """Return a cell by its place, from 0."""
        found = self._places.get((row, column, layer))
        if found is None:
            raise BadInput(
                f"There is no cell in row {row}, column {column}, layer {layer}.",
                code="unknown-cell",
                field="row",
            )
        return found

    def on_cell(self, listener: Callable[[Cell | None], None]) -> None:
        """Call a function with each cell that is done or has failed, at the end with None.

        It is called in the grid's own thread. The picture of a cell just drawn is in
        ``cell.image`` without reading its file.
        """
        self._listeners.append(listener)

    def start(self) -> Self:
        """Draw what is missing in the background; cells that failed are tried again.

        Raises
        ------
        ZimgError
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
        self._runner.stopped.clear()
        self._failure = None
        self._manifest.write(now=True)
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
        ZimgError
            ``grid.json`` could not be written.
        """
        self.start()
        try:
            self._watch(progress)
        except KeyboardInterrupt:
            self.cancel()
            self.wait(30)
            raise
        if self._failure is not None:
            raise self._failure
        return self

    def cancel(self) -> None:
        """Stop at the next step of what is being drawn; what is done is kept."""
        self._runner.stop()

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
        self._manifest.fill(self.cells, self.engine.gallery)

    def _work(self) -> None:
        try:
            self._runner.draw([cell for cell in self.cells if cell.status == "waiting"])
            self._manifest.write(now=True)
        except Exception as error:
            self._failure = error
            self.cancel()
            _log.debug("the grid in %s stopped", self.folder, exc_info=error)
        finally:
            atexit.unregister(self.cancel)
            self._notify([None])
            self._ended.set()

    def _on_result(self, cells: list[Cell], result: Result) -> None:
        """Record what has become of cells of equal parameters, and notify the listeners."""
        self._manifest.record(cells, result)
        for cell in cells:
            cell.loaded = None if isinstance(result, Exception) else result
        self._notify(cells)
        for cell in cells:
            if cell.path is not None:  # thousands of pictures stay on disk, not in memory
                cell.loaded = None

    def _watch(self, progress: bool | None) -> None:
        """Show the warnings, then the progress until nothing more is drawn."""
        show_warnings(self.warnings, 4)
        with ProgressBar(len(self), self.title or "Grid", progress) as bar:
            while not self.wait(_POLL):
                bar.show(self.progress[0])

    def _notify(self, cells: Iterable[Cell | None]) -> None:
        for cell in cells:
            for listener in self._listeners:
                try:
                    listener(cell)
                except Exception:  # a broken display must not stop the grid
                    _log.exception("a listener of the grid in %s failed", self.folder)
