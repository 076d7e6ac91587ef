"""English pairs of statements that cannot both be true, of things and persons."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.text import Text

from .ages import opposed_ages
from .groups import misnumbered
from .materials import opposed_materials
from .repeated import recoloured
from .sides import opposed_sides
from .statement import Statement
from .tallies import opposed_tallies
from .things import EnglishThings


def english_opposites(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements of an English prompt."""
    if (
        not text.plain.isascii()
        and sum(c.isascii() and c.isalpha() for c in text.plain) < len(text.plain) // 2
    ):
        return
    yield from EnglishThings(text).opposites()
    yield from recoloured(text)
    yield from opposed_ages(text)
    yield from opposed_materials(text)
    yield from opposed_sides(text)
    yield from opposed_tallies(text)
    yield from misnumbered(text)
