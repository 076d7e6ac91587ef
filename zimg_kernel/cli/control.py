"""Command ``zimg control-map``: lines, depth or pose of a picture as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zimg_kernel.errors import BadInput

from .console import echo


@click.command("control-map")
@click.argument("image", type=click.Path(path_type=Path))
@click.argument("kind")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="A .png, .jpg or .webp.")  # fmt: skip
@click.option("--low", type=float, help="canny: 1 to 1000; lines go on above it.")
@click.option("--high", type=float, help="canny: 1 to 1000; lines begin above it.")
@click.option("--threshold", type=float, help="soft-edge, scribble: a contrast; pose: a score.")
@click.option("--softness", type=float, help="soft-edge: of the lines, px.")
@click.option("--detail", type=float, help="scribble: what is smaller is overlooked, px.")
@click.option("--width", type=int, help="scribble: of the lines, px.")
@click.option("--people", type=int, help="pose: at most so many.")
@click.option("--model", type=click.Path(path_type=Path), help="depth, pose: a model's folder.")
@click.option("--detector", type=click.Path(path_type=Path), help="pose: a detector's folder.")
def control_map_command(image: Path, kind: str, output: Path, **settings: Any) -> None:
    """Make a map of IMAGE that a ControlNet can follow.

    KIND is canny, soft-edge, scribble, depth or pose.
    """
    import warnings

    from zimg_kernel.edit.controls.maps import control_map
    from zimg_kernel.errors import ZimgWarning
    from zimg_kernel.images.metadata import is_picture_name

    if not is_picture_name(output):
        raise BadInput(
            f"{output} must end in .png, .jpg, .jpeg or .webp.",
            code="wrong-ending",
            field="output",
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ZimgWarning)
        drawn = control_map(image, kind, **settings)
    for warning in caught:
        if issubclass(warning.category, ZimgWarning):
            echo(f"zimg: {warning.message}", err=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    drawn.save(output)
    echo(output.expanduser().absolute())
