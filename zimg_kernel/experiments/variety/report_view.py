"""A comparison of methods as a table of text, and as small HTML with pictures."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zimg_kernel.images.encode import jpeg_url

if TYPE_CHECKING:
    from .report import Row, VarietyReport

_SHEET_BYTES = 150_000  # of JPEG in all, so that a saved notebook stays small
_LEAST_BYTES = 1500  # of one picture; the headers of a JPEG alone take 600
_SIDE = 88  # px
_HEADS = ("method", "diversity (95 %)", "× seeds (95 %)", "keeps to prompt (95 %)", "time")


def as_text(report: VarietyReport) -> str:
    """Return the table in columns, with what there is to say below it."""
    lines = [_HEADS, *(_cells(row) for row in report.rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADS))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([_title(report), *text, *remarks(report)])


def as_html(report: VarietyReport) -> str:
    """Return the table, and below it a strip of pictures for each prompt and method."""
    head = "".join(f'<th scope="col" style="text-align:start">{h}</th>' for h in _HEADS)
    body = "".join(
        f'<tr title="{html.escape(row.about, quote=True)}"><th scope="row" '
        f'style="text-align:start">{html.escape(row.method)}</th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(row)[1:])
        + "</tr>"
        for row in report.rows
    )
    said = "".join(f"<p>{html.escape(remark)}</p>" for remark in remarks(report))
    return (
        f'<div style="overflow-x:auto"><table><caption style="text-align:start">'
        f"{html.escape(_title(report))}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>{said}{_strips(report)}</div>"
    )


def remarks(report: VarietyReport) -> list[str]:
    """Return what there is to say beside the figures, in sentences."""
    said = [f"{row.method}: {note}" for row in report.rows for note in row.notes]
    judged = [row.following for row in report.rows if row.following.value is not None]
    if not judged:
        said += list(dict.fromkeys(row.following.note for row in report.rows))[:1]
    elif judged[0].by == "judge":
        pictures = sum(cell.status == "done" for cell in report.rows[0].cells)
        if len(report.rows[0].following.scores) < pictures:
            said.append(
                f"The miniature's judge could say of {len(report.rows[0].following.scores)} of "
                f"{pictures} pictures of each method whether they keep to their prompt: it knows "
                "single objects."
            )
    if any(cell.found for row in report.rows for cell in row.cells):
        said.append(
            "Some pictures were there already: their times are of an earlier run, and may not "
            "be comparable."
        )
    return [*(sentence for sentence in said if sentence), *report.warnings]


def _title(report: VarietyReport) -> str:
    prompts = report.prompts
    what = f"“{prompts[0]}”" if len(prompts) == 1 else f"{len(prompts)} prompts"
    return f"Variety of {report.model}: {what}, {report.n} pictures each"


def _cells(row: Row) -> tuple[str, ...]:
    gain = "-"
    if row.gain is not None and row.method != "seeds":
        value, low, high = row.gain
        gain = f"{value:.2f}" + ("" if math.isnan(low) else f" ({low:.2f}-{high:.2f})")
    time = "-" if row.ratio is None else f"{row.ratio:.2f}×"
    if row.seconds is not None and row.method == "seeds":
        time = f"{row.seconds:.2f} s"
    return row.method, str(row.diversity or "-"), gain, str(row.following), time


def _strips(report: VarietyReport) -> str:
    """As many prompts as there is room for."""
    each = report.n * len(report.rows)
    shown = max(1, _SHEET_BYTES // (_LEAST_BYTES * each))
    prompts: Sequence[str] = report.prompts[:shown]
    budget = max(_LEAST_BYTES, _SHEET_BYTES // (each * len(prompts)))
    room = _SHEET_BYTES // budget
    parts = []
    for layer, prompt in enumerate(prompts):
        lines = ""
        for row in report.rows:
            pictures = []
            for cell in row.cells:
                image = cell.image if cell.layer == layer and room > 0 else None
                if image is None:
                    continue
                room -= 1
                address = jpeg_url(image.preview(_SIDE, budget))
                alt = html.escape(f"{image.params.prompt}, seed {image.seed}", quote=True)
                pictures.append(
                    f'<img alt="{alt}" title="{alt}" src="{address}" style="border-radius:4px">'
                )
            if pictures:
                lines += (
                    f'<div style="display:flex;gap:6px;align-items:center;margin:4px 0">'
                    f'<span style="min-width:9em">{html.escape(row.method)}</span>'
                    f"{''.join(pictures)}</div>"
                )
        parts.append(f"<h4>{html.escape(prompt)}</h4>{lines}")
    left = len(report.prompts) - len(prompts)
    if left:
        parts.append(f"<p>{left} more prompts are not shown, to keep this small.</p>")
    return "".join(parts)
