"""Kinds of checks by name, and the ways in which a suite may write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Discriminator, Field
from pydantic_core import PydanticCustomError

from .check import Check
from .checks import ClipCheck, ColourCheck, FunctionCheck, SizeCheck, TextCheck
from .nano_checks import (
    AboveCheck,
    BackgroundCheck,
    CountCheck,
    LeftOfCheck,
    ObjectsCheck,
    SignCheck,
)

AnyCheck = Annotated[
    TextCheck
    | SignCheck
    | ObjectsCheck
    | CountCheck
    | LeftOfCheck
    | AboveCheck
    | BackgroundCheck
    | ColourCheck
    | ClipCheck
    | SizeCheck
    | FunctionCheck,
    Discriminator("kind"),
]
CHECKS: dict[str, type[Check]] = {
    kind.model_fields["kind"].default: kind for kind in get_args(get_args(AnyCheck)[0])
}
"""Classes of checks by their names in a suite."""


def _as_list(value: Any) -> Any:
    """Return checks, written as ``{text: 新品上市}`` or in a list, with their kinds as fields."""
    if isinstance(value, Mapping):
        value = [{kind: fields} for kind, fields in value.items()]
    if not isinstance(value, list):
        raise ValueError("checks are written as text: 新品上市 and the like, each on its line")
    return [one for check in value for one in _with_kind(check)]


def _with_kind(check: Any) -> Iterator[Any]:
    if not isinstance(check, Mapping) or "kind" in check:
        yield check
        return
    for kind, fields in check.items():
        known = CHECKS.get(kind)
        if known is None:
            close = get_close_matches(str(kind), CHECKS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(CHECKS)}"
            problem = f"there is no check called {kind!r}: {hint}"
            raise PydanticCustomError("unknown", "{problem}", {"problem": problem, "key": kind})
        yield {"kind": kind, **(fields if isinstance(fields, dict) else {known.short: fields})}


Checks = Annotated[list[AnyCheck], BeforeValidator(_as_list), Field(min_length=1)]
