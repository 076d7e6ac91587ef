"""Commands ``zimg nano eval`` and ``zimg nano train``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zimg_kernel.errors import BadInput


@click.group()
def nano() -> None:
    """Measure and train the embedded miniatures."""


@nano.command("eval")
@click.option("--n", type=click.IntRange(20), default=200, show_default=True,
              help="How many prompts; edits and negative prompts come on top.")  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses prompts and noise.")
@click.option("--members", default="base,turbo,edit", show_default=True, help="Which to measure.")
@click.option("--folder", type=click.Path(path_type=Path), help="Models that you trained.")
@click.option("--device", help="cpu or cuda; by default what is there.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Also write a JSON file.")
def nano_eval(to: Path | None, **given: Any) -> None:
    """Measure how well the miniatures follow fresh prompts and instructions."""
    from zimg_kernel.nano.evaluate.report import main

    unknown = set(given["members"].split(",")) - {"base", "turbo", "edit"}
    if unknown:
        raise BadInput(
            f"--members knows base, turbo and edit, not {', '.join(sorted(unknown))}.",
            code="unknown-model",
            field="members",
        )
    main(_arguments({**given, "json": to}))


@nano.command("train")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for it all.")
@click.option("--budget", default="20m", show_default=True, help="Time to train: 5m, 90s, 1h.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--device", help="cpu or cuda; by default what is there.")
@click.option(
    "--finetune",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A finished nano-base, such as the shipped one, to train further.",
)
@click.option("--fresh", is_flag=True, help="On a CPU too, train all parts (takes hours).")
def nano_train(fresh: bool, **given: Any) -> None:
    """Train the miniatures; goes on where it stopped when given again.

    On a GPU all of it, from nothing. On a CPU a small transformer in a small world, a lesson of
    minutes: its autoencoder and text encoder are the shipped miniature's.
    """
    from zimg_kernel.nano.train.run import main, seconds

    try:
        seconds(given["budget"])
    except ValueError:
        raise BadInput(
            f"--budget {given['budget']!r} is no time: write 5m, 90s or 1h.",
            code="invalid-value",
            field="budget",
        ) from None
    main([*_arguments(given), *(["--fresh"] if fresh else [])])


def _arguments(given: dict[str, Any]) -> list[str]:
    return [f"--{name}={value}" for name, value in given.items() if value is not None]
