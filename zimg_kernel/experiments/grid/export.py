"""A grid to keep and to give away: as an HTML table, as CSV, as one picture."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.files import atomic_file
from zimg_kernel.images.contact_sheet import contact_sheet
from zimg_kernel.images.draw_text import draw_centred, font
from zimg_kernel.images.encode import jpeg_url
from zimg_kernel.images.metadata import is_picture_name
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from .grid import Grid

_SHEET_BYTES = 500_000  # of JPEG in a notebook's table; a third more as text
_LEAST_BYTES = 1500  # of one picture; the headers of a JPEG alone take 600
_GAP = 8  # px
_FIELDS = [n for n in GenerationParams.model_fields if n not in ("schema_version", "count")]
_STYLE = (
    "<style>:root{color-scheme:light dark}body{font:14px system-ui,sans-serif;margin:24px}"
    "table{border-collapse:collapse;margin-bottom:24px}th,td{padding:4px}"
    "caption{text-align:start;padding:4px;font-weight:600}"
    "th[scope=row]{text-align:end}img{display:block;border-radius:4px}</style>"
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
    there = sum(cell.status == "done" for cell in grid.cells)
    each = None if most is None else max(_LEAST_BYTES, most // max(1, there))
    room = there if most is None or each is None else most // each
    shown = iter(range(room))
    text = "".join(_table(grid, layer, side, each, shown) for layer in range(len(grid.axes["z"])))
    if there > room:
        text += f"<p>{room} of {there} pictures are shown, to keep this small.</p>"
    return f'<div style="overflow-x:auto">{text}</div>'


def _table(grid: Grid, layer: int, side: int, each: int | None, shown: Iterator[int]) -> str:
    x, y, z = (grid.axes[name] for name in "xyz")
    parts = [grid.title, f"{z.label} {z.headings[layer]}" if z.label else ""]
    name = " · ".join(filter(None, parts)) or "Grid of pictures"
    corner = " / ".join(filter(None, (y.label and f"{y.label} ↓", x.label and f"{x.label} →")))
    heads = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in x.headings)
    rows = ""
    for row, heading in enumerate(y.headings):
        line = "".join(
            f"<td>{_cell(grid.cell(row, column, layer), side, each, shown)}</td>"
            for column in range(len(x))
        )
        rows += f'<tr><th scope="row">{html.escape(heading)}</th>{line}</tr>'
    return (
        f"<table><caption>{html.escape(name)}</caption><thead><tr>"
        f"<td>{html.escape(corner)}</td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(cell: Cell, side: int, each: int | None, shown: Iterator[int]) -> str:
    if cell.error:
        sentence = html.escape(cell.error)
        return f'<small style="display:block;max-width:{side}px">{sentence}</small>'
    if cell.status == "waiting" or next(shown, None) is None or (image := cell.image) is None:
        return '<small style="opacity:.7">·</small>'
    address = jpeg_url(image.preview(side, each or side * side))
    alt = html.escape(cell.params.prompt, quote=True)
    return f'<img alt="{alt}" src="{address}">'


def write_html(grid: Grid, path: Path, side: int) -> Path:
    """Write one HTML file with everything in it; return its absolute path."""
    path = _named(path, ".html")
    title = html.escape(grid.title or "Grid of pictures")
    common = grid.params.model_dump(exclude_defaults=True)
    said = ", ".join(f"{name}: {value}" for name, value in common.items())
    body = f"<h1>{title}</h1><p>{html.escape(said)}</p>{tables(grid, side, None)}"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title>{_STYLE}"
    )
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'
    with atomic_file(path) as file:
        file.write(page.encode())
    return path


def write_csv(grid: Grid, path: Path) -> Path:
    """Write a row for each cell, in UTF-8 with the mark by which spreadsheets know it."""
    path = _named(path, ".csv")
    times = sorted({name for cell in grid.cells for name in cell.timings})
    axes = [(name, axis) for name, axis in grid.axes.items() if axis.label]
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(
        [f"{name} ({axis.label})" for name, axis in axes]
        + _FIELDS
        + ["hash", "status", "path", *(f"seconds {name}" for name in times), "error"]
    )
    for cell in grid.cells:
        at = {"x": cell.column, "y": cell.row, "z": cell.layer}
        fields = cell.params.model_dump()
        out.writerow(
            [axis.headings[at[name]] for name, axis in axes]
            + [fields[name] for name in _FIELDS]
            + [cell.key, cell.status, cell.path or ""]
            + [round(cell.timings[name], 4) if name in cell.timings else "" for name in times]
            + [cell.error]
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
    x, y, z = (grid.axes[name] for name in "xyz")
    cells = [grid.cell(row, column, layer) for row in range(len(y)) for column in range(len(x))]
    body = contact_sheet([_thumbnail(cell, side) for cell in cells], len(x), side, _GAP)
    size = max(12, side // 12)
    left = min(round(1.25 * side), 10 + round(max(font(size).getlength(h) for h in y.headings)))
    left = left + _GAP if y.label else 0
    parts = [grid.title, f"{z.label} {z.headings[layer]}" if z.label else ""]
    labels = [f"{y.label} ↓" if y.label else "", f"{x.label} →" if x.label else ""]
    name = " · ".join(filter(None, [*parts, " / ".join(filter(None, labels))]))
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
    said = cell.error or "·"
    draw_centred(ImageDraw.Draw(empty), said, (8, 8, side - 8, side - 8), max(11, side // 16))
    return empty


def _named(path: Path, ending: str) -> Path:
    """The absolute path; a name that belongs to a picture or another format is refused."""
    path = path.expanduser().absolute()
    if path.suffix.lower() != ending or is_picture_name(path):
        raise BadInput(f"{path.name} must end in {ending}.")
    return path
