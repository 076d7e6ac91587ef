"""Report of a suite as text for a terminal and as HTML with thumbnails."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.experiments.html import render, thumbnail_budget, thumbnail_url, write_page

if TYPE_CHECKING:
    from .report import PictureResult, Rate, SuiteReport

_BYTES = 120_000  # of all thumbnails in a notebook; a third more as text
_SIDE = 112  # px
_MOST_CHANGES = 12  # lines
_MARKS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}


def as_text(report: SuiteReport) -> str:
    """Return a line for each picture, its failures below it, then the pass rates."""
    lines = [report.suite.name]
    wide = max(_width(result.case.id) for result in report.results)
    models = max(len(result.model) for result in report.results)
    for result in report.results:
        marks = "".join(_MARKS[verdict.status] for _, verdict in result.checked)
        seed = f"seed {result.params.seed}"
        lines.append(
            f"  {_padded(result.case.id, wide)}  {result.model:{models}}  {seed:7} {marks}"
        )
        for check, verdict in result.checked:
            if verdict.status in ("failed", "error"):
                lines.append(f"      {verdict.status}: {check.label}: {verdict.message}")
    lines += ["", *(_rate_line(rate) for rate in report.rates())]
    return "\n".join([*lines, *_notes(report)])


def _rate_line(rate: Rate) -> str:
    name = rate.name if rate.group == "all" else f"{rate.group} {rate.name}"
    return f"{_padded(name, 22)} {_share(rate)}"


def _share(rate: Rate) -> str:
    extra = [f"{rate.errors} with errors"] if rate.errors else []
    extra += [f"{rate.skipped} skipped"] if rate.skipped else []
    note = f" ({', '.join(extra)})" if extra else ""
    if not rate.n:
        return f"none made{note}"
    low, high = (f"{100 * end:.1f}" for end in rate.interval)
    return f"{rate.passed} of {rate.n}: {100 * rate.share:.1f} % (95 %: {low}-{high}){note}"


def _notes(report: SuiteReport) -> list[str]:
    """Return why checks were skipped, what was left out and what has changed, a line each."""
    lines = []
    reasons = [verdict.message for result in report.results for _, verdict in result.checked
               if verdict.status == "skipped"]  # fmt: skip
    for reason in dict.fromkeys(reasons):
        lines.append(f"skipped {reasons.count(reason)}: {reason}")
    if report.left_out:
        more = f" and {len(report.left_out) - 1} more" if len(report.left_out) > 1 else ""
        lines.append(f"left out: {report.left_out[0].rstrip('.')}{more}.")
    for change, names in (("failed", report.newly_failed), ("passed", report.newly_passed)):
        lines += [f"newly {change}: {name}" for name in names[:_MOST_CHANGES]]
        if len(names) > _MOST_CHANGES:
            lines.append(f"newly {change}: {len(names) - _MOST_CHANGES} more")
    pictures = len({result.key for result in report.results})
    lines.append(f"{report.drawn} of {pictures} pictures drawn, {report.seconds:.1f} s")
    return lines


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def as_html(report: SuiteReport, side: int = _SIDE, most: int | None = _BYTES) -> str:
    """Return tables with thumbnails and alt text, as HTML without script.

    Parameters
    ----------
    report : SuiteReport
        The report.
    side : int
        Longer side of each thumbnail, px.
    most : int or None
        Bytes that all thumbnails may take together; failures go first, and a line says how
        many pictures are left out. None sets no limit.
    """
    results = report.results
    room, each = thumbnail_budget(len(results), most)
    first = sorted(results, key=lambda result: result.passed)[:room]
    shown = {id(result) for result in first}

    def thumbnail(result: PictureResult) -> str:
        image = result.image if id(result) in shown else None
        return "" if image is None else thumbnail_url(image, side, each or side * side * 3)

    lines = _notes(report)
    if room < len(results):
        lines.append(f"{room} of {len(results)} pictures are shown, to keep this small")
    cases = {result.case.id: result.case for result in results}
    return render(
        "suite/report.html.j2",
        report=report,
        share=_share,
        lines=lines,
        cases=[
            (case, [result for result in results if result.case.id == name])
            for name, case in cases.items()
        ],
        side=side,
        thumbnail=thumbnail,
        marks=_MARKS,
    )


def write_html(report: SuiteReport, path: Path, side: int) -> Path:
    """Write one HTML file with everything in it; return its absolute path."""
    name, about = report.suite.name, report.suite.about
    return write_page(path, name, about, as_html(report, side, None))
