"""Command ``zimg bench``: measure, compare two results, gather many."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zimg_kernel.errors import BadInput, ZimgError

from .console import echo

if TYPE_CHECKING:
    from zimg_kernel.experiments.bench import BenchResult, Progress


class _WithSuites(click.Group):
    """A group whose other commands are the suites."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from zimg_kernel.experiments.bench.suites import SUITES

        return [*SUITES, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        own = super().get_command(ctx, name)
        if own is not None:
            return own
        from zimg_kernel.experiments.bench.suites import SUITES

        if name not in SUITES:
            raise BadInput(
                f"There is no benchmark {name!r}: choose {', '.join(SUITES)}, compare, collect "
                "or report.",
                code="unknown-suite",
                field="suite",
            )
        return _suite_command(name, SUITES[name].about)


@click.group(cls=_WithSuites)
def bench() -> None:
    """Measure models, engines and other programs: zimg bench SUITE."""


def _suite_command(name: str, about: str) -> click.Command:
    options = [
        click.Option(["--model", "models"], multiple=True, help="A model's id, "
                     "MODEL@PROFILE such as @fast+8GB or @onnx, cluster:MODEL (the shared engine), "
                     "stock:MODEL, comfyui:URL[,workflow=FILE] or "
                     "sd-cpp:FILE[,llm=FILE,vae=FILE]; repeatable."),
        click.Option(["--rounds"], type=click.IntRange(1), help="How often each draws each case."),
        click.Option(["-o", "--out"], type=click.Path(path_type=Path), help="Folder of result.json "
                     "and the pictures; what was stopped there goes on."),
        click.Option(["--pause"], type=click.FloatRange(0), help="Seconds after each run."),
        click.Option(["--case", "cases"], multiple=True, help="Only cases of this name."),
        click.Option(["-p", "--parameter", "given"], type=(str, str), multiple=True,
                     metavar="NAME VALUE", help="Of all pictures, such as -p width 1024."),
        click.Option(["--gpu-memory"], type=click.FloatRange(0, min_open=True),
                     help="10**9 bytes of the card that torch may use."),
        click.Option(["--seed"], type=int, default=42, show_default=True),
        click.Option(["--time-limit"], type=click.FloatRange(0, min_open=True), default=600,
                     show_default=True, help="Seconds that a run may take."),
    ]  # fmt: skip

    def run(given: tuple[tuple[str, str], ...], models: tuple[str, ...],
            cases: tuple[str, ...], **more: Any) -> None:  # fmt: skip
        from zimg_kernel.experiments.bench import run_bench

        params = {key: _value(text) for key, text in given}
        result = run_bench(
            name, models or None, cases=cases or None, params=params, on_progress=_say, **more
        )
        _show(result)

    parameters: list[click.Parameter] = list(options)
    return click.Command(name, callback=run, params=parameters, help=about)


@bench.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(before: Path, after: Path, as_json: bool) -> None:
    """Say what changed beyond noise from result BEFORE to result AFTER.

    Five rounds tell steps that sleep or wait, ten and more other small changes. On a busy CPU draw
    with one thread (OMP_NUM_THREADS=1): then the time that other programs took is known exactly,
    and taken away.
    """
    from zimg_kernel.experiments.bench.compare import compare_results
    from zimg_kernel.experiments.bench.result_file import read_result

    comparison = compare_results(read_result(_file(before)), read_result(_file(after)))
    echo(json.dumps(comparison.as_dict(), ensure_ascii=False, indent=1) if as_json else comparison)


@bench.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", "to", type=click.Path(path_type=Path), help="Also write a CSV file.")
def collect(folder: Path, to: Path | None) -> None:
    """Gather all results below FOLDER, of one machine or many, into one table."""
    from zimg_kernel.experiments.bench.collect import collect_results

    table = collect_results(folder)
    echo(table)
    if to is not None:
        echo(table.to_csv(to))


@bench.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", "outs", multiple=True, type=click.Path(path_type=Path),
              help="A file ending in .html or .json, instead of text; repeatable.")  # fmt: skip
def report(paths: tuple[Path, ...], outs: tuple[Path, ...]) -> None:
    """Make the report of the results in PATHS: files, or folders that hold some."""
    from zimg_kernel.experiments.batch.paths import output_path
    from zimg_kernel.experiments.bench.report.report import BenchReport
    from zimg_kernel.experiments.bench.report.view import as_text

    files = [output_path(out, ".html", ".htm", ".json") for out in outs]
    made = BenchReport(paths)
    for file in files:
        if file.suffix == ".json":
            made.to_json(file)
        else:
            made.to_html(file)
        echo(file)
    if not files:
        echo(as_text(made))


def _say(progress: Progress) -> None:
    echo(f"zimg: {progress}", err=True)


def _show(result: BenchResult) -> None:
    from zimg_kernel.experiments.bench.text import as_text

    echo(as_text(result))
    drawn = {run.status for run in result.runs} & {"ok", "broken", "out-of-memory"}
    why = next((run.error for run in result.runs if run.status == "skipped" and run.error), None)
    if why and not drawn:
        raise BadInput(f"Nothing could be measured: {why}", code="nothing-measured", field="model")
    if any(one.error for one in result.competitors):
        raise ZimgError("Not all competitors could be measured.", code="competitor-failed")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _file(path: Path) -> Path:
    """Return a result's file; a folder stands for the one in it."""
    from zimg_kernel.experiments.bench.runner import FILE

    return path / FILE if os.path.isdir(path) else path
