"""The command ``zimg variety``: diversity of pictures by several methods."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zimg_kernel.errors import ZimgError

from .console import echo
from .profile_options import profile_options


@click.command()
@click.argument("prompts", nargs=-1, required=True, metavar="PROMPT...")
@click.option("--methods", help="Names with commas between: seeds, rewording, embedding_noise, "
              "early_guidance, far_noise; all by default.")  # fmt: skip
@click.option("-n", "number", type=click.IntRange(2, 1000), default=8, show_default=True,
              help="Pictures of each prompt by each method.")  # fmt: skip
@click.option("--model", help="Id of a model (zimg models lists them).")
@click.option("--seed", type=int, help="First seed; one is drawn by default.")
@click.option("--wording", "wordings", multiple=True, help="For rewording; give it several times.")
@click.option("--features", type=click.Choice(["layout", "clip"]), default="layout",
              show_default=True, help="What diversity is measured by.")  # fmt: skip
@click.option("--json", "to", type=click.Path(path_type=Path), help="Also write a JSON file.")
@profile_options
def variety(
    prompts: tuple[str, ...],
    methods: str | None,
    number: int,
    model: str | None,
    seed: int | None,
    wordings: tuple[str, ...],
    features: str,
    to: Path | None,
) -> None:
    """Draw PROMPT by several methods, and print what each gains in variety and what it costs.

    Given again after a kill, it goes on where it was.
    """
    from zimg_kernel.experiments.variety.compare import compare_variety

    given: dict[str, Any] = {"model": model, "seed": seed}
    names = [name.strip() for name in methods.split(",") if name.strip()] if methods else None
    report = compare_variety(
        list(prompts),
        names,
        number,
        features=features,  # type: ignore[arg-type]
        wordings=list(wordings) or None,
        **{name: value for name, value in given.items() if value is not None},
    )
    echo(str(report))
    if to is not None:
        report.to_json(to)
        echo(to.expanduser().absolute())
    failed = sum(cell.status == "failed" for row in report.rows for cell in row.cells)
    if failed:
        raise ZimgError(f"{failed} pictures could not be drawn.", code="pictures-missing")
