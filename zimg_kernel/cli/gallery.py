"""Commands ``zimg gallery`` and ``zimg show``: pictures that were drawn, and their records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .console import JSON_OPTION, echo, say


@click.command()
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Also timings, device and versions.")
def show(image: Path, everything: bool) -> None:
    """Print the parameters inside IMAGE as JSON; `zimg generate --params -` draws them again."""
    from zimg_kernel.images.metadata import read_record

    record = read_record(image.expanduser().absolute())
    say(tuple((record.get("foreign") or {}).get("notes", ())))
    shown = record if everything else record["params"]
    echo(json.dumps(shown, ensure_ascii=False, indent=2))


@click.command()
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
@JSON_OPTION
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
        echo(f"{pictures.empty_trash()} pictures deleted from the trash of {pictures.folder}")
        return
    if rebuild:
        echo(f"{pictures.rebuild()} pictures in {pictures.folder}", err=True)
        if pictures.unread:
            echo(f"{len(pictures.unread)} could not be read, or not wholly:", err=True)
            for file in pictures.unread:
                echo(f"  {file.reason}", err=True)
    if family is not None:
        tree = pictures.lineage(family)
        listed = json.dumps(tree.to_list(), ensure_ascii=False, indent=2) if as_json else ""
        echo(listed or tree.text())
        return
    found = pictures.search(search, **filters)
    if as_json:
        shown = [{"path": str(entry.path), **entry.record} for entry in found]
        echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for entry in found:
        prompt = " ".join(entry.prompt.split())
        echo(f"{entry.path}\t{entry.created:%Y-%m-%d %H:%M}\t{entry.model}\t{prompt}")
    if not found:
        echo(f"No pictures found in {pictures.folder}.", err=True)
