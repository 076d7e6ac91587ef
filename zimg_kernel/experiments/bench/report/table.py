"""Tables and sections of a report, and figures as they are written in them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zimg_kernel.experiments.rating.agreement import Answer

from ..result import BenchResult, CompetitorFacts, Estimate, Row, Run
from .charts import Chart

NONE = "–"
"""Stands where there is no figure."""


@dataclass(frozen=True)
class Table:
    """A table of words: the first column names the rows.

    Attributes
    ----------
    caption : str
        What it shows, with units.
    notes : tuple of str
        Sentences below it.
    links : mapping of str to str
        Keys of sections by the words in cells, apart by ``"; "``, that lead there on a page.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    links: Mapping[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"caption": self.caption, "heads": list(self.heads),
                "rows": [list(row) for row in self.rows], "notes": list(self.notes)}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """One cell of a matrix of pictures: its file, or why there is none."""

    path: Path | None
    alt: str
    below: str = ""


@dataclass(frozen=True)
class Matrix:
    """Pictures in rows and columns."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Picture | None]]]


@dataclass(frozen=True)
class Section:
    """A part of the report: a question, and tables, plots and pictures that answer it.

    Attributes
    ----------
    key : str
        Its anchor.
    answers : tuple of str
        Questions that it answers, for the list at the beginning.
    charts : list of Chart
        Those without anything in them are left out.
    """

    key: str
    title: str
    about: str
    answers: Sequence[str] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()
    matrices: Sequence[Matrix] = ()


@dataclass(frozen=True)
class Loaded:
    """A result, the folder of its file, and the ratings that lie beside it."""

    result: BenchResult
    folder: Path
    answers: Sequence[Answer] = ()

    @property
    def suite(self) -> str:
        """Its suite."""
        return self.result.suite

    @property
    def names(self) -> list[str]:
        """The competitors that were measured, in their order."""
        there = {row.competitor for row in self.result.rows}
        return [one.name for one in self.result.competitors if one.name in there]

    @property
    def cases(self) -> list[str]:
        """The cases that were measured, in their order."""
        there = {row.case for row in self.result.rows}
        return [one.name for one in self.result.cases if one.name in there]

    def row(self, competitor: str, case: str) -> Row | None:
        """Return the summary of a competitor at a case."""
        found = (r for r in self.result.rows if (r.competitor, r.case) == (competitor, case))
        return next(found, None)

    def rows(self, competitor: str) -> list[Row]:
        """Return the summaries of a competitor."""
        return [row for row in self.result.rows if row.competitor == competitor]

    def runs(self, competitor: str, case: str | None = None) -> list[Run]:
        """Return the measured runs of a competitor that gave a picture, in their order."""
        found = [
            run
            for run in self.result.runs
            if run.competitor == competitor
            and (case is None or run.case == case)
            and not run.warmup
            and run.status in ("ok", "broken")
        ]
        return sorted(found, key=lambda run: run.number)

    def facts(self, competitor: str) -> CompetitorFacts:
        """Return what is known of a competitor."""
        return next(one for one in self.result.competitors if one.name == competitor)


@dataclass
class Suites:
    """The results of a report by their suites; of a suite that is there twice, all."""

    all: list[Loaded] = field(default_factory=list)

    def of(self, *suites: str) -> list[Loaded]:
        """Return the results of these suites, in the order of the names."""
        return [one for suite in suites for one in self.all if one.suite == suite]

    @property
    def names(self) -> list[str]:
        """All competitors that draw in this process or by a server, in their order."""
        wanted = ("engine", "stock", "comfyui", "sd-cpp")
        found = [one for loaded in self.all for one in loaded.result.competitors]
        return list(dict.fromkeys(one.name for one in found if one.kind in wanted))


_WORDS = {
    "vae": "VAE",
    "ram_end": "RAM after a picture",
    "torch_peak": "tensors",
    "gpu_memory_peak": "memory of the card",
}
MEMORY = ("gpu_memory_peak", "torch_reserved", "torch_peak", "ram_peak")
"""Figures of memory, the one that tells most first."""
_MEMORY_NAMES = {
    "gpu_memory_peak": "memory of the card",
    "torch_reserved": "memory reserved by torch",
    "torch_peak": "memory of tensors",
    "ram_peak": "RAM of the process",
}


def memory_of(rows: Iterable[Row]) -> str | None:
    """Return the figure of memory that these rows have, or None."""
    rows = list(rows)
    return next((name for name in MEMORY if any(name in row.figures for row in rows)), None)


def memory_name(figure: str | None) -> str:
    """Return a figure of memory in words, with its unit."""
    return f"peak {_MEMORY_NAMES[figure]}, GB" if figure else "peak memory, GB"


def figure(row: Row | None, name: str | None, digits: int = 3) -> str:
    """Return the median of a figure of a row with its interval; a dash where there is none."""
    return NONE if row is None or name is None else spelled(row.figures.get(name), digits)


def spelled(found: Estimate | None, digits: int = 3) -> str:
    """Return ``1.23 (1.20-1.31)``: the median and its 95 % interval."""
    if found is None:
        return NONE
    text = short(found.median, digits)
    if found.low is None or found.high is None:
        return text
    low, high = short(found.low, digits), short(found.high, digits)
    return text if low == high == text else f"{text} ({low}–{high})"


def short(value: float | None, digits: int = 3) -> str:
    """Return a number with so many digits that count, never as a power of ten."""
    if value is None:
        return NONE
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{value:.{min(5, max(0, places))}f}"


def words(name: str) -> str:
    """Return a figure's name as words."""
    return _WORDS.get(name, name.replace("_", " "))


def percent(value: float | None) -> str:
    """Return a share in percent."""
    return NONE if value is None else f"{100 * value:.0f} %"


def status_of(row: Row | None) -> str:
    """Return why a row has no figures, in a word."""
    if row is None:
        return NONE
    words = [status for status in row.statuses if status not in ("ok", "broken", "skipped")]
    return (words or [NONE])[0].replace("-", " ")


def transposed(names: Sequence[str], columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return rows of names with a cell of each column; rows without any cell are left out."""
    rows = [[name, *cells] for name, *cells in zip(names, *columns.values(), strict=True)]
    return [row for row in rows if any(cell != NONE for cell in row[1:])]
