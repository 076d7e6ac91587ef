"""Range of words in a prompt that say one thing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Statement:
    """Words that say one thing of the scene, and their range.

    Attributes
    ----------
    start, end : int
        Range of characters.
    weak : bool
        Whether good prompts say as much, too, so that it is told as a hint.
    """

    start: int
    end: int
    weak: bool = field(default=False, kw_only=True)

    def overlaps(self, other: Statement) -> bool:
        """Return whether two ranges share a character."""
        return self.start < other.end and other.start < self.end
