"""Commands ``zimg backup`` and ``zimg restore``: gallery, queue and logs in a folder elsewhere."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .console import JSON_OPTION, echo, say

_FOLDER = click.argument("folder", type=click.Path(path_type=Path))
_GALLERY = click.option(
    "--gallery", type=click.Path(path_type=Path), help="Another gallery than the usual."
)


@click.command()
@_FOLDER
@_GALLERY
@click.option("--check", is_flag=True, help="Also read what was copied before; mend what is "
              "damaged.")  # fmt: skip
@click.option("--keep", type=click.IntRange(1), default=None, help="Delete all but so many "
              "snapshots, this one included.")  # fmt: skip
@JSON_OPTION
def backup(
    folder: Path, gallery: Path | None, check: bool, keep: int | None, as_json: bool
) -> None:
    """Copy pictures, queue and logs into FOLDER; only what is new, each verified by its digest.

    All may be in use. One that was interrupted goes on where it stopped.
    """
    from zimg_kernel.backup.make import make_backup

    made = make_backup(folder, gallery, check=check, keep=keep or 0)
    if as_json:
        _tell_json(asdict(made))
    else:
        say(f"The copy of {name} was damaged; a new one was made." for name in made.mended)
        say(made.problems)
        echo(
            f"Snapshot {made.snapshot}: {made.files} files, {made.size / 1e6:.1f} MB; "
            f"{made.copied} new, {made.copied_size / 1e6:.1f} MB."
        )
    if made.problems:
        sys.exit(1)


@click.command()
@_FOLDER
@_GALLERY
@click.option("--snapshot", metavar="NAME", help="One of FOLDER/snapshots; the newest by default.")
@click.option("--force", is_flag=True, help="Also replace files that are newer than the backup's.")
@click.option("--check", is_flag=True, help="Only verify every copy; write nothing.")
@JSON_OPTION
def restore(
    folder: Path,
    gallery: Path | None,
    snapshot: str | None,
    force: bool,
    check: bool,
    as_json: bool,
) -> None:
    """Bring back what zimg backup copied into FOLDER; what is broken there is named."""
    from zimg_kernel.backup.restore import restore_backup

    done = restore_backup(folder, gallery, snapshot=snapshot, force=force, check=check)
    if as_json:
        _tell_json(asdict(done))
    else:
        say([*done.kept, *done.broken])
        counted = f"{done.there} sound" if check else f"{done.files} written, {done.there} there"
        kept, broken = len(done.kept), len(done.broken)
        more = f", {kept} kept" * bool(kept) + f", {broken} not restored" * bool(broken)
        echo(f"Snapshot {done.snapshot}: {counted}{more}.")
    if done.broken:
        sys.exit(1)


def _tell_json(told: dict[str, Any]) -> None:
    echo(json.dumps(told, ensure_ascii=False, indent=2))
