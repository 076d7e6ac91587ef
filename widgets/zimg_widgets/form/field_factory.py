"""Make a field of a form from a parameter's annotation, so that new parameters need no code."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin

import ipywidgets
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_json

from zimg_kernel import BadInput
from zimg_kernel.errors import limits

from .fields import AUTO_WIDTH, ChoiceField, Field, NumberField, WrittenField

_EXACT = 2**53  # whole numbers up to here are exact in a browser


def make_field(
    kind: Any, name: str, info: FieldInfo, label: str, words: Mapping[str, str], help: str = ""
) -> Field:
    """Return the field for a parameter, chosen by its annotation, showing its default.

    Parameters
    ----------
    kind : type
        The annotation: a Literal, bool, int, float or str, or one of them or None. Whatever
        else it is, is typed as JSON.
    name, info, label, help
        Of the parameter.
    words : mapping
        See :class:`Field`.
    """
    inner, optional = without_none(kind)
    field = _field(inner, optional, name, info, label, words, help)
    default = _default(info)
    if default is not None:
        field.show(default)
    return field


def without_none(kind: Any) -> tuple[Any, bool]:
    """Return an annotation without its None, and whether it had one."""
    if get_origin(kind) not in (Union, types.UnionType):
        return kind, False
    rest = [part for part in get_args(kind) if part is not type(None)]
    optional = len(rest) < len(get_args(kind))
    if set(rest) == {int, float}:
        return float, optional
    return (rest[0] if len(rest) == 1 else Any), optional


def _field(
    kind: Any,
    optional: bool,
    name: str,
    info: FieldInfo,
    label: str,
    words: Mapping[str, str],
    help: str,
) -> Field:
    nothing = [(words["automatic"], None)] if optional else []
    if kind is bool and not optional:
        box = ipywidgets.Checkbox(description=label, indent=False, layout=AUTO_WIDTH)
        return Field(name, [box], words, help)
    if kind is bool or get_origin(kind) is Literal:
        choices = [(words["yes"], True), (words["no"], False)] if kind is bool else []
        choices = choices or [(str(choice), choice) for choice in get_args(kind)]
        return ChoiceField(name, nothing + choices, label, words, help)
    if kind in (int, float):
        ends = limits(info)
        exact = kind is float or all(end is None or abs(end) <= _EXACT for end in ends)
        if exact and not optional:
            return NumberField(name, kind is int, ends, label, words, help)
        empty = None if optional else _default(info)
        return WrittenField(
            name, _number(kind, name, label, words), empty, label, words, help, _short
        )
    if kind is str:
        empty = None if optional else ""
        return WrittenField(name, str, empty, label, words, help)
    return WrittenField(
        name, _json(name, label, words), _default(info), label, words, help, _as_json
    )


def _number(
    kind: type[Any], name: str, label: str, words: Mapping[str, str]
) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            raise BadInput(
                words["not_a_number"].format(field=label, given=text),
                code="invalid-value",
                field=name,
            ) from None

    return parse


def _json(name: str, label: str, words: Mapping[str, str]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            raise BadInput(
                words["not_json"].format(field=label, given=text), code="invalid-json", field=name
            ) from None

    return parse


def _default(info: FieldInfo) -> Any:
    """The default of a parameter; None also for one that must be given."""
    default = info.get_default(call_default_factory=True)
    return None if default is PydanticUndefined else default


def _as_json(value: Any) -> str:
    return to_json(value).decode()


def _short(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.10g}"
