"""Report of a suite: pictures with their verdicts, pass rates, and changes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.experiments.batch.cells import Cell
from zimg_kernel.files import atomic_file
from zimg_kernel.intervals import wilson_interval

from .check import Check, CheckResult
from .spec import Case, Suite


@dataclass
class PictureResult(Cell):
    """One picture of a suite and the verdicts on it.

    A :class:`~zimg_kernel.experiments.batch.cells.Cell` whose row is the case, whose column the
    seed and whose layer the model.

    Attributes
    ----------
    case : Case
        What it was drawn for.
    verdicts : dict of int to CheckResult
        By the check's place in ``case.checks``.
    """

    case: Case = field(kw_only=True)
    verdicts: dict[int, CheckResult] = field(default_factory=dict, kw_only=True)

    @property
    def model(self) -> str:
        """The model's id."""
        return str(self.params.model)

    @property
    def checked(self) -> list[tuple[Check, CheckResult]]:
        """Each check with its verdict, as far as there is one."""
        return [(self.case.checks[place], self.verdicts[place]) for place in sorted(self.verdicts)]

    @property
    def passed(self) -> bool:
        """True if every check that could be made is passed, and one was."""
        return _passed(result for _, result in self.checked)

    def name_of(self, place: int) -> str:
        """Return the name of a check that is the same from run to run."""
        labels = [check.label for check in self.case.checks[: place + 1]]
        label, same = labels[-1], labels.count(labels[-1])
        label += f" #{same}" if same > 1 else ""
        return f"{self.case.id} · {self.model} · seed {self.params.seed} · {label}"


def _passed(results: Iterable[CheckResult]) -> bool:
    counted = [result for result in results if result.status != "skipped"]
    return bool(counted) and all(result.passed for result in counted)


