"""Exceptions and warnings of the package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return a text to show in a terminal: what would steer it stands there as an escape.

    Those are control characters other than line ends and tabs (ECMA-48), and the characters
    that turn the direction of writing around (Unicode's UAX #9).
    """
    return _STEERING.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    sign = ord(found[0])
    return f"\\x{sign:02x}" if sign < 0x20 else f"\\u{sign:04x}"


class _Coded(Exception):
    """Base of the exceptions and warnings: a sentence for people, a code and a field for programs.

    Parameters
    ----------
    message : str
        What happened, why, and what to do next, in one sentence.
    code : str, optional
        Stable name of the problem, such as ``"prompt-too-long"``; the class's own otherwise.
    field : str or None, optional
        The parameter, option or file that it is about.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str = "", *, code: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.field = field

    def __str__(self) -> str:
        return plain(super().__str__())  # it may hold others' words, and Python prints it

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), self.code, self.field)

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence alone (IPython's hook for an exception's display)."""
        return [f"{type(self).__name__}: {self}"]


def _rebuild(kind: type[Any], message: str, code: str, field: str | None) -> Any:
    return kind(message, code=code, field=field)


class BadInput(_Coded, ValueError):
    """Invalid input: the message says what, why and what to do."""

    default_code = "bad-input"


class ZimgError(_Coded):
    """Failure that is not the input's fault."""


class WeightsMissing(ZimgError):
    """A model's files are absent, incomplete or damaged."""

    default_code = "weights-missing"


class OutOfMemory(ZimgError):
    """A picture or a model did not fit; the memory has been freed again."""

    default_code = "out-of-memory"


class GalleryError(ZimgError):
    """A picture could not be written or read; it is still in memory."""

    default_code = "gallery"


class JobCancelled(ZimgError):
    """The job was cancelled before it had finished."""

    default_code = "cancelled"


class ZimgWarning(_Coded, UserWarning):
    """Something that was asked for has no effect, or was decided for the user."""

    default_code = "warning"


@contextmanager
def one_sentence_errors(model: type[BaseModel] | None = None) -> Iterator[None]:
    """Turn pydantic's report into :class:`BadInput`, a sentence for each problem.

    Code and field are those of the first problem.

    Parameters
    ----------
    model : type, optional
        The model that is validated: its limits and titles enter the sentences, and its method
        ``explain(name, value)``, where it has one, words its numbers out of range.
    """
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        problems = error.errors()
        first = problems[0]
        cause = first.get("ctx", {}).get("error")
        name = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            " ".join(_sentence(problem, model) for problem in problems),
            code=getattr(cause, "code", None) or _CODES.get(first["type"], "wrong-type"),
            field=name or getattr(cause, "field", None),
        ) from None


def limits(field: FieldInfo) -> tuple[float | None, float | None]:
    """Return a field's least and greatest value, both inclusive; None where there is no limit."""
    low = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    high = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    return low, high


_NUMBERS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of")
_CODES = {
    **dict.fromkeys(_NUMBERS, "out-of-range"),
    "missing": "missing-parameter",
    "literal_error": "unknown-choice",
    "multiple_of": "not-a-multiple",
    "extra_forbidden": "unknown-parameter",
    "value_error": "bad-input",
}


def _sentence(problem: Any, model: type[BaseModel] | None) -> str:
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    name = ".".join(str(part) for part in problem["loc"]) or "value"
    value = problem["input"]
    if problem["type"] == "missing":
        return f"{name} is missing: give it as {name}=..."
    if model is not None and problem["type"] in _NUMBERS:
        own = getattr(model, "explain", lambda name, value: None)(name, value)
        field = model.model_fields.get(name)
        low, high = limits(field) if field else (None, None)
        if own:
            return str(own)
        if field and low is not None and high is not None:
            return f"{field.title or name} must lie between {low:g} and {high:g}, not {value:g}."
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    reason = problem["msg"][:1].lower() + problem["msg"][1:]
    return f"{name} cannot be {shown}: {reason}."
