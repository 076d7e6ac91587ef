"""What a rule is: a function that finds faults, what it says of them, and its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zimg_kernel.models.catalog import ModelCard

from .finding import Edit, Severity
from .text import Text


@dataclass(frozen=True)
class Setting:
    """For which model a prompt is checked.

    Attributes
    ----------
    card : ModelCard or None
        None if no model was named: then what holds for the family's full-size models.
    """

    card: ModelCard | None = None

    @property
    def miniature(self) -> bool:
        """Whether it is one of the package's own, which read captions of their own kind."""
        return self.card is not None and self.card.source.embedded is not None

    @property
    def title(self) -> tuple[str, str]:
        """What to call the model in English and in Chinese."""
        return (self.card.title, self.card.title) if self.card else ("Z-Image", "Z-Image")


@dataclass(frozen=True)
class Fault:
    """What a rule found, before it is put into words.

    ``said`` names one of the rule's messages; ``values`` fills it, each for both languages or
    as a pair (English, Chinese).
    """

    start: int
    end: int
    said: str
    values: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True)
class Said:
    """A message: why it is a fault, and what to do; each English and Chinese."""

    why: tuple[str, str]
    suggestion: tuple[str, str]


@dataclass(frozen=True)
class Examples:
    """Prompts in which a rule finds something, and prompts in which it finds nothing."""

    bad: tuple[str, ...]
    good: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """A rule of the checker.

    Attributes
    ----------
    id : str
        Its name in findings.
    severity : {"error", "warning", "hint"}
        Of its findings, unless a fault says otherwise.
    messages : dict of str to Said
    examples : dict of str to Examples
        For "en" and "zh": they are the rule's tests.
    find : callable
        Yields the faults of a text.
    model : str, optional
        The model that the examples are checked for.
    """

    id: str
    severity: Severity
    messages: Mapping[str, Said]
    examples: Mapping[str, Examples]
    find: Callable[[Text, Setting], Iterator[Fault]]
    model: str | None = None
