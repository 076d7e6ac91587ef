"""Report of one or several benchmark results."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.files import atomic_file

from ..judge.people import FILE as RATINGS
from ..judge.people import pictures_to_rate, read_answers
from ..result import BenchResult
from ..result_file import read_result
from . import judge_sections, overview, series_sections, time_sections
from .reviews import reviews
from .table import Loaded, Section, Suites

_BY_SUITE: dict[str, Callable[[Loaded], Section]] = {
    "latency": time_sections.latency,
    "complexity": time_sections.complexity,
    "sizes": time_sections.sizes,
    "steps": series_sections.steps,
    "batch": time_sections.batch,
    "stability": series_sections.stability,
    "cold": series_sections.cold,
    "papermill": series_sections.papermill,
    "gpu": series_sections.device,
    "quality": judge_sections.quality,
    "checklist": judge_sections.checklist,
}


_RESULT = re.compile(r'\s*\{\s*"format":\s*"zimg-bench"')


class BenchReport:
    """Tables, plots and pictures of benchmark results; shows itself in a notebook.

    Parameters
    ----------
    paths : str, Path or sequence of them
        Result files, or folders that hold some, at any depth. Ratings that lie beside them or in
        the folder that was named are read, too.

    Attributes
    ----------
    sections : list of Section
        The parts in their order.

    Raises
    ------
    BadInput
        There is no result, or a file is none.

    Examples
    --------
    >>> report = BenchReport("benchmark")
    >>> report.to_html("benchmark/report.html")
    """

    def __init__(self, paths: str | Path | Sequence[str | Path]) -> None:
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        self._paths = given
        loaded = [one for path in given for one in _load(Path(path).expanduser().absolute())]
        order = list(_BY_SUITE)
        loaded.sort(key=lambda one: order.index(one.suite) if one.suite in order else len(order))
        self.suites = Suites(loaded)
        self.sections = self._sections()

    @property
    def results(self) -> list[BenchResult]:
        """The results, in the order of the report."""
        return [loaded.result for loaded in self.suites.all]

    @property
    def pictures(self) -> list[Path]:
        """Files of all different pictures."""
        return self.pictures_of(*(one.suite for one in self.suites.all))

    def pictures_of(self, *suites: str) -> list[Path]:
        """Return the files of all different pictures of some suites, for ``zimg_widgets.rate``."""
        found = self.suites.of(*dict.fromkeys(suites))
        return pictures_to_rate((one.result, one.folder) for one in found)

    @property
    def title(self) -> str:
        """What was measured, in a few words."""
        names = self.suites.names
        return f"Benchmark of {', '.join(names)}" if names else "Benchmark"

    def reread(self) -> BenchReport:
        """Return the report of the same files as they are now, with new ratings."""
        return BenchReport(self._paths)

    def _sections(self) -> list[Section]:
        suites = self.suites
        made = [_BY_SUITE[one.suite](one) for one in suites.all if one.suite in _BY_SUITE]
        head = [overview.findings(suites)]
        if suites.names:
            head = [overview.models(suites), *head]
        tail = [overview.deployment(suites)] if suites.names else []
        tail += [judge_sections.people(suites)] if self.pictures else []
        tail += [reviews([*head, *made, *tail])]
        return [*head, *made, *tail, overview.environment(suites), overview.glossary(suites)]

    def as_dict(self) -> dict[str, Any]:
        """Return all tables and figures, ready for JSON; the pictures are named by their files."""
        scores = judge_sections.rated(self.suites, "competitor")
        return {
            "format": "zimg-bench-report",
            "version": 1,
            "title": self.title,
            "results": [
                one.result.model_dump(mode="json", exclude_none=True, exclude={"samples", "runs"})
                for one in self.suites.all
            ],
            "sections": [
                {
                    "key": section.key,
                    "title": section.title,
                    "about": section.about,
                    "tables": [table.as_dict() for table in section.tables],
                }
                for section in self.sections
            ],
            "ratings": scores.as_dict() if scores else None,
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """Return it as JSON text; also write it where a path is given."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n"
        if path is not None:
            with atomic_file(Path(path).expanduser().absolute()) as file:
                file.write(text.encode())
        return text

    def to_html(self, path: str | Path, side: int = 192) -> Path:
        """Write one HTML file with everything in it; return its absolute path.

        Parameters
        ----------
        path : str or Path
            Ends in ``.html``.
        side : int
            Longer side of the pictures, px.
        """
        from .view import write_html

        return write_html(self, Path(path), side)

    def __repr__(self) -> str:
        suites = ", ".join(one.suite for one in self.suites.all)
        return f"<BenchReport of {', '.join(self.suites.names)}: {suites}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .view import as_html, as_text

        return {"text/html": as_html(self), "text/plain": as_text(self)}


def _load(path: Path) -> list[Loaded]:
    files = [path] if not path.is_dir() else _result_files(path)
    if not files:
        raise BadInput(
            f"There is no result of a benchmark in {path}: make one with zimg bench.",
            code="no-bench-result",
            field="path",
        )
    found = []
    for file in files:
        result, folder = read_result(file), file.parent
        near = [folder / result.attachments.get("ratings", RATINGS)]
        near += [path / RATINGS] if path.is_dir() and path != folder else []
        answers = [answer for one in dict.fromkeys(near) for answer in read_answers(one)]
        found.append(Loaded(result, folder, answers))
    return found


def _result_files(folder: Path) -> list[Path]:
    found = []
    for file in sorted(folder.rglob("*.json")):
        try:
            with file.open(encoding="utf-8") as open_file:
                head = open_file.read(200)
        except (OSError, UnicodeDecodeError):
            continue
        if _RESULT.match(head):
            found.append(file)
    return found
