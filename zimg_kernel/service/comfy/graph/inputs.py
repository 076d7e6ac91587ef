"""Inputs of nodes: their types, limits and defaults, as ComfyUI describes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ANY = "*"
_MOST_DIGITS = 64  # of a number that is given as text


@dataclass(frozen=True)
class Input:
    """One input of a node.

    Parameters
    ----------
    kind : str
        ``INT``, ``FLOAT``, ``STRING``, ``BOOLEAN``, ``COMBO``, or the type of a linked value
        such as ``MODEL``.
    required : bool
    options : dict
        What ComfyUI says of it beside its type: ``default``, ``min``, ``max``, ``step``,
        ``multiline``, ``tooltip`` ...
    choices : callable, optional
        Of a ``COMBO``: returns the values to choose from, anew at every call; it gets what the
        registry's nodes are given as services.
    listed : bool
        Of a ``COMBO``: False leaves a value that is not among the choices to the node's own
        ``validate``.
    """

    kind: str
    required: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    choices: Callable[[Any], Sequence[str]] | None = None
    listed: bool = True
    services: Any = None

    @property
    def is_widget(self) -> bool:
        """True where a value is typed or chosen in the node itself."""
        return self.kind in ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")

    def describe(self) -> list[Any]:
        """Return it as ``object_info`` has it: type, and options if there are any."""
        if self.choices is None:
            return (
                [self.kind, dict(self.options)] if self.options or self.is_widget else [self.kind]
            )
        return [self.values(), dict(self.options)]

    def config(self) -> list[Any]:
        """Return it as error messages have it: always type and options."""
        kind, *options = self.describe()
        return [kind, *(options or [{}])]

    def values(self) -> list[str]:
        """Return the values to choose from."""
        return list(self.choices(self.services)) if self.choices else []

    def bound(self, services: Any) -> Input:
        """Return the input as a registry has it, which knows its services."""
        return replace(self, services=services)

    def convert(self, value: Any) -> Any:
        """Return a typed value as the node gets it: texts of numbers are numbers.

        Raises
        ------
        ValueError, TypeError, OverflowError
            It cannot be converted.
        """
        if isinstance(value, str) and self.kind in ("INT", "FLOAT") and len(value) > _MOST_DIGITS:
            raise ValueError("too many digits")
        match self.kind:
            case "INT":
                return int(value)
            case "FLOAT":
                number = float(value)
                if not math.isfinite(number):
                    raise ValueError("not a finite number")
                return number
            case "STRING":
                text = str(value)
                text.encode()  # half of a character cannot be stored
                return text
            case "BOOLEAN":
                return bool(value)
        return value

    def accepts(self, kind: str) -> bool:
        """Return whether a linked value of this type fits."""
        own, given = set(self.kind.split(",")), set(kind.split(","))
        return ANY in own | given or bool(own & given)


def integer(default: int, low: int, high: int, step: int = 1, **options: Any) -> Input:
    """Return an input for a whole number, ``low`` to ``high``."""
    told = {"default": default, "min": low, "max": high}
    return Input("INT", options=told | ({"step": step} if step != 1 else {}) | options)


def decimal(default: float, low: float, high: float, step: float = 0.01, **options: Any) -> Input:
    """Return an input for a number, ``low`` to ``high``."""
    told = {"default": default, "min": low, "max": high, "step": step}
    return Input("FLOAT", options=told | options)


def text(default: str = "", **options: Any) -> Input:
    """Return an input for a text."""
    return Input("STRING", options={"default": default} | options)


def switch(default: bool = False, **options: Any) -> Input:
    """Return an input that is on or off."""
    return Input("BOOLEAN", options={"default": default} | options)


def choice(
    values: Sequence[str] | Callable[[Any], Sequence[str]], listed: bool = True, **options: Any
) -> Input:
    """Return an input that takes one of several values."""
    if callable(values):
        return Input("COMBO", options=options, choices=values, listed=listed)
    fixed = tuple(values)
    return Input("COMBO", options=options, choices=lambda services: fixed, listed=listed)


def link(kind: str, required: bool = True, **options: Any) -> Input:
    """Return an input that gets its value from another node."""
    return Input(kind, required, options)


def optional(given: Input) -> Input:
    """Return the same input, which may be left out."""
    return replace(given, required=False)
