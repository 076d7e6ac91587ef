"""The command ``zimg test``: a suite of prompts, with an exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zimg_kernel.errors import BadInput

from .console import echo
from .profile_options import profile_options

if TYPE_CHECKING:
    from zimg_kernel.experiments.suite.spec import Suite


@click.command("test")
@click.argument("suite")
@click.option("--model", "models", multiple=True, help="Instead of the suite's; repeatable.")
@click.option("--seeds", help="Instead of the suite's: 0,1,2 or 0-9.")
@click.option("--only", multiple=True, help="Only cases of this id or tag; repeatable.")
@click.option("--junit", type=click.Path(path_type=Path), help="Write JUnit XML.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with the pictures.")
@click.option("--json", "to_json", type=click.Path(path_type=Path), help="Write JSON.")
@click.option("--min-pass", type=click.FloatRange(0, 1), default=1.0, show_default=True,
              help="Least share of the checks that must pass.")  # fmt: skip
@click.option("--cache", type=click.Path(path_type=Path), help="Folder of pictures and verdicts.")
@click.option("--fresh", is_flag=True, help="Draw and check everything again.")
@click.option("--allow-functions", is_flag=True,
              help="Run the functions that the suite names: they are programs.")  # fmt: skip
@profile_options
def suite_test(
    suite: str,
    models: tuple[str, ...],
    seeds: str | None,
    only: tuple[str, ...],
    junit: Path | None,
    html: Path | None,
    to_json: Path | None,
    min_pass: float,
    cache: Path | None,
    fresh: bool,
    allow_functions: bool,
) -> None:
    """Draw and check SUITE, a YAML file or one of simple, text and layout.

    Given again, only what has changed is drawn and checked. The exit code is 0 if enough of
    the checks pass, 1 if not (or if none could be made), 2 if the suite has a mistake.

    \b
    name: my suite
    defaults: {model: nano-turbo, seeds: 2}
    cases:
    - id: shop
      prompt: 一块招牌，上面写着“新品上市”
      checks: {text: 新品上市, size: [256, 256]}
    """
    from zimg_kernel.experiments.batch.paths import output_path

    for path, ending in ((junit, ".xml"), (html, ".html"), (to_json, ".json")):
        if path is not None:
            output_path(path, ending)
    from zimg_kernel.experiments.suite.runner import run_suite
    from zimg_kernel.experiments.suite.yaml_file import load_suite

    loaded = load_suite(suite)
    named = sorted(set(function_names(loaded)))
    if named and not allow_functions:
        raise BadInput(
            f"{suite} names functions ({', '.join(named)}), which are programs: with "
            "--allow-functions they are run; look at them first if the suite is not yours.",
            code="functions-not-allowed",
            field="--allow-functions",
        )
    report = run_suite(
        loaded,
        models=models or None,
        seeds=None if seeds is None else _numbers(seeds),
        only=only,
        cache=cache,
        fresh=fresh,
        on_result=_ResultLog(),
        progress=False,
    )
    echo(str(report))
    for path, write in (
        (junit, report.to_junit),
        (html, report.to_html),
        (to_json, report.to_json),
    ):
        if path is not None:
            write(path)
            echo(f"zimg: wrote {path}", err=True)
    if not report.ok(min_pass):
        sys.exit(1)


class _ResultLog:
    """Log on stderr: a line for each picture that is decided, also where no terminal is."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self, result: Any) -> None:
        self.done += 1
        if result.found:  # it was there already: hundreds of them would only scroll
            return
        failed = [check.label for check, verdict in result.checked
                  if verdict.status in ("failed", "error")]  # fmt: skip
        outcome = f"failed {', '.join(failed)}" if failed else "passed"
        outcome = outcome if result.passed or failed else "skipped"
        echo(f"zimg: picture {self.done}: {result.case.id}, {result.model}, "
                   f"seed {result.params.seed}: {outcome}", err=True)  # fmt: skip


def function_names(suite: Suite) -> Iterator[str]:
    """Yield the functions that the checks of a suite name as ``module:name``."""
    for case in suite.cases:
        for check in case.checks:
            named = getattr(check, "function", None)
            if isinstance(named, str):
                yield named


def _numbers(text: str) -> list[int]:
    """Return the seeds that "0,2,5-7" names."""
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not found:
            raise BadInput(
                f"--seeds {text!r} is no list of seeds: write 0,1,2 or 0-9.",
                code="invalid-value",
                field="--seeds",
            )
        low, high = int(found[1]), int(found[2] or found[1])
        if high - low >= 1000:
            raise BadInput(
                f"--seeds {text!r} names more than 1000 seeds.",
                code="out-of-range",
                field="--seeds",
            )
        seeds += range(low, high + 1)
    if not seeds:
        raise BadInput(
            f"--seeds {text!r} names no seed: write 0,1,2 or 0-9.",
            code="empty-list",
            field="--seeds",
        )
    return seeds
