"""Options ``--speed`` and ``--memory`` of commands that draw."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def profile_options(command: _Command) -> _Command:
    """Give a command the options; they set ZIMG_SPEED and ZIMG_MEMORY while it runs.

    So they reach kernels that the command starts, too, and are refused as those are.
    """
    for name, shown, told in (
        ("--memory", "SIZE", "Memory of the GPU to keep to, such as 8GB (auto: all that is free)."),
        ("--speed", "NAME", "exact, fast (8 bits), stock or auto, which is the default."),
    ):
        command = click.option(
            name, metavar=shown, help=told, expose_value=False, callback=_choose
        )(command)
    return command


def _choose(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from zimg_kernel.models.load_profile import use_profile

    name = f"ZIMG_{option.name}".upper()
    before = os.environ.get(name)
    use_profile(**{str(option.name): value or "auto"})  # type: ignore[arg-type]

    def restore() -> None:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before

    context.call_on_close(restore)
