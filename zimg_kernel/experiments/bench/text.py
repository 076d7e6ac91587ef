"""Result as lines for a terminal."""

from __future__ import annotations

from .result import BenchResult, Estimate, Row

_COLUMNS = {
    "total": "s",
    "text_encoder": "encoder",
    "transformer": "steps",
    "vae": "VAE",
    "save": "save",
    "start": "start",
    "imports": "imports",
    "model_load": "load",
    "first": "first",
    "second": "second",
    "picture": "s/picture",
    "torch_peak": "GPU GB",
    "ram_peak": "RAM GB",
    "energy_gpu": "J",
    "cpu_share": "CPU share",
    "score": "items right",
    "clip": "CLIP",
    "tflop_per_s": "TFLOP/s",
    "tb_per_s": "TB/s",
}
"""Figures that are shown where there are any, and their heads."""


def as_text(result: BenchResult) -> str:
    """Return a table of medians with the interval of the total, then what was found."""
    there = [name for name in _COLUMNS if any(name in row.figures for row in result.rows)]
    if all(run.pictures == 1 for run in result.runs):
        there = [name for name in there if name != "picture"]
    heads = ["competitor", "case", *[_COLUMNS[name] for name in there], "95 % of s", "runs"]
    lines = [[row.competitor, row.case, *[_cell(row, name) for name in there],
              _interval(row.figures.get("total")), _runs(row)] for row in result.rows]  # fmt: skip
    widths = [max(len(line[n]) for line in [heads, *lines]) for n in range(len(heads))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
             for line in [heads, *lines]]  # fmt: skip
    marks = {"fact": "", "warning": "Warning: ", "fault": "Fault: "}
    found = [f"{marks[finding.level]}{finding.text}" for finding in result.findings]
    return "\n".join([*table, *([""] if found else []), *found])


def _cell(row: Row, name: str) -> str:
    figure = row.figures.get(name)
    return "" if figure is None else f"{figure.median:.3g}"


def _interval(figure: Estimate | None) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return ""
    return f"{figure.low:.3g} to {figure.high:.3g}"


def _runs(row: Row) -> str:
    return ", ".join(f"{times} {status}" for status, times in row.statuses.items())
