"""A grid as HTML without script: thumbnails that together stay within a budget."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zimg_kernel.images.open_file import open_image
from zimg_widgets._shared.encode import jpeg_bytes, jpeg_url

from .cells import Cell

if TYPE_CHECKING:
    from .widget import GridView, Place

_CHARACTERS = 700_000  # of all pictures; a notebook with 50 stays under 1 MB
_TRIES = ((192, 82), (160, 75), (128, 70), (96, 65), (64, 60), (48, 50))  # side in px, quality
_LEAST = 0.05  # characters for a pixel
_HEAD = 'style="text-align:center;font-weight:600"'


def static_table(grid: GridView, cells: Mapping[Place, Cell]) -> str:
    """Return the whole grid, a table for each layer."""
    urls = _addresses({place: cell.thumbnail for place, cell in cells.items() if cell.thumbnail})
    tables = (_table(grid, layer, cells, urls) for layer in range(len(grid.layers)))
    text = "".join(tables)
    total = sum(bool(cell.thumbnail) for cell in cells.values())
    if len(urls) < total:
        note = str(grid.labels["cut"]).format(n=len(urls), total=total)
        text += f"<p>{html.escape(note)}</p>"
    return f'<div lang="{grid.language}" style="overflow-x:auto">{text}</div>'


def _addresses(pictures: Mapping[Place, bytes]) -> dict[Place, str]:
    """As large as all fit into the budget; if they never do, as many as fit."""
    for side, quality in _TRIES:
        if (side, quality) != _TRIES[-1] and len(pictures) * side**2 * _LEAST > _CHARACTERS:
            continue  # no picture packs as well as that
        urls: dict[Place, str] = {}
        left = _CHARACTERS
        for place, jpeg in pictures.items():
            image = open_image(io.BytesIO(jpeg))
            image.draft("RGB", (side, side))  # unpacks only as much as is needed
            url = jpeg_url(jpeg_bytes(image, side, quality))
            left -= len(url)
            if left < 0:
                break
            urls[place] = url
        if len(urls) == len(pictures):
            break
    return urls


def _table(
    grid: GridView, layer: int, cells: Mapping[Place, Cell], urls: Mapping[Place, str]
) -> str:
    name = grid.title or str(grid.labels["title"])
    if grid.layers[layer]:
        name += f" · {grid.z_label} {grid.layers[layer]}"
    corner = " / ".join(filter(None, (grid.y_label and f"{grid.y_label} ↓", grid.x_label)))
    heads = "".join(f'<th scope="col" {_HEAD}>{html.escape(c)}</th>' for c in grid.columns)
    lines = []
    for row, heading in enumerate(grid.rows):
        places = [(layer, row, column) for column in range(len(grid.columns))]
        line = "".join(f"<td>{_cell(cells.get(p), urls.get(p), grid)}</td>" for p in places)
        lines.append(f'<tr><th scope="row" {_HEAD}>{html.escape(heading)}</th>{line}</tr>')
    return (
        f'<table><caption style="text-align:start">{html.escape(name)}</caption><thead><tr>'
        f"<td>{html.escape(corner)}</td>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _cell(cell: Cell | None, url: str | None, grid: GridView) -> str:
    if cell is None:
        return ""
    if cell.failure:
        return f'<small style="display:block;max-width:12em">{html.escape(cell.failure)}</small>'
    if url is None:
        return html.escape(cell.caption or "·")
    alt = html.escape(cell.title or cell.caption or str(grid.labels["title"]), quote=True)
    text = f'<img alt="{alt}" src="{url}" style="display:block;margin:auto">'
    if cell.caption:
        text += f'<small style="opacity:.8">{html.escape(cell.caption)}</small>'
    return text
