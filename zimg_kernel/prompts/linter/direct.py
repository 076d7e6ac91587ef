"""Search by PCRE2 without what its Python package does around each search."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pcre2

Searching = Callable[[str, int, int], re.Match[str] | None]


def searching(found: Any) -> Searching:
    """Return the search of a compiled expression.

    Most searches of the rules find nothing, and take PCRE2 less time than the package takes for
    the call. A version of the package that is made otherwise is called as usual.

    Parameters
    ----------
    found : pcre2.Pattern or re.Pattern
        Its ``search`` takes a text, a start and an end.
    """
    if not isinstance(found, pcre2.Pattern) or not _is_known():
        search: Searching = found.search
        return search
    return _direct(found)


def _direct(found: Any) -> Searching:
    match, code, context = pcre2._cy.match, found._pcre2_code, pcre2._EMPTY_MATCH_CONTEXT

    def search(text: str, start: int, end: int) -> Any:
        size = len(text)
        start = 0 if start < 0 else start if start < size else size
        end = 0 if end < 0 else end if end < size else size
        data, at, options = match(code, text, end, start, context, 0)
        return pcre2.Match(data, found, text, start, end, at, options) if data else None

    return search


@cache
def _is_known() -> bool:
    """Return whether the package is made as it is called here."""
    try:
        search = _direct(pcre2.compile("(b)"))
        hit: Any = search("äbc", 0, 9)
        return hit.span(1) == (1, 2) and hit[0] == "b" and search("äbc", 2, 3) is None
    except (AttributeError, TypeError, ValueError):
        return False
