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
from .picture_options import picture_fields, picture_options
from .places import Places, place_pictures
from .profile_options import profile_options

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage


@click.command()
@click.argument("prompt", required=False)
@picture_options
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
    fields.update(picture_fields(given))
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
