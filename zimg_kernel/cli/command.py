"""The ``zimg`` command: generate, batch, edit, grid, lora, lint, prompt, test, ..."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import click

from zimg_kernel import __version__
from zimg_kernel.errors import BadInput, JobCancelled, ZimgError

from .backup import backup, restore
from .batch import batch
from .bench import bench
from .console import JSON_OPTION, echo, escape_unprintable, say_warnings
from .control import control_map_command
from .edit import edit_command
from .enhance import enhance_command
from .export import export
from .gallery import gallery, show
from .generate import generate
from .grid import grid
from .lint import lint_command
from .lora import lora
from .models import models, pull
from .nano import nano
from .profile_options import profile_options
from .prompt import prompt
from .serve import serve
from .test import suite_test
from .up import down, status, up
from .variety import variety


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zimg")
def cli() -> None:
    """Draw pictures with the Z-Image family, and look after them."""


for _command in (
    backup,
    batch,
    bench,
    control_map_command,
    down,
    enhance_command,
    export,
    gallery,
    generate,
    grid,
    lint_command,
    lora,
    models,
    nano,
    prompt,
    pull,
    restore,
    serve,
    show,
    status,
    suite_test,
    up,
    variety,
):
    cli.add_command(_command)
cli.add_command(edit_command, "edit")


@cli.command()
@click.argument("notebooks", nargs=-1, required=True, metavar="NOTEBOOK...",
                type=click.Path(path_type=Path))  # fmt: skip
@click.option("-p", "--parameter", "given", type=(str, str), multiple=True, metavar="NAME VALUE",
              help="Set a parameter of the notebook; may be given several times.")  # fmt: skip
@click.option("-r", "--raw", type=(str, str), multiple=True, metavar="NAME TEXT",
              help="The same, as text whatever it looks like.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The executed notebook, or a folder for it.")  # fmt: skip
@click.option("--at-once", type=click.IntRange(1, 64), default=2, metavar="N", show_default=True,
              help="Notebooks that run at the same time.")  # fmt: skip
@profile_options
def run(
    notebooks: tuple[Path, ...],
    given: tuple[tuple[str, str], ...],
    raw: tuple[tuple[str, str], ...],
    output: Path | None,
    at_once: int,
) -> None:
    """Run NOTEBOOK from top to bottom with parameters; print where the result is.

    A notebook is a program: run none of a stranger's that you have not read. A value is read as
    a number, true, false, null or JSON unless the notebook's own is text. Several notebooks share
    one warm engine (zimg up), which is started for them where none runs.
    """
    if len(notebooks) > 1:
        from .run_several import run_notebooks

        run_notebooks(notebooks, given, raw, output, at_once, echo)
        return
    from .address_grammar import without_address_grammar
    from .run import run_notebook

    with without_address_grammar():
        done = run_notebook(notebooks[0], dict(given), output, raw=dict(raw))
    echo(done)


@cli.command()
@JSON_OPTION
def doctor(as_json: bool) -> None:
    """Look at device, memory, disk, models and versions, and say what to fix."""
    from .doctor import examine, report

    findings = examine()
    echo(json.dumps(findings, indent=2) if as_json else report(findings))


def main(arguments: list[str] | None = None) -> None:
    """Run the command; exit with 0 (done), 2 (bad input) or 1 (failure)."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    escape_unprintable()
    say_warnings()
    try:
        cli(arguments, standalone_mode=False, obj=arguments is None)  # a process of its own
    except click.exceptions.Abort:
        _end("interrupted.", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _end(error.format_message(), error.exit_code)
    except BadInput as error:
        _end(str(error), 2)
    except JobCancelled as error:
        _end(str(error), 130)
    except ZimgError as error:
        _end(str(error), 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _end(sentence: str, code: int) -> None:
    echo(f"zimg: {sentence}", err=True)
    sys.exit(code)
