"""Command ``zimg edit``: pictures changed by words, by a mask, at their sides."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import click

from zimg_kernel.errors import BadInput, ZimgError

from .console import echo
from .places import place_pictures
from .profile_options import profile_options

_SIDES = ("left", "right", "top", "bottom")


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--instruct", metavar="WORDS", help='Change it by words: "make the circle blue".')
@click.option("--inpaint", metavar="MASK", type=click.Path(path_type=Path),
              help="Repaint where the picture MASK is white.")  # fmt: skip
@click.option("--outpaint", metavar="SIDES", help="Make it larger: right=64 or left=32,top=64.")
@click.option("--img2img", "img2img", metavar="STRENGTH", type=float,
              help="Draw it again from its own noise; 0.6 is usual.")  # fmt: skip
@click.option("--vary", metavar="AMOUNT", type=float, help="The same subject, changed by so much.")
@click.option("--upscale", metavar="FACTOR", type=float, help="Enlarge it and draw its details.")
@click.option("--control", metavar="KIND", help="Follow its canny, soft-edge, scribble, depth, "
              "pose, or map.")  # fmt: skip
@click.option("--prompt", help="What the result shows; by default the picture's own prompt.")
@click.option("--strength", type=float, help="How much is drawn anew, above 0 up to 1.")
@click.option("--scale", type=float, help="How strictly a control map is followed, up to 2.")
@click.option("--area", type=click.Choice(["auto", "whole", "masked"]), help="What is seen of it.")
@click.option("--padding", type=int, help="Pixels seen around a masked area.")
@click.option("--feather", type=int, help="Pixels over which a repainted part fades in.")
@click.option("--fit", type=click.Choice(["fit", "crop", "pad"]), help="For sizes not drawn.")
@click.option("--model", help="Id of a model (zimg models lists them).")
@click.option("--negative", "negative_prompt", help="What to keep out.")
@click.option("--width", type=int, help="Width to draw at in px.")
@click.option("--height", type=int, help="Height to draw at in px.")
@click.option("--steps", type=int, help="Denoising steps, 1 to 200.")
@click.option("--guidance", type=float, help="Guidance scale; 0 is off.")
@click.option("--seed", type=int, help="Seed; -1 draws one (the default).")
@click.option("-n", "--count", type=int, help="How many pictures of each.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="A .png/.jpg/.webp or a folder.")  # fmt: skip
@profile_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def edit_command(
    images: tuple[Path, ...], output: Path | None, as_json: bool, **given: Any
) -> None:
    """Change IMAGES in one way and print where the results are.

    One of --instruct, --inpaint, --outpaint, --img2img, --vary, --upscale and --control says
    how. The results are kept in the gallery; -o writes them somewhere else as well. A picture
    that cannot be changed is named, and the others are done.
    """
    from zimg_kernel.images.metadata import is_picture_name

    if output and output.suffix and not output.is_dir() and not is_picture_name(output):
        raise BadInput(
            f"{output} must end in .png, .jpg, .jpeg or .webp, or be a folder.",
            code="wrong-ending",
            field="output",
        )
    if output and is_picture_name(output) and len(images) > 1:
        raise BadInput(
            f"{len(images)} pictures need a folder: give one as -o.",
            code="folder-needed",
            field="output",
        )
    call, fields = _call(given)
    shown, failed = [], []
    for path in images:
        try:
            shown += _one(call, path, fields, output)
        except (BadInput, ZimgError) as error:
            if len(images) == 1:
                raise
            failed.append(path)
            echo(f"zimg: {path}: {error}", err=True)
    if as_json:
        echo(json.dumps([item for _, item in shown], ensure_ascii=False, indent=2))
    else:
        for place, _ in shown:
            echo(place)
    if failed:
        raise ZimgError(
            f"{len(failed)} of {len(images)} pictures were not changed.", code="pictures-missing"
        )


def _one(call: Any, path: Path, fields: dict[str, Any], output: Path | None) -> Any:
    from zimg_kernel.engine.job_messages import JobMessages
    from zimg_kernel.engine.progress import follow

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said below, in the command's own way
        job = call(path, **fields)
    messages = JobMessages(job)
    for sentence in (*messages.new_notes(), *messages.new_warnings()):
        echo(f"zimg: {sentence}", err=True)
    follow(job)
    pictures = job.results()
    places = place_pictures(pictures, output, messages.new_warnings())
    if places.failed:
        raise ZimgError(" ".join(places.notes), code="not-written")
    return [
        (place, {"path": str(place), **picture.record()})
        for place, picture in zip(places.paths, pictures, strict=True)
    ]


def _call(given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the function that was asked for, and what to call it with."""
    from zimg_kernel import edit

    kinds = ("instruct", "inpaint", "outpaint", "img2img", "vary", "upscale", "control")
    asked = [kind for kind in kinds if given[kind] is not None]
    if asked == ["inpaint", "control"]:  # repaint after a map of what was there
        asked = ["inpaint"]
    if len(asked) != 1:
        named = " and ".join(f"--{kind}" for kind in asked) or "nothing"
        raise BadInput(
            f"Say in one way how the picture is to change, not {named}: --instruct WORDS, "
            "--inpaint MASK, --outpaint SIDES, --img2img STRENGTH, --vary AMOUNT, "
            "--upscale FACTOR or --control KIND.",
            code="edit-not-named",
        )
    kind = asked[0]
    value = given.pop(kind)
    own = {
        "instruct": {"fit"},
        "inpaint": {"prompt", "strength", "scale", "area", "padding", "feather"},
        "outpaint": {"prompt"},
        "img2img": {"prompt", "fit"},
        "vary": {"prompt"},
        "upscale": {"prompt", "strength"},
        "control": {"prompt", "scale"},
    }[kind]
    special = {"prompt", "strength", "scale", "area", "padding", "feather", "fit"}
    fields = {name: v for name, v in given.items() if v is not None and name not in kinds}
    if kind == "inpaint" and given["control"] is not None:
        fields["control"] = given["control"]
    for name in special & set(fields) - own:
        raise BadInput(
            f"--{name} has no part in --{kind}: leave it out.",
            code="option-without-effect",
            field=name,
        )
    if kind == "control" and "prompt" not in fields:
        raise BadInput(
            "Say what the result is to show: --prompt WORDS.", code="empty-prompt", field="prompt"
        )
    names = {
        "instruct": "instruction",
        "inpaint": "mask",
        "img2img": "strength",
        "vary": "amount",
        "upscale": "factor",
        "control": "kind",
    }
    fields |= _margins(value) if kind == "outpaint" else {names[kind]: value}
    return getattr(edit, kind), fields


def _margins(text: str) -> dict[str, int]:
    margins = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        if name not in _SIDES or not value.strip().isdigit():
            raise BadInput(
                f"--outpaint cannot be {text!r}: name the sides and their pixels, such as "
                "right=64 or left=32,top=64.",
                code="invalid-value",
                field="outpaint",
            )
        margins[name] = int(value)
    return margins
