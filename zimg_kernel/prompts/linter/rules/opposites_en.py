"""English pairs of statements that cannot both be true, of things and persons."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import Text

from .ages import opposed_ages
from .groups import NUMBERS, misnumbered
from .levels import less_sure
from .materials import opposed_materials
from .repeated import recoloured
from .sides import opposed_sides
from .statement import Statement, weakly
from .tallies import opposed_tallies
from .things import EnglishThings

_SOME = Pattern(r"\b(?:two|three|four|five|six|some|others?|one|half|the rest)\b")
_PARTS = ("roof", "roofs", "bonnet", "hood", "doors", "wheels", "bumper", "bumpers")
_JOINED = Pattern(r"\b(?:an?|the) (?:third|fourth|fifth|sixth)\b|\b(?:another|joins?|joined)\b")


def english_opposites(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements of an English prompt."""
    if (
        not text.plain.isascii()
        and sum(c.isascii() and c.isalpha() for c in text.plain) < len(text.plain) // 2
    ):
        return
    yield from less_sure(text, _of_all(text))
    for a, b in less_sure(text, recoloured(text), colours=True):
        part = text.lower[b.start : b.end].endswith(_PARTS)
        yield from weakly([(a, b)]) if part else [(a, b)]
    yield from opposed_ages(text)
    yield from opposed_materials(text)
    yield from opposed_sides(text)
    for a, b in (*opposed_tallies(text), *misnumbered(text)):
        yield from weakly([(a, b)]) if _unsure(text, a, b) else [(a, b)]


def _unsure(text: Text, a: Statement, b: Statement) -> bool:
    """Return whether a number may be of some of a group, or of a group that grew."""
    if _JOINED.search(text.lower, a.end, b.start):
        return True
    first, second = (text.lower[s.start : s.end].split() for s in (a, b))
    sizes = [next((NUMBERS[w] for w in words if w in NUMBERS), 0) for words in (first, second)]
    return first[-1] != second[-1] and 0 < sizes[1] < sizes[0]


def _of_all(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield statements on things but for those of some of them: two cracked and three whole."""
    for a, b in EnglishThings(text).opposites():
        if not _SOME.search(text.lower, a.end, b.start):
            yield a, b
