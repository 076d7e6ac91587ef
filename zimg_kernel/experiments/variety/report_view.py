"""Comparison of methods as a table of text, and as small HTML with pictures."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

from zimg_kernel.experiments.html import LEAST_BYTES, render, thumbnail_url

if TYPE_CHECKING:
    from .report import MethodResult, VarietyReport

_SHEET_BYTES = 150_000  # of JPEG in all, so that a saved notebook stays small
_SIDE = 88  # px
_HEADS = ("method", "diversity (95 %)", "× seeds (95 %)", "keeps to prompt (95 %)", "time")


def as_text(report: VarietyReport) -> str:
    """Return the table in columns, with the notes below it."""
    lines = [_HEADS, *(_figures(row) for row in report.rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEADS))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([_title(report), *text, *notes(report)])


def as_html(report: VarietyReport) -> str:
    """Return the table, and below it a strip of pictures for each prompt and method."""
    prompts = _strips(report)
    return render(
        "variety/report.html.j2",
        title=_title(report),
        heads=_HEADS,
        rows=[(row, _figures(row)[1:]) for row in report.rows],
        notes=notes(report),
        prompts=prompts,
        hidden=len(report.prompts) - len(prompts),
    )


def notes(report: VarietyReport) -> list[str]:
    """Return sentences on what is missing in the figures, and the warnings."""
    found = [f"{row.method}: {note}" for row in report.rows for note in row.notes]
    judged = [row.following for row in report.rows if row.following.value is not None]
    if not judged:
        found.append(report.rows[0].following.note)
    elif judged[0].by == "judge":
        pictures = sum(cell.status == "done" for cell in report.rows[0].cells)
        scored = len(report.rows[0].following.scores)
        if scored < pictures:
            found.append(
                f"The miniature's judge could say of {scored} of {pictures} pictures of each "
                "method whether they keep to their prompt: it knows single objects."
            )
    if any(cell.found for row in report.rows for cell in row.cells):
        found.append(
            "Some pictures were there already: their times are of an earlier run, and may not "
            "be comparable."
        )
    return [*(sentence for sentence in found if sentence), *report.warnings]


def _title(report: VarietyReport) -> str:
    prompts = report.prompts
    what = f"“{prompts[0]}”" if len(prompts) == 1 else f"{len(prompts)} prompts"
    return f"Variety of {report.model}: {what}, {report.n} pictures each"


def _figures(row: MethodResult) -> tuple[str, ...]:
    gain = "-"
    if row.gain is not None and row.method != "seeds":
        value, low, high = row.gain
        gain = f"{value:.2f}" + ("" if math.isnan(low) else f" ({low:.2f}-{high:.2f})")
    time = "-" if row.ratio is None else f"{row.ratio:.2f}×"
    if row.seconds is not None and row.method == "seeds":
        time = f"{row.seconds:.2f} s"
    return row.method, str(row.diversity or "-"), gain, str(row.following), time


def _strips(report: VarietyReport) -> list[tuple[str, list[tuple[str, list[tuple[str, str]]]]]]:
    """Return (prompt, [(method, [(alt text, address)])]) for as many prompts as fit."""
    each = report.n * len(report.rows)
    prompts = report.prompts[: max(1, _SHEET_BYTES // (LEAST_BYTES * each))]
    budget = max(LEAST_BYTES, _SHEET_BYTES // (each * len(prompts)))
    room = _SHEET_BYTES // budget
    found = []
    for layer, prompt in enumerate(prompts):
        strips = []
        for row in report.rows:
            there = (cell.image for cell in row.cells if cell.layer == layer)
            images = list(islice((image for image in there if image is not None), room))
            room -= len(images)
            pictures = [
                (f"{image.params.prompt}, seed {image.seed}", thumbnail_url(image, _SIDE, budget))
                for image in images
            ]
            if pictures:
                strips.append((row.method, pictures))
        found.append((prompt, strips))
    return found
