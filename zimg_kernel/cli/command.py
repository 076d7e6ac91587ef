"""The ``zimg`` command: generate, edit, grid, lora, lint, enhance, prompt, variety, test, ..."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from zimg_kernel import __version__
from zimg_kernel.errors import BadInput, JobCancelled, ZimgError

from .console import escape_unprintable, say, say_warnings
from .control import control_map_command
from .edit import edit_command
from .enhance import enhance_command
from .grid import grid
from .lint import lint_command
from .lora import as_lora, lora
from .nano import nano
from .prompt import prompt
from .test import suite_test
from .variety import variety

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="zimg")
def cli() -> None:
    """Draw pictures with the Z-Image family, and look after them."""


cli.add_command(control_map_command)
cli.add_command(edit_command, "edit")
cli.add_command(grid)
cli.add_command(lora)
cli.add_command(nano)
cli.add_command(prompt)
cli.add_command(suite_test)
cli.add_command(variety)


@cli.command()
@click.argument("prompt", required=False)
@click.option("--model", help="Id of a model (zimg models lists them).")
@click.option("--negative", help="What to keep out; works only with guidance.")
@click.option("--width", type=int, help="Width in px, a multiple of 16.")
@click.option("--height", type=int, help="Height in px, a multiple of 16.")
@click.option("--steps", type=int, help="Denoising steps, 1 to 200.")
@click.option("--guidance", type=float, help="Guidance scale; 0 is off.")
@click.option("--embedding-noise", type=float, help="0 to 1; makes seeds differ more.")
@click.option("--seed", type=int, help="Seed; -1 draws one (the default).")
@click.option("-n", "--count", type=int, help="How many pictures, with seeds counting up.")
@click.option("--lora", "loras", multiple=True, metavar="NAME:WEIGHT",
              help="A LoRA and its weight, such as my-style:0.8; repeatable.")  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="A .png/.jpg/.webp or a folder."
)
@click.option("--params", "params_file", type=click.File("r", encoding="utf-8"),
              help="Start from JSON that `zimg show` printed (- reads it from stdin).")  # fmt: skip
@_JSON
def generate(
    prompt: str | None, output: Path | None, params_file: Any, as_json: bool, **given: Any
) -> None:
    """Draw PROMPT and print where the picture is.

    Pictures are kept in the gallery; -o writes them somewhere else as well.
    """
    from zimg_kernel.api import as_params
    from zimg_kernel.engine.default import default_engine
    from zimg_kernel.engine.progress import follow
    from zimg_kernel.images.export import export_pictures
    from zimg_kernel.images.metadata import is_picture_name

    if output and output.suffix and not output.is_dir() and not is_picture_name(output):
        raise BadInput(
            f"{output} must end in .png, .jpg, .jpeg or .webp, or be a folder.",
            code="wrong-ending",
            field="output",
        )
    fields: dict[str, Any] = {}
    if params_file is not None:
        from zimg_kernel.params import GenerationParams

        fields = GenerationParams.from_json(params_file.read()).model_dump()
    elif prompt is None:
        raise BadInput(
            'Say what to draw: zimg generate "a red circle".', code="empty-prompt", field="prompt"
        )
    given["negative_prompt"] = given.pop("negative")
    given["loras"] = [as_lora(text) for text in given["loras"]] or None
    fields.update({name: value for name, value in given.items() if value is not None})
    if prompt is not None:
        fields["prompt"] = prompt
    wanted = as_params(fields, {})
    job = default_engine().submit(wanted, preview="none")
    say(job.new_warnings())
    follow(job)
    images = job.results()
    unsaved = job.new_warnings()
    paths = export_pictures(images, output) if output else [image.path for image in images]
    if as_json:
        shown = [{"path": str(p), **i.record()} for p, i in zip(paths, images, strict=True)]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for path in paths:
            if path is not None:
                click.echo(path)
    if unsaved and not output:
        raise ZimgError(" ".join(unsaved), code="not-written")
    say(unsaved)


@cli.command()
@_JSON
def models(as_json: bool) -> None:
    """List the models, and which are ready to draw."""
    from zimg_kernel.models.catalog import load_catalog
    from zimg_kernel.models.weights import find_weights

    rows: list[dict[str, Any]] = []
    for card in load_catalog().values():
        weights = find_weights(card)
        rows.append(
            {
                "id": card.id,
                "title": card.title,
                "family": card.family,
                "ready": weights.ready,
                "folder": str(weights.folder) if weights.folder else None,
                "problem": f"{weights.problem}; {weights.remedy}" if weights.problem else None,
                "default_size": card.default_size,
                "sizes": card.sizes,
                "steps": card.steps,
                "guidance": card.guidance,
                "memory_gb": card.memory_gb,
                "licence": card.licence,
            }
        )
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    head = f"{'MODEL':16} {'FAMILY':8} {'READY':6} {'SIZE':10} {'STEPS':>5} {'GUIDANCE':>8}  WHERE"
    click.echo(head)
    for row in rows:
        size = f"{row['default_size'][0]}x{row['default_size'][1]}"
        where = row["folder"] if row["ready"] else row["problem"]
        ready = "yes" if row["ready"] else "no"
        line = f"{row['id']:16} {row['family']:8} {ready:6} {size:10}"
        click.echo(f"{line} {row['steps']:5} {row['guidance']:8g}  {where}")


@cli.command()
@click.argument("model")
@click.option("--verify", is_flag=True, help="Check the sums of files that look complete.")
@click.option("--bf16", is_flag=True, help="Afterwards make a bf16 copy of an fp32 transformer.")
@click.option("--drop-fp32", is_flag=True, help="With --bf16: remove the fp32 original.")
@click.option("--controlnet", is_flag=True, help="The model's ControlNet instead.")
def pull(model: str, verify: bool, bf16: bool, drop_fp32: bool, controlnet: bool) -> None:
    """Download MODEL, or finish a download that was cut off.

    MODEL may also be depth, pose or person: what those control maps are made with.
    """
    from zimg_kernel.edit.controls.controlnet_files import pull_controlnet
    from zimg_kernel.edit.controls.estimators import ESTIMATORS, pull_estimator
    from zimg_kernel.models.catalog import get_card, load_catalog
    from zimg_kernel.models.convert import convert_to_bf16
    from zimg_kernel.models.download import pull as pull_model

    say = lambda line: click.echo(line, err=True)  # noqa: E731
    if model in ESTIMATORS and model not in load_catalog():
        click.echo(pull_estimator(ESTIMATORS[model], say))
        return
    card = get_card(model)
    if controlnet:
        click.echo(pull_controlnet(card, say, verify))
        return
    folder = pull_model(card, say, verify)
    if bf16 or drop_fp32:
        folder = convert_to_bf16(card, folder, say, drop_fp32)
    click.echo(folder)


@cli.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Also timings, device and versions.")
def show(image: Path, everything: bool) -> None:
    """Print the parameters inside IMAGE as JSON; `zimg generate --params -` draws them again."""
    from zimg_kernel.images.metadata import read_record

    record = read_record(image.expanduser().absolute())
    say(tuple((record.get("foreign") or {}).get("notes", ())))
    shown = record if everything else record["params"]
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


@cli.command()
@click.option("--search", default="", help="Words that the prompt must hold.")
@click.option("--model", help="Only this model's pictures.")
@click.option("--day", help="Only this day's, as in 2026-11-21.")
@click.option("--seed", type=int, help="Only this seed's.")
@click.option("--limit", type=click.IntRange(1), help="At most so many, newest first.")
@click.option("--folder", type=click.Path(path_type=Path), help="Another gallery than the usual.")
@click.option("--rebuild", is_flag=True, help="First make the index again from the files.")
@click.option("--empty-trash", is_flag=True, help="Delete thrown-away pictures for good, no more.")
@click.option("--family", type=click.Path(path_type=Path), help="What this picture was made from "
              "and what was made of it, as a tree.")  # fmt: skip
@_JSON
def gallery(
    search: str,
    folder: Path | None,
    rebuild: bool,
    empty_trash: bool,
    family: Path | None,
    as_json: bool,
    **filters: Any,
) -> None:
    """List pictures, newest first."""
    from zimg_kernel.gallery.gallery import Gallery

    pictures = Gallery(folder)
    if empty_trash:
        click.echo(f"{pictures.empty_trash()} pictures deleted from the trash of {pictures.folder}")
        return
    if rebuild:
        click.echo(f"{pictures.rebuild()} pictures in {pictures.folder}", err=True)
        if pictures.unread:
            click.echo(f"{len(pictures.unread)} could not be read, or not wholly:", err=True)
            for file in pictures.unread:
                click.echo(f"  {file.reason}", err=True)
    if family is not None:
        tree = pictures.lineage(family)
        listed = json.dumps(tree.to_list(), ensure_ascii=False, indent=2) if as_json else ""
        click.echo(listed or tree.text())
        return
    found = pictures.search(search, **filters)
    if as_json:
        shown = [{"path": str(entry.path), **entry.record} for entry in found]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for entry in found:
        prompt = " ".join(entry.prompt.split())
        click.echo(f"{entry.path}\t{entry.created:%Y-%m-%d %H:%M}\t{entry.model}\t{prompt}")
    if not found:
        click.echo(f"No pictures found in {pictures.folder}.", err=True)


@cli.command()
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("-p", "--parameter", "given", type=(str, str), multiple=True, metavar="NAME VALUE",
              help="Set a parameter of the notebook; may be given several times.")  # fmt: skip
@click.option("-r", "--raw", type=(str, str), multiple=True, metavar="NAME TEXT",
              help="The same, as text whatever it looks like.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The executed notebook, or a folder for it.")  # fmt: skip
def run(
    notebook: Path,
    given: tuple[tuple[str, str], ...],
    raw: tuple[tuple[str, str], ...],
    output: Path | None,
) -> None:
    """Run NOTEBOOK from top to bottom with parameters; print where the result is.

    A value is read as a number, true, false, null or JSON unless the notebook's own is text.
    """
    from .run import run_notebook, without_address_grammar

    with without_address_grammar():
        done = run_notebook(notebook, dict(given), output, raw=dict(raw))
    click.echo(done)


@cli.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Look at device, memory, disk, models and versions, and say what to fix."""
    from .doctor import examine, report

    findings = examine()
    click.echo(json.dumps(findings, indent=2) if as_json else report(findings))


cli.add_command(lint_command)
cli.add_command(enhance_command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; exit with 0 (done), 2 (bad input) or 1 (failure)."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    escape_unprintable()
    say_warnings()
    try:
        cli(arguments, standalone_mode=False)
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
    click.echo(f"zimg: {sentence}", err=True)
    sys.exit(code)
