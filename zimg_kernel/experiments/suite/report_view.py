"""A suite's report as text for a terminal and as HTML with small pictures."""

from __future__ import annotations

import html
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.errors import BadInput
from zimg_kernel.files import atomic_file
from zimg_kernel.images.encode import jpeg_url

from .check import CheckResult

if TYPE_CHECKING:
    from .report import PictureResult, Rate, SuiteReport

_BYTES = 120_000  # of all thumbnails in a notebook; a third more as text
_LEAST = 1500  # of one: the head of a JPEG alone takes 600
_SIDE = 112  # px
_MOST_CHANGES = 12  # lines
_MARKS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}
_STYLE = (
    "<style>:root{color-scheme:light dark}body{font:14px system-ui,sans-serif;margin:24px}"
    "table{border-collapse:collapse}img{border-radius:4px}</style>"
)
_CELL = 'style="padding:4px 8px;text-align:start;vertical-align:top"'


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
    return "\n".join([*lines, *_rest(report)])


def _rate_line(rate: Rate) -> str:
    name = rate.name if rate.group == "all" else f"{rate.group} {rate.name}"
    return f"{_padded(name, 22)} {_share(rate)}"


def _share(rate: Rate) -> str:
    extra = [f"{rate.errors} with errors"] if rate.errors else []
    extra += [f"{rate.skipped} skipped"] if rate.skipped else []
    said = f" ({', '.join(extra)})" if extra else ""
    if not rate.n:
        return f"none made{said}"
    low, high = (f"{100 * end:.1f}" for end in rate.interval)
    return f"{rate.passed} of {rate.n}: {100 * rate.share:.1f} % (95 %: {low}-{high}){said}"


def _rest(report: SuiteReport) -> list[str]:
    """Return what is said besides: why checks were skipped, what was left out or has changed."""
    lines = []
    reasons = [verdict.message for result in report.results for _, verdict in result.checked
               if verdict.status == "skipped"]  # fmt: skip
    for reason in dict.fromkeys(reasons):
        lines.append(f"skipped {reasons.count(reason)}: {reason}")
    if report.left_out:
        more = f" and {len(report.left_out) - 1} more" if len(report.left_out) > 1 else ""
        lines.append(f"left out: {report.left_out[0].rstrip('.')}{more}.")
    for word, names in (("failed", report.newly_failed), ("passed", report.newly_passed)):
        lines += [f"newly {word}: {name}" for name in names[:_MOST_CHANGES]]
        if len(names) > _MOST_CHANGES:
            lines.append(f"newly {word}: {len(names) - _MOST_CHANGES} more")
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
    each = None if most is None else max(_LEAST, most // len(results))
    room = len(results) if most is None or each is None else most // each
    first = sorted(results, key=lambda result: result.passed)[:room]
    shown = {id(result) for result in first}
    rows = ""
    for case in {result.case.id: result.case for result in results}.values():
        cells = "".join(
            _figure(result, side, each or side * side * 3, id(result) in shown)
            for result in results
            if result.case.id == case.id
        )
        tags = " · ".join([case.language, *case.tags])
        rows += (
            f'<tr><th scope="row" {_CELL}>{html.escape(case.id)}<br><small>{html.escape(tags)}'
            f'</small></th><td {_CELL} lang="{case.language}">{html.escape(case.prompt)}</td>'
            f'<td {_CELL}><div style="display:flex;gap:8px">{cells}</div></td></tr>'
        )
    rates = "".join(
        f'<tr><th scope="row" {_CELL}>{html.escape(rate.group)} {html.escape(rate.name)}</th>'
        f"<td {_CELL}>{_share(rate)}</td></tr>"
        for rate in report.rates()
    )
    said = "".join(f"<li>{html.escape(line)}</li>" for line in _rest(report))
    if room < len(results):
        said += f"<li>{room} of {len(results)} pictures are shown, to keep this small</li>"
    name = html.escape(report.suite.name)
    return (
        f'<div style="overflow-x:auto"><table><caption style="text-align:start">{name}: pass rates'
        f"</caption><tbody>{rates}</tbody></table><ul>{said}</ul><table><thead><tr>"
        f'<th scope="col" {_CELL}>case</th><th scope="col" {_CELL}>prompt</th>'
        f'<th scope="col" {_CELL}>pictures</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _figure(result: PictureResult, side: int, most: int, shown: bool) -> str:
    image = result.image if shown else None
    picture = f"<small>{html.escape(result.error)}</small>" if result.error else ""
    if image is not None:
        alt = html.escape(result.params.prompt, quote=True)
        picture = f'<img alt="{alt}" src="{jpeg_url(image.preview(side, most))}">'
    lines = "".join(f"<li>{_line(check.label, verdict)}</li>" for check, verdict in result.checked)
    return (
        f'<figure style="margin:0;max-width:{max(side, 160)}px">{picture}<figcaption '
        f'style="font-size:80%">{html.escape(result.model)} · seed {result.params.seed}'
        f'<ul style="list-style:none;margin:0;padding:0">{lines}</ul></figcaption></figure>'
    )


def _line(label: str, verdict: CheckResult) -> str:
    said = f": {html.escape(verdict.message)}" if verdict.message and not verdict.passed else ""
    word = "" if verdict.passed else f" <strong>{verdict.status}</strong>"
    return f"{_MARKS[verdict.status]} {html.escape(label)}{word}{said}"


def write_html(report: SuiteReport, path: Path, side: int) -> Path:
    """Write one HTML file with everything in it; return its absolute path."""
    path = path.expanduser().absolute()
    if path.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"{path.name} must end in .html.")
    title = html.escape(report.suite.name)
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title>{_STYLE}"
    )
    about = f"<p>{html.escape(report.suite.about)}</p>" if report.suite.about else ""
    body = f"<h1>{title}</h1>{about}{as_html(report, side, None)}"
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'
    with atomic_file(path) as file:
        file.write(page.encode())
    return path
