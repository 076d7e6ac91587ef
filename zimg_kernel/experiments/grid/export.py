"""Export of a grid: HTML tables, CSV, one picture."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.experiments.batch.paths import output_path
from zimg_kernel.experiments.csv_cells import cell as csv_cell
from zimg_kernel.experiments.html import render, thumbnail_budget, thumbnail_url, write_page
from zimg_kernel.files import atomic_file
from zimg_kernel.images.contact_sheet import contact_sheet
from zimg_kernel.images.draw_text import draw_centred, font
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from .grid import Grid

_SHEET_BYTES = 500_000  # of JPEG in a notebook's table; a third more as text
_GAP = 8  # px
_FIELDS = [n for n in GenerationParams.model_fields if n not in ("schema_version", "count")]
_STYLE = (
    "table{margin-bottom:24px}th,td{padding:4px}"
    "caption{text-align:start;padding:4px;font-weight:600}"
    "th[scope=row]{text-align:end}img{display:block}"
)


def tables(grid: Grid, side: int = 128, most: int | None = _SHEET_BYTES) -> str:
    """Return a table for each layer, with thumbnails and alt text, as HTML without script.

    Parameters
    ----------
    grid : Grid
        The grid, finished or not.
    side : int
        Longer side of each thumbnail, px.
    most : int or None
        Bytes that all thumbnails may take together; pictures that do not fit are left out, and
        a line says so. None sets no limit.
    """
    x, y, z = (grid.axes[name] for name in "xyz")
    done = sum(cell.status == "done" for cell in grid.cells)
    room, each = thumbnail_budget(done, most)
    places = iter(range(room))

    def thumbnail(cell: Cell) -> str:
        if cell.status != "done" or next(places, None) is None or (image := cell.image) is None:
            return ""
        return thumbnail_url(image, side, each or side * side)

    layers = [
        (
            " · ".join(_titles(grid, layer)) or "Grid of pictures",
            [
                (heading, [grid.cell(row, column, layer) for column in range(len(x))])
                for row, heading in enumerate(y.headings)
            ],
        )
        for layer in range(len(z))
    ]
    return render(
        "grid/tables.html.j2",
        layers=layers,
        corner=_corner(grid),
        columns=x.headings,
        side=side,
        thumbnail=thumbnail,
        hidden=f"{room} of {done} pictures are shown, to keep this small." if done > room else "",
    )


def _titles(grid: Grid, layer: int) -> list[str]:
    z = grid.axes["z"]
    return [text for text in (grid.title, z.label and f"{z.label} {z.headings[layer]}") if text]


def _corner(grid: Grid) -> str:
    x, y = grid.axes["x"].label, grid.axes["y"].label
    return " / ".join(filter(None, (y and f"{y} ↓", x and f"{x} →")))


def write_html(grid: Grid, path: Path, side: int) -> Path:
    """Write one HTML file with everything in it; return its absolute path."""
    common = grid.params.model_dump(exclude_defaults=True)
    about = ", ".join(f"{name}: {value}" for name, value in common.items())
    title = grid.title or "Grid of pictures"
    return write_page(path, title, about, tables(grid, side, None), _STYLE)


def write_csv(grid: Grid, path: Path) -> Path:
    """Write a row for each cell, in UTF-8 with the mark by which spreadsheets know it.

    Text that begins as a formula does has a ``'`` in front.
    """
    path = output_path(path, ".csv")
    times = sorted({name for cell in grid.cells for name in cell.timings})
    axes = [(name, axis) for name, axis in grid.axes.items() if axis.label]
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(
        [csv_cell(f"{name} ({axis.label})") for name, axis in axes]
        + _FIELDS
        + ["hash", "status", "path", *(f"seconds {name}" for name in times), "error"]
    )
    for cell in grid.cells:
        at = {"x": cell.column, "y": cell.row, "z": cell.layer}
        fields = cell.params.model_dump()
        out.writerow(
            [csv_cell(axis.headings[at[name]]) for name, axis in axes]
            + [csv_cell(fields[name]) for name in _FIELDS]
            + [cell.key, cell.status, csv_cell(str(cell.path or ""))]
            + [round(cell.timings[name], 4) if name in cell.timings else "" for name in times]
            + [csv_cell(cell.error)]
        )
    with atomic_file(path) as file:
        file.write(text.getvalue().encode("utf-8-sig"))
    return path


def as_picture(grid: Grid, side: int) -> Image.Image:
    """Return all layers one below the other, with titles and headings, as one RGB picture."""
    layers = [_layer(grid, layer, side) for layer in range(len(grid.axes["z"]))]
    sheet = Image.new("RGB", (layers[0].width, sum(one.height for one in layers)), "white")
    top = 0
    for one in layers:
        sheet.paste(one, (0, top))
        top += one.height
    return sheet


def _layer(grid: Grid, layer: int, side: int) -> Image.Image:
    x, y = grid.axes["x"], grid.axes["y"]
    cells = [grid.cell(row, column, layer) for row in range(len(y)) for column in range(len(x))]
    body = contact_sheet([_thumbnail(cell, side) for cell in cells], len(x), side, _GAP)
    size = max(12, side // 12)
    left = min(round(1.25 * side), 10 + round(max(font(size).getlength(h) for h in y.headings)))
    left = left + _GAP if y.label else 0
    name = " · ".join(filter(None, [*_titles(grid, layer), _corner(grid)]))
    line = round(2.2 * size)
    top = 2 * line if x.label else line
    sheet = Image.new("RGB", (left + body.width, top + body.height), "white")
    sheet.paste(body, (left, top))
    draw = ImageDraw.Draw(sheet)
    draw_centred(draw, name, (_GAP, 0, sheet.width - _GAP, line), size, bold=True)
    for column, heading in enumerate(x.headings if x.label else ()):
        start = left + _GAP + column * (side + _GAP)
        draw_centred(draw, heading, (start, line, start + side, top), size)
    for row, heading in enumerate(y.headings if y.label else ()):
        start = top + _GAP + row * (side + _GAP)
        draw_centred(draw, heading, (_GAP, start, left, start + side), size)
    return sheet


def _thumbnail(cell: Cell, side: int) -> Image.Image:
    image = cell.image
    if image is not None:
        return image.image
    empty = Image.new("RGB", (side, side), "#eeeeee")
    text = cell.error or "·"
    draw_centred(ImageDraw.Draw(empty), text, (8, 8, side - 8, side - 8), max(11, side // 16))
    return empty
