"""Clauses and sentences of a Chinese prompt, and what parts two statements in them."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text, Word

from .statement import Statement

_WORDS = load_words(__file__)
_HEAD = 40  # characters in which a prompt says what the picture is
_SENTENCE = Pattern(r"[。！？；;!?\n]")
_CLAUSE = Pattern(r"[，,。！？；;!?\n：:]")
_SPLIT, _TURNING = _WORDS.pattern("<split>"), _WORDS.pattern("<turning>")
_SIDES = (("左", "右"), ("上方", "下方"), ("前半", "后半"))
_FRAMED = _WORDS.pattern("<framed>")
_PICTURES = _WORDS.pattern("<pictures>")
_SIMILE = _WORDS.pattern("<simile>[^，,。；的]{0,4}$")
_AFTER = _WORDS.pattern("(?:的[^，,。；的]{0,2}?)?<after_words>")
_PICTURE_OF = Pattern(
    "[^，,。；的]{0,4}的[^，,。；的]{0,3}"
    "(?:画|照片|海报|图案|壁纸|插图|屏幕|封面|明信片|贴纸|纪念|记忆|刺绣)(?![面布])"
)


class ChineseClauses:
    """Clauses of a prompt, taken apart once."""

    def __init__(self, text: Text) -> None:
        self.text, self.plain = text, text.plain
        self._sentence_ends = [found.end() for found in _SENTENCE.finditer(self.plain)]
        self._clause_ends = [found.end() for found in _CLAUSE.finditer(self.plain)]

    @cached_property
    def split(self) -> bool:
        """True if the picture is one of parts: panels, seasons side by side."""
        return _SPLIT.search(self.plain) is not None

    def split_near(self, pattern: Pattern, *statements: Statement) -> bool:
        """Return whether parts of the picture are told of at its head or beside statements."""
        for found in (*_SPLIT.finditer(self.plain), *pattern.finditer(self.plain)):
            begin = self.sentence_begin(found.start())
            if found.start() < _HEAD or any(
                begin == self.sentence_begin(s.start) for s in statements
            ):
                return True
        return False

    def sentence_begin(self, position: int) -> int:
        """Return where the sentence around a character begins."""
        return _begin(self._sentence_ends, position)

    def sentence(self, s: Statement) -> str:
        """Return the sentence of a statement."""
        at = bisect_right(self._sentence_ends, s.start)
        end = self._sentence_ends[at] if at < len(self._sentence_ends) else None
        return self.plain[self.sentence_begin(s.start) : end]

    def sentence_before(self, s: Statement) -> str:
        """Return what of its sentence stands before a statement."""
        return self.plain[self.sentence_begin(s.start) : s.start]

    def begin(self, position: int, back: int = 1) -> int:
        """Return where the clause around a character, or one before it, begins."""
        return _begin(self._clause_ends, position, back)

    def end(self, position: int) -> int:
        """Return where the clause around a character ends."""
        at = bisect_right(self._clause_ends, position)
        return self._clause_ends[at] if at < len(self._clause_ends) else len(self.plain)

    def before(self, s: Statement) -> str:
        """Return what of its clause stands before a statement."""
        return self.plain[self.begin(s.start) : s.start]

    def clause(self, s: Statement) -> str:
        """Return the clause of a statement."""
        return self.plain[self.begin(s.start) : self.end(s.end)]

    def two_clauses(self, s: Statement) -> str:
        """Return the clause of a statement with the one before it in the sentence."""
        start = max(self.sentence_begin(s.start), self.begin(s.start, 2))
        return self.plain[start : self.end(s.end)]

    def words(self, start: int, end: int) -> list[Word]:
        """Return the words within a range."""
        return self.text.words_from(start, end)

    def inner(self, s: Statement, *, of_thing: bool = False, after: bool = True) -> bool:
        """Return whether it is a comparison, past, or on a picture within the picture."""
        before = self.plain[self.sentence_begin(s.start) : s.start]
        if _SIMILE.search(before[-10:]) or _PICTURE_OF.match(self.plain, s.end):
            return True
        if after and _AFTER.match(self.plain, s.end):
            return True
        if of_thing:
            return _PICTURES.search(self.before(s)) is not None  # a shop window is no picture
        frames = [found.start() for found in _FRAMED.finditer(before)]
        return bool(frames) and len(before) - frames[-1] < 30

    def parted(self, a: Statement, b: Statement, *, sides: bool = True) -> bool:
        """Return whether the text says that both are meant, of two parts or times."""
        if self.split:
            return True
        one, two = self.clause(a), self.clause(b)
        if _TURNING.search(one) or _TURNING.search(two):
            return True
        return sides and any((x in one and y in two) or (y in one and x in two) for x, y in _SIDES)


def _begin(ends: list[int], position: int, back: int = 1) -> int:
    count = bisect_right(ends, position)
    return ends[count - back] if count >= back else 0
