"""Results of many machines in one table."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.paths import output_path
from zimg_kernel.experiments.csv_cells import cell
from zimg_kernel.files import atomic_file

from .result import FORMAT, BenchResult, Row
from .result_file import read_result
from .runner import FILE

COLUMNS = ("machine", "suite", "competitor", "case", "runs", "total_s", "low_s", "high_s",
           "gpu_gb", "ram_gb", "energy_j", "torch", "created", "file")  # fmt: skip


_HEAD = re.compile(rb'\s*\{\s*"format":\s*"zimg-bench"')


@dataclass(frozen=True)
class Collected:
    """Rows of all results that were found.

    Attributes
    ----------
    rows : tuple of dict
        By :data:`COLUMNS`; what a machine could not tell is missing.
    unread : tuple of str
        Sentences on files that could not be read.
    """

    rows: tuple[dict[str, Any], ...]
    unread: tuple[str, ...] = ()

    def __str__(self) -> str:
        there = [name for name in COLUMNS if any(name in row for row in self.rows)]
        lines = [there, *[[_cell(row.get(name)) for name in there] for row in self.rows]]
        widths = [max(len(line[place]) for line in lines) for place in range(len(there))]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
                 for line in lines]  # fmt: skip
        return "\n".join([*(line.rstrip() for line in table), *self.unread])

    def to_csv(self, path: str | Path) -> Path:
        """Write a CSV file; return its absolute path."""
        target = output_path(path, ".csv")
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for row in self.rows:
            writer.writerow([cell(row.get(name, "")) for name in COLUMNS])
        with atomic_file(target) as file:
            file.write(text.getvalue().encode("utf-8-sig"))
        return target


def collect_results(folder: str | Path) -> Collected:
    """Gather all result files below a folder, the fastest first within suite and case.

    Raises
    ------
    BadInput
        There is no such folder, or no result in it.
    """
    folder = Path(folder).expanduser().absolute()
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder}.", code="file-missing", field="folder")
    rows: list[dict[str, Any]] = []
    unread: list[str] = []
    for path in sorted(folder.rglob("*.json")):
        if not _is_result(path):
            continue
        try:
            result = read_result(path)
        except BadInput as error:
            unread.append(str(error))
            continue
        rows += [_row(result, row, path.relative_to(folder)) for row in result.rows]
    if not rows:
        raise BadInput(
            " ".join([f"There is no result of zimg bench with figures below {folder}.", *unread]),
            code="no-bench-result",
            field="folder",
        )
    rows.sort(key=lambda row: (row["suite"], row["case"], row.get("total_s", float("inf"))))
    return Collected(tuple(rows), tuple(unread))


def machine_name(result: BenchResult) -> str:
    """Return what a machine is called in tables: its card, else its processor and cores."""
    gpu = result.environment.get("gpu") or {}
    cores = result.environment.get("cores")
    cpu = " ".join(str(result.environment.get("cpu", "unknown processor")).split())
    return str(gpu["name"]) if gpu.get("name") else f"{cpu}, {cores} cores"


def _row(result: BenchResult, row: Row, path: Path) -> dict[str, Any]:
    def median(name: str) -> float | None:
        figure = row.figures.get(name)
        return None if figure is None else figure.median

    total = row.figures.get("total")
    found = {
        "machine": machine_name(result),
        "suite": result.suite,
        "competitor": row.competitor,
        "case": row.case,
        "runs": ", ".join(f"{times} {status}" for status, times in row.statuses.items()),
        "total_s": median("total"),
        "low_s": total.low if total else None,
        "high_s": total.high if total else None,
        "gpu_gb": median("torch_peak"),
        "ram_gb": median("ram_peak"),
        "energy_j": median("energy_gpu"),
        "torch": result.environment.get("packages", {}).get("torch"),
        "created": result.created.isoformat(timespec="minutes"),
        "file": path.as_posix(),
    }
    return {name: value for name, value in found.items() if value is not None}


def _is_result(path: Path) -> bool:
    """Return whether a file is a result, or was one before it was damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if _HEAD.match(data):
        return True
    try:
        content = json.loads(data)
    except ValueError:
        return path.name == FILE
    return isinstance(content, dict) and content.get("format") == FORMAT


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str("" if value is None else value)
