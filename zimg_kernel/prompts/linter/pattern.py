"""Regular expression compiled at first use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from itertools import islice
from sys import maxsize
from typing import Any

import pcre2

from .direct import Finding, Searching, finding, searching

_UNABLE = (pcre2.LibraryError, UnicodeEncodeError)
_OPTIONS = tuple(
    (int(ours), int(theirs))
    for ours, theirs in ((re.I, pcre2.I), (re.X, pcre2.X), (re.M, pcre2.M), (re.S, pcre2.S))
)
_WORD = 4  # characters of most Chinese words, which are looked up by many rules
_OTHERS = re.compile(r"\\(?:U([0-9a-fA-F]{8})|.)", re.DOTALL)
_NOTHING: Iterator[re.Match[str]] = iter(())


class Pattern:
    """Regular expression in the syntax of ``re``, compiled at first use, and searched by PCRE2.

    PCRE2 compiles ten times as fast as ``re`` and searches five to twenty times as fast: the
    rules have more than a thousand expressions, of up to a thousand words. What PCRE2 cannot
    do is left to ``re``: an expression beyond its bounds of size or effort, lone surrogates.

    Parameters
    ----------
    source : str or callable
        Regular expression, or what returns it.
    flags : re.RegexFlag
        As for ``re.compile``.
    shorter : callable, optional
        Returns an expression for the same matches that PCRE2 takes where the source is too long.
    """

    def __init__(
        self,
        source: str | Callable[[], str],
        flags: re.RegexFlag = re.NOFLAG,
        shorter: Callable[[], str] | None = None,
    ) -> None:
        self._source, self.flags, self._shorter = source, flags, shorter

    @cached_property
    def source(self) -> str:
        """The expression as text."""
        return self._source if isinstance(self._source, str) else self._source()

    @cached_property
    def plain(self) -> re.Pattern[str]:
        """The expression compiled by ``re``."""
        return re.compile(self.source, self.flags)

    @cached_property
    def compiled(self) -> Any:
        """The expression compiled by PCRE2, by ``re`` where PCRE2 cannot."""
        return self._in_pcre2() or self.plain

    def _in_pcre2(self, begin: str = "", end: str = "") -> Any:
        """Return the expression between two others compiled by PCRE2, None where it cannot."""
        close = "\n" * bool(begin and self.flags & re.VERBOSE)  # ends a comment
        for source in filter(None, (self.source, self._shorter and self._shorter())):
            if found := _compiled(f"{begin}{source}{close}{end}", self.flags):
                return found
        return None

    # PCRE2 runs no code made for an expression where it is told to match at one place only, so
    # that the expression itself must say it.
    @cached_property
    def _at_start(self) -> Searching:
        found = self._in_pcre2(r"\G(?:", ")")
        return searching(found) if found else self.plain.match

    @cached_property
    def _whole(self) -> Searching:
        found = self._in_pcre2(r"\G(?:", r")\z")
        return searching(found) if found else self.plain.fullmatch

    @cached_property
    def _first(self) -> Searching:
        return searching(self.compiled)

    @cached_property
    def _all(self) -> Finding:
        return finding(self.compiled)

    def search(self, text: str, start: int = 0, end: int = maxsize) -> re.Match[str] | None:
        """Return the first match."""
        try:
            return self._first(text, start, end)
        except _UNABLE:
            return self.plain.search(text, start, end)

    def match(self, text: str, start: int = 0, end: int = maxsize) -> re.Match[str] | None:
        """Return the match at a position."""
        try:
            return self._at_start(text, start, end)
        except _UNABLE:
            return self.plain.match(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = maxsize) -> re.Match[str] | None:
        """Return the match of a whole range."""
        if len(text) <= _WORD and not start and end == maxsize:
            return self._of_word(text)
        return self._fullmatch(text, start, end)

    def _fullmatch(self, text: str, start: int, end: int) -> re.Match[str] | None:
        try:
            return self._whole(text, start, end)
        except _UNABLE:
            return self.plain.fullmatch(text, start, end)

    @cached_property
    def _of_word(self) -> Callable[[str], re.Match[str] | None]:
        return lru_cache(maxsize=1024)(lambda word: self._fullmatch(word, 0, maxsize))

    def finditer(self, text: str, start: int = 0, end: int = maxsize) -> Iterator[re.Match[str]]:
        """Yield all matches that do not overlap."""
        try:
            first = self._first(text, start, end)  # most patterns have none in a prompt
        except _UNABLE:
            return self.plain.finditer(text, start, end)
        return self._from(first, text, start, end) if first else _NOTHING

    def _from(
        self, first: re.Match[str], text: str, start: int, end: int
    ) -> Iterator[re.Match[str]]:
        count = 0
        try:
            at = first.end()
            if at > first.start():
                yield first
                start, count = at, 1
            for found in self._all(text, start, end):
                yield found
                count += 1
        except _UNABLE:
            yield from islice(self.plain.finditer(text, start, end), count, None)

    def findall(self, text: str) -> list[str]:
        """Return the text of all matches, or of their one group."""
        return [found[found.re.groups] or "" for found in self.finditer(text)]

    def split(self, text: str) -> list[str]:
        """Return the parts between matches."""
        try:
            return self.compiled.split(text)
        except _UNABLE:
            return self.plain.split(text)

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Return a text with its matches replaced, by a text as it is or by what is returned."""
        parts, at = [], 0
        for found in self.finditer(text):
            start, end = found.span()
            parts += [text[at:start], new if isinstance(new, str) else new(found)]
            at = end
        return "".join([*parts, text[at:]])


def _compiled(source: str, flags: re.RegexFlag) -> Any:
    """Return an expression compiled by PCRE2, None where it is too long."""
    chosen = int(flags)
    options = sum(theirs for ours, theirs in _OPTIONS if chosen & ours)
    try:
        found = pcre2.compile(_OTHERS.sub(_other, source), options, jit=False)
    except pcre2.PatternError:
        return None
    with suppress(pcre2.LibraryError, MemoryError):  # where no program may write code
        found.jit_compile()
    return found


def _other(found: re.Match[str]) -> str:
    """Return what PCRE2 calls a character or a place for which it has another name than ``re``."""
    if found[1]:
        return chr(int(found[1], 16))
    return r"\z" if found[0] == r"\Z" else found[0]
