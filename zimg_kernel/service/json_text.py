"""JSON of clients: strict reading, so that no odd value reaches a route."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from .refusal import Refused

_DEEPEST = 64
_LONGEST_NUMBER = 400  # digits; no float has more before its point


def read_json(data: bytes, *, empty: Any = None) -> Any:
    """Return the value that a body's JSON stands for.

    Refused are what is no UTF-8 or no JSON, NaN and infinities, a key that stands twice in an
    object, half of a character (a lone surrogate), very long numbers and very deep nesting.

    Parameters
    ----------
    data : bytes
        The body.
    empty : object, optional
        What an empty body stands for; refused by default.

    Raises
    ------
    Refused
        With status 400.
    """
    if not data.strip() and empty is not None:
        return empty
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _no_json("it is not UTF-8") from None
    try:
        value = json.loads(
            text, parse_constant=_constant, object_pairs_hook=_object, parse_int=_whole,
            parse_float=_number,
        )  # fmt: skip
    except RecursionError:
        raise _no_json("it is nested too deeply") from None
    except ValueError as error:
        raise _no_json(str(error)) from None
    _look_through(value, 0)
    return value


async def json_body(request: Request, *, empty: Any = None) -> dict[str, Any]:
    """Return the JSON object in a request's body, whatever its content type says.

    Raises
    ------
    Refused
        It is none; with status 400.
    """
    value = read_json(await request.body(), empty=empty)
    if not isinstance(value, dict):
        raise _no_json('an object such as {"prompt": "a red circle"} is expected')
    return value


def _no_json(why: str) -> Refused:
    return Refused(
        f"The body is no JSON that is taken here: {why[:200]}.", code="invalid-json", field="body"
    )


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    return int(text)


def _number(text: str) -> float:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number is too long")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large a number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {json.dumps(key[:40])} stands twice in an object")
        found[key] = value
    return found


def _look_through(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise _no_json("it is nested too deeply")
    match value:
        case str():
            _check_text(value)
        case dict():
            for key, inner in value.items():
                _check_text(key)
                _look_through(inner, depth + 1)
        case list():
            for inner in value:
                _look_through(inner, depth + 1)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _no_json("a text holds half of a character (a lone surrogate)") from None
