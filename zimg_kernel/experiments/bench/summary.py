"""Summary of runs: a row for each competitor and case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .result import BenchResult, Case, Row, Run
from .statistics import estimate, outliers


def summarise(result: BenchResult) -> None:
    """Mark outliers and write the rows of a result, in the order of competitors and cases."""
    result.rows = []
    for competitor in result.competitors:
        for case in result.cases:
            alike = [run for run in result.runs if not run.warmup
                     and (run.competitor, run.case) == (competitor.name, case.name)]  # fmt: skip
            if alike:
                result.rows.append(_row(competitor.name, case, alike))


def _row(competitor: str, case: Case, runs: Sequence[Run]) -> Row:
    drawn = [run for run in runs if run.status in ("ok", "broken")]
    totals = [run.times.get("total", 0.0) for run in drawn]
    for run, far in zip(drawn, outliers(totals), strict=True):
        run.outlier = far
    figures: dict[str, list[float]] = {}
    for run in drawn:
        for named in (run.times, run.resources, run.values):
            for name, value in named.items():
                figures.setdefault(name, []).append(value)
        if run.steps:
            figures.setdefault("step", []).extend(run.steps)
    return Row(
        competitor=competitor,
        case=case.name,
        facts=case.facts,
        figures={name: estimate(values) for name, values in figures.items()},
        statuses=dict(Counter(run.status for run in runs)),
        outliers=sum(run.outlier for run in drawn),
    )
