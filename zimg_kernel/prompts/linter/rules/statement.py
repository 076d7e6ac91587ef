"""Range of words in a prompt that say one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """Words that say one thing of the scene, and their range."""

    start: int
    end: int

    def overlaps(self, other: Statement) -> bool:
        """Return whether two ranges share a character."""
        return self.start < other.end and other.start < self.end
