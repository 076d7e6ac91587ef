"""English pairs of statements that cannot both be true, of things and persons."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import Text

from .ages import opposed_ages
from .groups import misnumbered
from .levels import less_sure
from .materials import opposed_materials
from .repeated import recoloured
from .sides import opposed_sides
from .statement import Statement
from .tallies import opposed_tallies
from .things import EnglishThings

_SOME = Pattern(r"\b(?:two|three|four|five|six|some|others?|one|half|the rest)\b")


def english_opposites(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements of an English prompt."""
    if (
        not text.plain.isascii()
        and sum(c.isascii() and c.isalpha() for c in text.plain) < len(text.plain) // 2
    ):
        return
    yield from less_sure(text, _of_all(text))
    yield from less_sure(text, recoloured(text), colours=True)
    yield from opposed_ages(text)
    yield from opposed_materials(text)
    yield from opposed_sides(text)
    yield from opposed_tallies(text)
    yield from misnumbered(text)


def _of_all(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield statements on things but for those of some of them: two cracked and three whole."""
    for a, b in EnglishThings(text).opposites():
        if not _SOME.search(text.lower, a.end, b.start):
            yield a, b
