"""Options of the fields of a picture, of commands that draw prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from .lora import as_lora

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--model",), {"help": "Id of a model (zimg models lists them)."}),
    (("--negative",), {"help": "What to keep out; works only with guidance."}),
    (("--width",), {"type": int, "help": "Width in px, a multiple of 16."}),
    (("--height",), {"type": int, "help": "Height in px, a multiple of 16."}),
    (("--steps",), {"type": int, "help": "Denoising steps, 1 to 200."}),
    (("--guidance",), {"type": float, "help": "Guidance scale; 0 is off."}),
    (("--embedding-noise",), {"type": float, "help": "0 to 1; makes seeds differ more."}),
    (("--seed",), {"type": int, "help": "Seed; -1 draws one for each prompt (the default)."}),
    (("-n", "--count"), {"type": int, "help": "Pictures of a prompt, with seeds counting up."}),
    (("--lora", "loras"), {"multiple": True, "metavar": "NAME:WEIGHT",
                           "help": "A LoRA and its weight, such as my-style:0.8; repeatable."}),
)  # fmt: skip


def picture_options(command: _Command) -> _Command:
    """Give a command the options; :func:`picture_fields` reads what was given."""
    for names, settings in reversed(_OPTIONS):
        command = click.option(*names, **settings)(command)
    return command


def picture_fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options that were given as fields of :class:`GenerationParams`."""
    fields = {name: value for name, value in given.items() if value not in (None, ())}
    if "negative" in fields:
        fields["negative_prompt"] = fields.pop("negative")
    if "loras" in fields:
        fields["loras"] = [as_lora(text) for text in fields["loras"]]
    return fields
