"""The command ``zimg lora``: list the LoRA files, and look into one."""

from __future__ import annotations

import json
import re
import sys

import click

from zimg_kernel.errors import BadInput

from .console import echo

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def lora() -> None:
    """List LoRA files, and tell which model one is for."""


@lora.command("list")
@_JSON
def list_command(as_json: bool) -> None:
    """List the files in the folder of LoRAs (ZIMG_LORAS)."""
    from zimg_kernel import settings
    from zimg_kernel.lora.inspect import list_loras

    found = list_loras()
    if as_json:
        shown = [report.to_dict() for report in found]
        echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif found:
        echo(str(found))
    else:
        echo(f"No LoRAs in {settings.loras_folder()}.", err=True)


@lora.command("show")
@click.argument("file")
@click.option("--model", help="Compare it with this model.")
@_JSON
def show_command(file: str, model: str | None, as_json: bool) -> None:
    """Report what the LoRA FILE (a name or a path) is; with --model, whether it fits.

    The exit code is 1 if it cannot be used.
    """
    from zimg_kernel.lora.inspect import inspect_lora

    report = inspect_lora(file, model)
    if as_json:
        echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        echo(str(report))
    if report.fits == "no":
        sys.exit(1)


def as_lora(text: str) -> tuple[str, float]:
    """Return the name and weight in ``NAME:0.8``; without a number the weight is 1."""
    name, _, number = text.rpartition(":")
    if not name and (swapped := re.fullmatch(r"(.+)=([+-]?(?:\d+\.?\d*|\.\d+))", text)):
        raise BadInput(
            f"--lora {text}: the weight stands behind a colon: write --lora "
            f"{swapped[1]}:{swapped[2]}.",
            code="invalid-value",
            field="lora",
        )
    try:
        weight = float(number) if name else 1.0
    except ValueError:
        if not {"/", "\\", "."} & set(number):
            raise BadInput(
                f"--lora {text}: the weight {number!r} is no number; write --lora NAME:0.8.",
                code="invalid-value",
                field="lora",
            ) from None
        name, weight = text, 1.0  # the colon of a path such as C:\file
    name = name or text
    if not name.strip(":"):
        raise BadInput(
            f"--lora {text} names no file: write --lora NAME:0.8.",
            code="invalid-value",
            field="lora",
        )
    return name, weight
