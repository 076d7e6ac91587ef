"""A table of pictures with row and column headings, filled one by one while they are drawn."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from zimg_kernel import BadInput
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.encode import Source

from .cells import Cell, cell_of
from .labels import LABELS
from .static_html import static_table

Place = tuple[int, int, int]
"""Layer, row and column of a cell, from 0."""

_MOST_ASKED = 200  # cells in one answer; Jupyter drops messages beyond 1000 a second


class GridView(Control):
    """A table of pictures, empty at first; :meth:`put` and :meth:`fail` fill its cells.

    A cell reaches the page as one message with a thumbnail, whatever the size of the table;
    pages that come later ask for the cells that they show. Enter or a click opens a cell
    large, with its parameters. Cells may be filled from any thread.

    Parameters
    ----------
    rows, columns : sequence
        The headings; anything whose ``str`` can be read. One cell stands where two meet.
    x_label, y_label : str
        What the columns, and the rows, are: ``x_label="steps"``.
    title : str
        Stands above the table and names it to screen readers.
    layers : sequence, optional
        Headings along a third axis; one layer is shown at a time.
    z_label : str
        What the layers are.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Raises
    ------
    BadInput
        There are no rows, columns or layers.

    Examples
    --------
    >>> grid = GridView([1, 2], ["red", "blue"], x_label="colour", language="en")
    >>> grid.put(0, 1, Image.new("RGB", (64, 64), "blue"), "seed 1")
    >>> grid.fail(1, 0, "The memory was too small.")
    >>> grid.progress
    (2, 4)
    """

    _esm = bundle("grid/widget.js")
    _css = bundle("grid/widget.css")
    LABELS = LABELS

    rows = traitlets.Tuple().tag(sync=True)
    """The headings of the rows."""

    columns = traitlets.Tuple().tag(sync=True)
    """The headings of the columns."""

    layers = traitlets.Tuple().tag(sync=True)
    """The headings of the third axis; one, empty, if there is none."""

    x_label = traitlets.Unicode().tag(sync=True)
    y_label = traitlets.Unicode().tag(sync=True)
    z_label = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)

    layer = traitlets.Int(0).tag(sync=True)
    """The layer that is shown, from 0."""

    cell_size = traitlets.Int(128, min=48, max=256).tag(sync=True)
    """The longer side of a picture in the table, 48 to 256 CSS px."""

    def __init__(
        self,
        rows: Sequence[object],
        columns: Sequence[object],
        *,
        x_label: str = "",
        y_label: str = "",
        title: str = "",
        layers: Sequence[object] | None = None,
        z_label: str = "",
        language: str | None = None,
        cell_size: int = 128,
    ) -> None:
        self._cells: dict[Place, Cell] = {}
        self._serial = 0
        self._lock = threading.Lock()
        super().__init__(
            language=language,
            rows=_headings(rows, "rows"),
            columns=_headings(columns, "columns"),
            layers=("",) if layers is None else _headings(layers, "layers"),
            x_label=x_label,
            y_label=y_label,
            z_label=z_label,
            title=title,
            cell_size=cell_size,
        )
        self.on_msg(self._on_message)

    @property
    def progress(self) -> tuple[int, int]:
        """Number of cells that are filled or have failed, and of all."""
        return len(self._cells), len(self.rows) * len(self.columns) * len(self.layers)

    def put(
        self, row: int, column: int, image: Source, caption: str = "", *, layer: int = 0
    ) -> None:
        """Show a picture in a cell; an earlier one is replaced.

        Parameters
        ----------
        row, column, layer : int
            Which cell, from 0.
        image : GeneratedImage, PIL.Image.Image, str or Path
            A picture in memory is kept as a JPEG of at most 2048 px, one that is saved is read
            again when it is opened large: thousands of cells need little memory.
        caption : str
            A short remark below the picture.

        Raises
        ------
        BadInput
            There is no such cell, or the image is no picture.
        """
        place = self._place(row, column, layer)
        self._fill(place, cell_of(image, caption))

    def fail(self, row: int, column: int, sentence: str, *, layer: int = 0) -> None:
        """Say in a cell why it has no picture.

        Raises
        ------
        BadInput
            There is no such cell.
        """
        self._fill(self._place(row, column, layer), Cell(failure=str(sentence)))

    def to_static_html(self) -> str:
        """Return the table with small thumbnails as HTML; all layers one below the other."""
        with self._lock:
            cells = dict(self._cells)
        return static_table(self, cells)

    def _place(self, row: int, column: int, layer: int) -> Place:
        for name, index, headings in (
            ("row", row, self.rows),
            ("column", column, self.columns),
            ("layer", layer, self.layers),
        ):
            whole = isinstance(index, int) and not isinstance(index, bool)
            if not whole or not 0 <= index < len(headings):
                raise BadInput(
                    f"There is no {name} {index!r}: this grid has {name}s 0 to "
                    f"{len(headings) - 1}, counted from 0.",
                    code="unknown-cell",
                    field=name,
                )
        return layer, row, column

    def _fill(self, place: Place, cell: Cell) -> None:
        with self._lock:
            self._serial += 1
            cell.serial = self._serial
            new = place not in self._cells
            self._cells[place] = cell
            done, total = self.progress
        self._send_cell(place, cell)
        if new and done == total:
            self.update_static_html()

    def _send_cell(self, place: Place, cell: Cell) -> None:
        self.send({"kind": "cell", "at": place, **cell.summary()}, [cell.thumbnail])

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        """Answer a page: which cells there are, some of them, or one of them large."""
        if not isinstance(content, Mapping):
            return
        kind = content.get("kind")
        with self._lock:
            cells = dict(self._cells)
        if kind == "hello":
            failed = [place for place, cell in cells.items() if cell.failure]
            self.send({"kind": "known", "cells": list(cells), "failed": failed})
        elif kind == "ask":
            for asked in list(content.get("cells", ()))[:_MOST_ASKED]:
                if (place := tuple(asked)) in cells:
                    self._send_cell(place, cells[place])
        elif kind == "open" and (place := tuple(content.get("at", ()))) in cells:
            picture, problem = cells[place].large()
            reply = {"kind": "large", "at": place, "problem": problem}
            self.send({**reply, "details": cells[place].details}, [picture])


def _headings(values: Sequence[object], name: str) -> tuple[str, ...]:
    if isinstance(values, str) or not len(values):
        raise BadInput(
            f"{name} cannot be {values!r}: give a list of at least one heading.",
            code="no-headings",
            field=name,
        )
    return tuple(map(str, values))
