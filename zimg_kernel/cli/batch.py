"""Command ``zimg batch``: draw the prompts of a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zimg_kernel.errors import BadInput, ZimgError

from .console import JSON_OPTION, echo, say
from .picture_options import picture_fields, picture_options
from .profile_options import profile_options

if TYPE_CHECKING:
    from zimg_kernel.engine.protocol import Engine
    from zimg_kernel.experiments.batch.cells import Cell
    from zimg_kernel.experiments.batch.prompts import PromptBatch


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("-p", "--prompt", "prompts", multiple=True, help="A prompt; repeatable.")
@picture_options
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Folder for the pictures, batch.csv and batch.json.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Draw every picture again, with new seeds for -1.")
@click.option("--dry-run", is_flag=True, help="Check the lines and say how many are missing.")
@profile_options
@JSON_OPTION
def batch(
    files: tuple[Path, ...], prompts: tuple[str, ...], output: Path | None, fresh: bool,
    dry_run: bool, as_json: bool, **given: Any,
) -> None:  # fmt: skip
    """Draw the prompts of FILE; given again, only what is missing.

    FILE is text (a prompt a line), CSV (a head of names such as prompt,seed,width), JSON or YAML
    (a list of prompts or parameters) or JSON lines. What a line says comes before the options. A
    line that cannot be drawn does not stop the others. Several pictures share one warm engine
    (zimg up), which is started for them where none runs.
    """
    from zimg_kernel.engine.default import default_engine
    from zimg_kernel.experiments.batch.paths import batch_folder
    from zimg_kernel.experiments.batch.prompts import PromptBatch

    if not files and not prompts:
        raise BadInput(
            "Name a file of prompts: zimg batch prompts.txt.", code="empty-prompt", field="file"
        )
    if output is not None and output.exists() and not output.is_dir():
        raise BadInput(
            f"{output} is to hold the pictures: name a folder with -o.",
            code="not-a-folder",
            field="output",
        )
    fields = picture_fields(given)
    names = [str(file.expanduser().absolute()) for file in files]
    found = PromptBatch(
        _lines(files, prompts), batch_folder(output, "batches", [names, prompts, fields]),
        default_engine(), fields, None if dry_run else output and output.absolute(), fresh,
    )  # fmt: skip
    waiting = found.waiting
    say(found.warnings)
    if dry_run:
        echo(f"{len(found.cells)} pictures, {len(waiting)} to draw")
    else:
        if len(waiting) < len(found.cells):
            there = len(found.cells) - len(waiting)
            say([f"{there} of {len(found.cells)} pictures are there already."])
        table = _draw(found)
        _print(found, as_json)
        say([f"the table is {table}", *found.unsaved])
    _refuse_failed(found)


def _lines(files: tuple[Path, ...], prompts: tuple[str, ...]) -> list[Any]:
    """Return all lines, numbered on from one file to the next."""
    from dataclasses import replace

    from zimg_kernel.experiments.batch.prompt_file import PromptLine, read_prompts

    found: list[PromptLine] = []
    for file in files:
        start = found[-1].number if found else 0
        found += [replace(line, number=start + line.number) for line in read_prompts(file)]
    start = found[-1].number if found else 0
    return found + [PromptLine(start + n, {"prompt": text}) for n, text in enumerate(prompts, 1)]


def _draw(found: PromptBatch) -> Path:
    """Draw what is missing, and write the table, also after an interrupt."""
    from zimg_kernel.engine.job_messages import JobMessages
    from zimg_kernel.engine.progress import ProgressBar

    waiting = len(found.waiting)
    done, told = 0, set[str]()
    in_terminal = sys.stderr.isatty()

    def on_job(job: Any) -> None:
        fresh = [text for text in JobMessages(job).new_warnings() if text not in told]
        told.update(fresh)
        say(text for text in fresh if text not in found.warnings)

    def on_cell(cell: Cell) -> None:
        nonlocal done
        done += 1
        bar.show(done)
        if not in_terminal:
            outcome = cell.error or cell.path or "it is in memory alone"
            say([f"picture {done} of {waiting}: line {cell.row}, {outcome}"])

    try:
        with _engine_for(waiting) as engine, ProgressBar(waiting, "Drawing") as bar:
            if waiting:
                found.run(engine, on_cell, on_job)
    finally:
        table = found.table()
    return table


@contextmanager
def _engine_for(pictures: int) -> Iterator[Engine]:
    """Have an engine for so many pictures: a shared one where there are several."""
    from zimg_kernel.cluster.attach import attach
    from zimg_kernel.cluster.borrowed import engine_for_several
    from zimg_kernel.engine.default import default_engine
    from zimg_kernel.engine.local import LocalEngine

    default = default_engine()
    if not isinstance(default, LocalEngine) or default.loaded:
        yield default
        return
    with engine_for_several(pictures) as there:
        shared = attach(default.gallery) if there else None
        try:
            yield shared or default
        finally:
            if shared is not None:
                shared.close()


def _print(found: PromptBatch, as_json: bool) -> None:
    if as_json:
        echo(json.dumps(found.rows(), ensure_ascii=False, indent=2))
        return
    for cell in found.cells:
        if cell.path is not None:
            echo(cell.path)


def _refuse_failed(found: PromptBatch) -> None:
    """Say which lines have no picture, those of one reason together."""
    by_reason: dict[str, list[int]] = {}
    for number, error in sorted(found.errors.items()):
        by_reason.setdefault(error, []).append(number)
    for error, numbers in by_reason.items():
        say([f"{_numbered(numbers)}: {error}"])
    if found.errors:
        raise ZimgError(
            f"{len(found.errors)} of {len(found.lines)} lines have no picture, or not all of "
            "theirs: mend them and give the same command again, which draws what is missing.",
            code="pictures-missing",
        )
    if found.unsaved:
        raise ZimgError(
            f"{len(found.unsaved)} pictures are in the gallery alone.", code="not-written"
        )


def _numbered(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
    return f"line {shown}" if len(numbers) == 1 else f"{len(numbers)} lines ({shown})"
