"""Range of words in a prompt that say one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

MOST = 32
"""Mentions of numbers, or of colours, that are compared with each other.

A description of 300 words has half as many; a list of hundreds would take a second.
"""


@dataclass(frozen=True)
class Statement:
    """Words that say one thing of the scene, and their range.

    Attributes
    ----------
    start, end : int
        Range of characters.
    weak : bool
        Whether good prompts say as much, too, so that it is told as a hint, in a long one at least.
    firm : bool
        Whether hardly any good prompt says as much, so that it is a warning in a long one, too.
    """

    start: int
    end: int
    weak: bool = field(default=False, kw_only=True)
    firm: bool = field(default=False, kw_only=True)

    def overlaps(self, other: Statement) -> bool:
        """Return whether two ranges share a character."""
        return self.start < other.end and other.start < self.end


def weakly(pairs: Iterable[tuple[Statement, Statement]]) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements as weak ones."""
    for a, b in pairs:
        yield replace(a, weak=True), replace(b, weak=True)


def firmly(pairs: Iterable[tuple[Statement, Statement]]) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements, those that are not weak as firm ones."""
    for a, b in pairs:
        firm = not (a.weak or b.weak)
        yield replace(a, firm=firm), replace(b, firm=firm)
