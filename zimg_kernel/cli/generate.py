"""Command ``zimg generate``: draw a prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zimg_kernel.errors import BadInput, ZimgError

from .cold_start import collect_seldom, leave_out_unused
from .console import JSON_OPTION, echo, say
from .lora import as_lora
from .places import Places, place_pictures
from .profile_options import profile_options

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage


@click.command()
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
@profile_options
@JSON_OPTION
def generate(
    prompt: str | None, output: Path | None, params_file: Any, as_json: bool, **given: Any
) -> None:
    """Draw PROMPT and print where the picture is.

    Pictures are kept in the gallery; -o writes them somewhere else as well.
    """
    from zimg_kernel.api import as_params
    from zimg_kernel.engine.default import default_engine
    from zimg_kernel.engine.job_messages import JobMessages
    from zimg_kernel.engine.progress import follow
    from zimg_kernel.images.metadata import is_picture_name

    own_process = bool(click.get_current_context().obj)
    if own_process:
        collect_seldom()
    if output and output.suffix and not output.is_dir() and not is_picture_name(output):
        raise BadInput(
            f"{output} must end in .png, .jpg, .jpeg or .webp, or be a folder.",
            code="wrong-ending",
            field="output",
        )
    fields: dict[str, Any] = {}
    if params_file is not None:
        from zimg_kernel.params import GenerationParams

        fields = GenerationParams.from_json(params_file.read(), prompt=prompt).model_dump()
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
    engine = default_engine()
    if own_process:
        leave_out_unused(wanted.replace(model=wanted.model or engine.default_model()))
    job = engine.submit(wanted, preview="none")
    messages = JobMessages(job)
    say(messages.new_warnings())
    try:
        follow(job)
        images = job.results()
    except KeyboardInterrupt:
        _print(job.images, place_pictures(job.images, output, messages.new_warnings()), as_json)
        raise
    places = place_pictures(images, output, messages.new_warnings())
    _print(images, places, as_json)
    if places.failed:
        raise ZimgError(" ".join(places.notes), code="not-written")
    say(places.notes)


def _print(images: Sequence[GeneratedImage], places: Places, as_json: bool) -> None:
    if as_json:
        pairs = zip(places.paths, images, strict=True)
        shown = [{"path": str(path) if path else None, **i.record()} for path, i in pairs]
        echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        for path in places.paths:
            if path is not None:
                echo(path)
