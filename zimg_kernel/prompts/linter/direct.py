"""Search by PCRE2 without what its Python package does around each search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pcre2

Searching = Callable[[str, int, int], re.Match[str] | None]
Finding = Callable[[str, int, int], Iterator[re.Match[str]]]


class _Match(pcre2.Match):  # type: ignore[misc]
    """Match that looks up the names of its pattern's groups once, and its range once.

    In a text of ASCII alone the places that PCRE2 tells, in bytes, are those in characters.
    """

    __slots__ = ("_names", "_range")

    def __init__(
        self, data: Any, found: Any, text: str, start: int, end: int, at: int, options: int,
        names: Mapping[str, int],
    ) -> None:  # fmt: skip
        super().__init__(data, found, text, start, end, at, options)
        self._names = names
        self._range: tuple[int, int] | None = None

    def span(self, group: int | str = 0) -> tuple[int, int]:
        if group == 0 and self._range:
            return self._range
        try:
            number = group if isinstance(group, int) else self._names[group]
        except KeyError:
            raise IndexError("no such group") from None
        text = b"" if self.string.isascii() else self.string
        found: tuple[int, int] = _SPAN(self._pcre2_match_data, text, number)
        if number == 0:
            self._range = found
        return found

    def __getitem__(self, group: int | str) -> str | None:
        start, end = self.span(group)
        return self.string[start:end] if start >= 0 else None

    def groupdict(self, default: Any = None) -> dict[str, Any]:
        found = ((name, self[number]) for name, number in self._names.items())
        return {name: default if part is None else part for name, part in found}

    @property
    def lastgroup(self) -> str | None:
        last = self.lastindex
        return next((name for name, number in self._names.items() if number == last), None)


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
    return _direct(found)[0]


def finding(found: Any) -> Finding:
    """Return what yields all matches of a compiled expression, as ``finditer`` does."""
    if not isinstance(found, pcre2.Pattern) or not _is_known():
        finditer: Finding = found.finditer
        return finditer
    return _direct(found)[1]


def _direct(found: Any) -> tuple[Searching, Finding]:
    match, code, context = pcre2._cy.match, found._pcre2_code, pcre2._EMPTY_MATCH_CONTEXT
    matches, names = pcre2._cy.match_generator, dict(found.groupindex)

    def search(text: str, start: int, end: int) -> Any:
        size = len(text)
        start = 0 if start < 0 else start if start < size else size
        end = 0 if end < 0 else end if end < size else size
        data, at, options = match(code, text, end, start, context, 0)
        return _Match(data, found, text, start, end, at, options, names) if data else None

    def finditer(text: str, start: int, end: int) -> Any:
        size = len(text)
        start = 0 if start < 0 else start if start < size else size
        end = 0 if end < 0 else end if end < size else size
        for data, at, options in matches(code, text, end, start, context):
            yield _Match(data, found, text, start, end, at, options, names)

    return search, finditer


@cache
def _is_known() -> bool:
    """Return whether the package is made as it is called here."""
    try:
        search, finditer = _direct(pcre2.compile("(?P<b>b)|(?P<c>c)"))
        hit: Any = search("äbc", 0, 9)
        ascii_hit: Any = search("abc", 2, 3)
        more = [found.span() for found in finditer("äbc", 0, 9)]
        return (
            hit.span("b") == hit.span(1) == (1, 2)
            and hit[0] == "b"
            and hit["c"] is None
            and hit.lastgroup == "b"
            and ascii_hit["c"] == "c"
            and search("äbc", 3, 3) is None
            and more == [(1, 2), (2, 3)]
        )
    except (AttributeError, TypeError, ValueError):
        return False


_SPAN: Any = getattr(getattr(pcre2, "_cy", None), "match_substring_span_bynumber", None)
