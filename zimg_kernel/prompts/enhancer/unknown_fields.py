"""Fields of a request that a server says it does not take, read from its refusal."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

REFUSING = (400, 422)  # statuses of requests with fields that a server does not know
_DEPTH = 20  # levels that are looked into
_MESSAGES = ("message", "detail", "msg", "error", "title", "reason")


def unknown_fields(refusal: Any, optional: Collection[str]) -> list[str]:
    """Return the optional fields that a refusal names, in the order of ``optional``.

    Parameters
    ----------
    refusal : JSON value
        The body of the answer: OpenAI's ``error.param``, the list of FastAPI's and pydantic's
        ``detail`` (also within ``message``, as Mistral sends it), or names in its sentences.
    optional : collection of str
        Fields that may be left out.
    """
    named = set(_places(refusal))
    found = [name for name in optional if name in named]
    if found:
        return found
    said = " ".join(sentences(refusal))
    return [name for name in optional if re.search(rf"\b{name}\b", said)]


def _places(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the names of fields that a refusal gives in a place of their own."""
    if not depth:
        return
    if isinstance(value, dict):
        param, loc = value.get("param"), value.get("loc")
        if isinstance(param, str):
            yield param
        if isinstance(loc, list):
            yield from (part for part in loc if isinstance(part, str))
        for key, inner in value.items():
            if key != "input":  # a repetition of what was sent
                yield from _places(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _places(inner, depth - 1)


def sentences(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Yield what a refusal says in words."""
    if not depth:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner, depth - 1)
    elif isinstance(value, dict):
        for key in _MESSAGES:
            if key in value:
                yield from sentences(value[key], depth - 1)