@dataclass(frozen=True)
class Rate:
    """Pass rate of some checks.

    ``n`` counts passed, failed and broken checks, not skipped ones. ``low`` to ``high`` is
    Wilson's 95 % interval of the share, which takes checks as independent of each other;
    those of one picture are not quite.
    """

    group: str
    name: str
    passed: int
    n: int
    errors: int = 0
    skipped: int = 0

    @property
    def share(self) -> float:
        """Passed out of n; nan if there are none."""
        return self.passed / self.n if self.n else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end, 0 to 1."""
        return wilson_interval(self.passed, self.n)


@dataclass
class SuiteReport:
    """Result of :func:`~zimg_kernel.experiments.suite.run_suite`; shows itself in a notebook.

    Attributes
    ----------
    suite : Suite
        What was run.
    results : list of PictureResult
        Model by model, case by case and seed by seed.
    left_out : list of str
        Cases that are not for a model, in a sentence each.
    newly_failed, newly_passed : list of str
        Checks that ended otherwise than in the last run of this suite.
    drawn : int
        How many pictures this run drew; the others were there.
    seconds : float
        How long it took.
    """

    suite: Suite
    results: list[PictureResult]
    left_out: list[str] = field(default_factory=list)
    newly_failed: list[str] = field(default_factory=list)
    newly_passed: list[str] = field(default_factory=list)
    drawn: int = 0
    seconds: float = 0.0
    created: datetime = field(default_factory=lambda: datetime.now().astimezone())
    folder: Path | None = None

    @property
    def total(self) -> Rate:
        """All checks."""
        return self.rates()[0]

    def ok(self, min_pass: float = 1.0) -> bool:
        """Return whether at least this share of the checks is passed, and one was made."""
        total = self.total
        return total.n > 0 and total.share >= min_pass - 1e-12

    def rates(self) -> list[Rate]:
        """Return the pass rates: all checks, all pictures, and by kind, language, model, tag."""
        order = ("all", "check", "language", "model", "tag")
        groups: dict[str, dict[str, list[CheckResult]]] = {group: {} for group in order}
        groups["all"]["checks"] = []
        for result in self.results:
            case = result.case
            for check, verdict in result.checked:
                names: list[list[str]] = [
                    ["checks"], [check.kind], [case.language], [result.model], case.tags
                ]  # fmt: skip
                for group, several in zip(order, names, strict=True):
                    for name in several:
                        groups[group].setdefault(name, []).append(verdict)
        rates = [
            _rate(group, name, verdicts)
            for group, by_name in groups.items()
            for name, verdicts in by_name.items()
        ]
        whole = [r for r in self.results if any(v.status != "skipped" for _, v in r.checked)]
        pictures = Rate("all", "pictures", sum(r.passed for r in whole), len(whole))
        return [rates[0], pictures, *rates[1:]]

    @property
    def failures(self) -> list[tuple[PictureResult, Check, CheckResult]]:
        """Every check that failed or broke."""
        return [
            (result, check, verdict)
            for result in self.results
            for check, verdict in result.checked
            if verdict.status in ("failed", "error")
        ]

    def statuses(self) -> dict[str, str]:
        """Return the status of every check, by its name."""
        return {
            result.name_of(place): verdict.status
            for result in self.results
            for place, verdict in result.verdicts.items()
        }

    def compare(self, last: dict[str, str]) -> None:
        """Find what ended otherwise than in an earlier run."""
        for name, status in self.statuses().items():
            before = last.get(name)
            if before == "passed" and status in ("failed", "error"):
                self.newly_failed.append(name)
            elif before in ("failed", "error") and status == "passed":
                self.newly_passed.append(name)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it but the pictures, ready for JSON."""
        return {
            "suite": self.suite.name,
            "created": self.created.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "drawn": self.drawn,
            "rates": [_rate_dict(rate) for rate in self.rates()],
            "results": [_result_dict(result) for result in self.results],
            "left_out": self.left_out,
            "newly_failed": self.newly_failed,
            "newly_passed": self.newly_passed,
        }

    def to_json(self, path: str | Path | None = None) -> str:
        """Return the report as JSON text; also write it where a path is given."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, indent=1)
        if path is not None:
            with atomic_file(Path(path).expanduser().absolute()) as file:
                file.write(text.encode())
        return text

    def to_junit(self, path: str | Path) -> Path:
        """Write JUnit XML, as CI systems read it; return the absolute path."""
        from .junit import write_junit

        return write_junit(self, Path(path))

    def to_html(self, path: str | Path, side: int = 160) -> Path:
        """Write one HTML file with all pictures within ``side`` px; return its absolute path."""
        from .report_view import write_html

        return write_html(self, Path(path), side)

    def __repr__(self) -> str:
        total = self.total
        return f"<SuiteReport {self.suite.name!r}: {total.passed} of {total.n} checks passed>"

    def __str__(self) -> str:
        from .report_view import as_text

        return as_text(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .report_view import as_html, as_text

        return {"text/plain": as_text(self), "text/html": as_html(self)}


def _rate(group: str, name: str, verdicts: list[CheckResult]) -> Rate:
    by = [verdict.status for verdict in verdicts]
    skipped = by.count("skipped")
    return Rate(group, name, by.count("passed"), len(by) - skipped, by.count("error"), skipped)


def _rate_dict(rate: Rate) -> dict[str, Any]:
    known = rate.n > 0
    return {
        "group": rate.group,
        "name": rate.name,
        "passed": rate.passed,
        "n": rate.n,
        "errors": rate.errors,
        "skipped": rate.skipped,
        "share": round(rate.share, 4) if known else None,
        "interval": [round(end, 4) for end in rate.interval] if known else None,
    }


def _result_dict(result: PictureResult) -> dict[str, Any]:
    return {
        "case": result.case.id,
        "language": result.case.language,
        "tags": result.case.tags,
        "prompt": result.params.prompt,
        "model": result.model,
        "seed": result.params.seed,
        "params": result.params.model_dump(),
        "path": str(result.path) if result.path else None,
        "error": result.error,
        "checks": [
            {
                "check": check.label,
                "kind": check.kind,
                "status": verdict.status,
                "message": verdict.message,
                "value": verdict.value,
            }
            for check, verdict in result.checked
        ],
    }
