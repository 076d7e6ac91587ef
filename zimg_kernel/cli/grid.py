"""The command ``zimg grid``: a table of pictures from a YAML file."""

from __future__ import annotations

from pathlib import Path

import click

from zimg_kernel.errors import ZimgError

from .console import echo
from .profile_options import profile_options


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="Folder for grid.json, grid.html, grid.csv and grid.png.")  # fmt: skip
@click.option("--fresh", is_flag=True, help="Draw every picture again, with new seeds for -1.")
@click.option("--dry-run", is_flag=True, help="Check the cells and say how many are missing.")
@profile_options
def grid(spec: Path, output: Path, fresh: bool, dry_run: bool) -> None:
    """Draw the grid that the YAML file SPEC describes; given again, it goes on.

    \b
    prompt: a red circle on a beach
    model: nano-turbo
    x: {seed: [1, 2, 3]}
    y: {swap: red, words: [red, blue]}
    z: {steps: [2, 8]}
    """
    import warnings

    from zimg_kernel.experiments.batch.paths import output_path
    from zimg_kernel.experiments.grid.yaml_file import grid_from_yaml
    from zimg_kernel.files import atomic_file

    table = grid_from_yaml(spec, folder=output, fresh=fresh)
    done, total = table.progress
    if dry_run:
        echo(f"{total} cells, {total - done} to draw")
        return
    if done:
        echo(f"zimg: {done} of {total} pictures are there already.", err=True)
    for sentence in table.warnings:
        echo(f"zimg: {sentence}", err=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shown above, in the command's own way
        table.run()
    echo(table.to_html(output / "grid.html"))
    echo(table.to_csv(output / "grid.csv"))
    picture = output_path(output / "grid.png", ".png")
    with atomic_file(picture) as file:
        table.contact_sheet().save(file, "PNG")
    echo(picture)
    for cell in table.failures:
        echo(f"zimg: row {cell.row}, column {cell.column}: {cell.error}", err=True)
    if table.failures:
        raise ZimgError(
            f"{len(table.failures)} of {total} cells have no picture.", code="pictures-missing"
        )
