"""Report of benchmarks as HTML and as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.experiments.html import LEAST_BYTES, render, thumbnail_budget, write_page
from zimg_kernel.images.encode import data_url
from zimg_kernel.images.open_file import UNREADABLE, open_image

from .table import Picture, Table

if TYPE_CHECKING:
    from .report import BenchReport

_BYTES = 400_000  # of all pictures in a notebook
_SIDE = 128  # px
STYLE = """
body{max-width:1100px;margin:24px auto;padding:0 20px;line-height:1.5}
h2{margin-top:2.2em;border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)}
a{color:inherit}
@media print{
body{max-width:none;margin:0;padding:0;font-size:9pt}
[role=region]{overflow:visible!important}
table{font-size:8pt}
table,table *{white-space:normal!important;overflow-wrap:break-word}
tr,figure{break-inside:avoid}
h2{break-after:avoid}
}
"""


def as_html(report: BenchReport, side: int = _SIDE, most: int | None = _BYTES) -> str:
    """Return the report as HTML without script.

    Parameters
    ----------
    report : BenchReport
        The report.
    side : int
        Longer side of each picture, px.
    most : int or None
        Bytes that all pictures may take together; None sets no limit.
    """
    from markupsafe import Markup

    shown = [cell for section in report.sections for matrix in section.matrices
             for _, cells in matrix.rows for cell in cells if cell and cell.path]  # fmt: skip
    room, each = thumbnail_budget(len(shown), most)
    kept = {id(cell) for cell in shown[:room]}

    def url(cell: Picture | None) -> str:
        if cell is None or cell.path is None or id(cell) not in kept:
            return ""
        return _thumbnail(cell.path, side, each)

    return render(
        "bench/report/report.html.j2",
        sections=report.sections,
        url=url,
        svg=Markup,  # made of elements whose texts are escaped
        side=side,
        left_out=max(0, len(shown) - room),
    )


def _thumbnail(path: Path, side: int, most: int | None) -> str:
    try:
        with open_image(path) as image:
            rgb = image.convert("RGB")
    except UNREADABLE:
        return ""
    quality = 88 if most is None or most > 2 * LEAST_BYTES else 60
    return data_url(rgb, side, quality)


def write_html(report: BenchReport, path: Path, side: int) -> Path:
    """Write one HTML file with everything in it; return its absolute path."""
    machines = {str(one.environment.get("cpu", "")) for one in report.results}
    cards = {str(gpu.get("name")) for one in report.results
             if isinstance(gpu := one.environment.get("gpu"), dict)}  # fmt: skip
    about = " · ".join(sorted(filter(None, cards or machines)))
    return write_page(path, report.title, about, as_html(report, side, None), STYLE)


def as_text(report: BenchReport) -> str:
    """Return all tables for a terminal."""
    parts = [report.title]
    for section in report.sections:
        if section.tables:
            parts += ["", section.title, "=" * _width(section.title)]
        for table in section.tables:
            parts += ["", *_lines(table)]
    return "\n".join(parts)


def _lines(table: Table) -> list[str]:
    lines: list[Sequence[str]] = [table.heads, *table.rows]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(table.heads))]
    made = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    ]
    return [table.caption, *made, *table.notes]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
