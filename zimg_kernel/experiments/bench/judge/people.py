"""Ratings by people, kept beside a result: means, intervals and agreement of raters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zimg_kernel.experiments.rating.agreement import Answer, Item, Results, results_of
from zimg_kernel.experiments.rating.pixel_hash import pixel_hash
from zimg_kernel.experiments.rating.store import Ratings
from zimg_kernel.images.open_file import UNREADABLE, open_image

from ..result import BenchResult, Run

FILE = "ratings.sqlite"
"""Name of the file beside a result."""
SET = "benchmark"
"""Name of the set of ratings in it."""
WANTED_RATERS = 3


@dataclass(frozen=True)
class PeopleScores:
    """Stars that people gave, 1 to 5, by a group of pictures.

    Attributes
    ----------
    rows : list of dict
        ``group, raters`` (answers), ``mean, sd, low, high``; nan where there are too few.
    raters : list of str
        Who answered.
    alpha : float
        Krippendorff's alpha, ordinal: 1 is full agreement, 0 what chance gives.
    unread : list of str
        Sentences on files that cannot be read any more, whose ratings are left out.
    """

    rows: list[dict[str, Any]]
    raters: list[str]
    alpha: float
    unread: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, which knows no nan."""
        rows = [{name: _json(value) for name, value in row.items()} for row in self.rows]
        return {"rows": rows, "raters": self.raters, "alpha": _json(self.alpha)}


def picture_files(result: BenchResult, folder: Path) -> list[tuple[Run, Path]]:
    """Return the measured runs whose picture is there, with its file, in order of execution."""
    runs = sorted(result.runs, key=lambda run: run.number)
    pairs = [(run, folder / run.picture) for run in runs if run.picture and not run.warmup]
    return [(run, path) for run, path in pairs if path.is_file()]


def pictures_to_rate(results: Iterable[tuple[BenchResult, Path]]) -> list[Path]:
    """Return one file for each different picture, ready for ``zimg_widgets.rate``.

    Parameters
    ----------
    results : iterable of (BenchResult, Path)
        Results and the folders of their files. Files that cannot be read are left out.
    """
    found: dict[str, Path] = {}
    for result, folder in results:
        for run, path in picture_files(result, folder):
            key = run.pixels or _hash(path).key
            if key:
                found.setdefault(key, path)
    return list(found.values())


def read_answers(path: Path) -> list[Answer]:
    """Return all stars of the set in a file; none without the file."""
    return Ratings(path, SET, "stars").answers() if path.is_file() else []


def people_scores(
    pictures: Sequence[tuple[str, Path]], answers: Sequence[Answer]
) -> PeopleScores | None:
    """Return the statistics of the answers about these pictures, or None without any.

    Parameters
    ----------
    pictures : sequence of (str, Path)
        Group and file of each picture.
    answers : sequence of Answer
        As :func:`read_answers` returns them.
    """
    hashes = {path: _hash(path) for _, path in pictures}
    groups: dict[tuple[str, str], int] = {}
    for group, path in pictures:
        if key := hashes[path].key:
            groups.setdefault((group, key), len(groups))
    items = [Item(key, (place,), (group,)) for (group, key), place in groups.items()]
    rated = {item.key for item in items}
    mine = [answer for answer in answers if answer.item in rated]
    if not mine:
        return None
    found: Results = results_of(items, mine, _NO_LABELS)
    rows = [{"group": row.pop("picture"), **row} for row in map(dict, found.rows)]
    unread = [f"{path.name} cannot be read ({one.problem}): its ratings are left out."
              for path, one in hashes.items() if one.problem]  # fmt: skip
    return PeopleScores(rows, found.raters, found.alpha, unread)


_NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True)
class _Hash:
    """Hash of a file's pixels, or why there is none."""

    key: str = ""
    problem: str = ""


_hashes: dict[tuple[Path, int], _Hash] = {}


def _hash(path: Path) -> _Hash:
    key = (path, path.stat().st_mtime_ns)
    if key not in _hashes:
        try:
            with open_image(path) as image:
                _hashes[key] = _Hash(pixel_hash(image))
        except UNREADABLE as error:  # too many pixels, too
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            _hashes[key] = _Hash(problem=reason)
    return _hashes[key]


def _json(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value
