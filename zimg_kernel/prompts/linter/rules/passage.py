"""Sentences and clauses of a prompt in either language, and the words found in them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import Text

from .levels import is_long
from .lexicon import Hit

_SENTENCE = Pattern(r"[。！？；;!?\n]|\.(?=\s|$)")
_CLAUSE = Pattern(r"[，。！？；;!?\n：:]|[,.](?=\s|$)")
_HEAD = (24, 80)  # characters in which a Chinese and an English prompt say what they show


class Passage:
    """A prompt taken apart into sentences and clauses, once for all that look at it.

    Attributes
    ----------
    plain : str
        The prompt in small letters, quoted text hidden.
    language : {"en", "zh"}
        By its characters.
    long : bool
        Whether it is a long description.
    """

    def __init__(self, text: Text) -> None:
        self.plain = text.lower
        self.language = "zh" if text.chinese else "en"
        self.long = is_long(text)
        self.head = _HEAD[0 if text.chinese else 1]

    @cached_property
    def _sentences(self) -> list[int]:
        return [0, *(found.end() for found in _SENTENCE.finditer(self.plain)), len(self.plain)]

    @cached_property
    def _clauses(self) -> list[int]:
        return [0, *(found.end() for found in _CLAUSE.finditer(self.plain)), len(self.plain)]

    def sentence(self, at: int) -> tuple[int, int]:
        """Return the range of the sentence around a character."""
        return _around(self._sentences, at)

    def clause(self, at: int) -> tuple[int, int]:
        """Return the range of the clause around a character."""
        return _around(self._clauses, at)

    def beside(self, hit: Hit) -> str:
        """Return the clause of words without them."""
        start, end = self.clause(hit.start)
        return f"{self.plain[start : hit.start]}\n{self.plain[hit.end : max(end, hit.end)]}"

    def near(self, hit: Hit) -> str:
        """Return the clause of words, without them, and the one before it in the sentence."""
        start, end = self.clause(hit.start)
        if start > self.sentence(hit.start)[0]:
            start = self.clause(start - 1)[0]
        return f"{self.plain[start : hit.start]}\n{self.plain[hit.end : max(end, hit.end)]}"


def _around(ends: list[int], at: int) -> tuple[int, int]:
    index = bisect_right(ends, at)
    return ends[index - 1], ends[min(index, len(ends) - 1)]
