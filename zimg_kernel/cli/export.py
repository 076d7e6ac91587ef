"""The command ``zimg export``: write a model for other runtimes."""

from __future__ import annotations

from pathlib import Path

import click

from .console import echo


@click.group()
def export() -> None:
    """Write a model's parts for other runtimes."""


@export.command("onnx")
@click.argument("model")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="A new folder; else one in which ZIMG_RUNTIME=onnx finds it.")  # fmt: skip
@click.option("--int8", is_flag=True,
              help="Transformer and text encoder in 8 bits: small, quick, less exact.")  # fmt: skip
def onnx_command(model: str, output: Path | None, int8: bool) -> None:
    """Write text encoder, transformer and VAE decoder of MODEL as ONNX; print the folder.

    Height, width, caption length and batch vary at each run. Weights lie beside each file, and
    manifest.json says what the parts take, what they give and what they were made from.
    """
    from zimg_kernel.models.catalog import get_card
    from zimg_kernel.models.weights import require_weights
    from zimg_kernel.speed.onnx.export import export as export_parts

    card = get_card(model)
    say = lambda line: echo(line, err=True)  # noqa: E731
    folder = export_parts(
        card, require_weights(card), say, precision="int8" if int8 else "fp32", output=output
    )
    echo(folder)
