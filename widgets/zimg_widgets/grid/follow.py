"""Show a grid while it is drawn: its cells go into a live table as they are done."""

from __future__ import annotations

from zimg_kernel.experiments.grid import Cell, Grid
from zimg_widgets._shared.kernel_sentences import translated

from .widget import GridView


def show_grid(grid: Grid, *, language: str | None = None, cell_size: int = 128) -> GridView:
    """Return a table that fills up while a grid is drawn, and start drawing.

    Parameters
    ----------
    grid : Grid
        The grid; its pictures that are there already are shown at once.
    language : {"en", "zh"}, optional
        Of the words on the table.
    cell_size : int
        The longer side of a picture in the table, 48 to 256 CSS px.

    Examples
    --------
    As the last line of a cell:

    >>> show_grid(Grid("a red circle", x={"seed": [1, 2, 3]}, y={"steps": [2, 8]}))
    """
    x, y, z = (grid.axes[name] for name in "xyz")
    view = GridView(
        y.headings,
        x.headings,
        x_label=x.label,
        y_label=y.label,
        layers=z.headings if z.label else None,
        z_label=z.label,
        title=grid.title,
        language=language,
        cell_size=cell_size,
    )

    def heard(cell: Cell | None) -> None:
        if cell is None:
            view.update_static_html()
        else:
            _show(view, cell)

    # First listen, then look: a grid that runs already may fill a cell in between, and one
    # that is shown twice does no harm.
    grid.on_cell(heard)
    for cell in grid.cells:
        _show(view, cell)
    grid.start()
    return view


def _show(view: GridView, cell: Cell) -> None:
    """Fill a cell of the table; one that waits stays empty."""
    if cell.error:
        view.fail(cell.row, cell.column, translated(cell.error, view.language), layer=cell.layer)
    elif (image := cell.image) is not None:
        seconds = cell.timings.get("total")
        caption = f"{seconds:.2f} s" if seconds else ""
        view.put(cell.row, cell.column, image, caption, layer=cell.layer)
