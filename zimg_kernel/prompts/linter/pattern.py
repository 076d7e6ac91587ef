"""Regular expression compiled at first use, and passed over where none of its words begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache

from .pattern_heads import REACH, begins_at_word, heads

_HAN_PAIR = re.compile("(?=([\u3400-\u9fff]{2}))")
_TOKEN = re.compile(rf"(?<!\w)\w{{1,{REACH}}}")
_SHORT = 80  # characters, up to which a look at the words costs more than the search


class Pattern:
    """Regular expression that is compiled when it may match for the first time.

    Compiling those of all rules takes half a second, and a prompt needs few of them. Before a
    search the beginnings of the words of the text are compared with those that a match may have.

    Parameters
    ----------
    source : str
        Regular expression.
    flags : re.RegexFlag
        As for ``re.compile``.
    fast : callable, optional
        Returns an expression for the same matches that is quicker to search for.
    """

    def __init__(
        self,
        source: str,
        flags: re.RegexFlag = re.NOFLAG,
        fast: Callable[[], str] | None = None,
    ) -> None:
        self.source, self.flags, self._fast = source, flags, fast
        self._any_case = bool(flags & re.IGNORECASE)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self._fast() if self._fast else self.source, self.flags)

    @cached_property
    def _heads(self) -> frozenset[str] | None:
        found = heads(self.source, verbose=bool(self.flags & re.VERBOSE))
        if found is None or not self._any_case:
            return found
        return frozenset(head.lower() for head in found)

    @cached_property
    def _words(self) -> frozenset[str] | None:
        """Beginnings of the words at which alone a match can begin; None where it may elsewhere."""
        if self._any_case or not self._heads:
            return None
        if not begins_at_word(self.source, verbose=bool(self.flags & re.VERBOSE)):
            return None
        return self._heads if all(_TOKEN.match(head) for head in self._heads) else None

    def _at_words(self, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield all matches that do not overlap, tried at the words that begin like one."""
        index = _word_starts(text)
        found = [index[head] for head in self._words or () if head in index]
        for at in sorted({at for positions in found for at in positions}):
            if start <= at < end and (match := self.compiled.match(text, at, end)):
                yield match
                start = max(match.end(), at + 1)

    def _idle(self, text: str) -> bool:
        """Return whether no match can begin anywhere in a text."""
        if len(text) < _SHORT and "compiled" in self.__dict__:
            return False
        if self._heads is None:
            return False
        words = text.lower() if self._any_case else text
        return self._heads.isdisjoint(_beginnings(words))

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the first match."""
        if self._idle(text):
            return None
        if len(text) >= _SHORT and self._words:
            return next(self._at_words(text, start, len(text) if end is None else end), None)
        return self.compiled.search(text, start, len(text) if end is None else end)

    def match(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the match at a position."""
        if self._idle(text):
            return None
        return self.compiled.match(text, start, len(text) if end is None else end)

    def fullmatch(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Return the match of a whole range."""
        if self._idle(text):
            return None
        return self.compiled.fullmatch(text, start, len(text) if end is None else end)

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Return all matches that do not overlap."""
        if self._idle(text):
            return iter(())
        if len(text) >= _SHORT and self._words:
            return self._at_words(text, start, len(text) if end is None else end)
        return self.compiled.finditer(text, start, len(text) if end is None else end)

    def findall(self, text: str) -> list[str]:
        """Return the text of all matches, or of their one group."""
        return [] if self._idle(text) else self.compiled.findall(text)

    def split(self, text: str) -> list[str]:
        """Return the parts between matches."""
        return [text] if self._idle(text) else self.compiled.split(text)

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Return a text with its matches replaced."""
        return text if self._idle(text) else self.compiled.sub(new, text)


@lru_cache(maxsize=64)
def _beginnings(text: str) -> frozenset[str]:
    """Return all characters of a text, pairs of Chinese ones, and how its words begin."""
    pairs = {found[1] for found in _HAN_PAIR.finditer(text)}
    return frozenset(text) | pairs | _word_starts(text).keys()


@lru_cache(maxsize=64)
def _word_starts(text: str) -> dict[str, list[int]]:
    """Return where words begin, by their first one to REACH characters."""
    found: dict[str, list[int]] = {}
    for token in _TOKEN.finditer(text):
        word, at = token[0], token.start()
        for length in range(1, len(word) + 1):
            found.setdefault(word[:length], []).append(at)
    return found
