"""Lint rule: a function that finds faults, its messages and its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.families.registry import family_of
from zimg_kernel.prompts.text import Text

from .finding import Severity, TextEdit
from .words import read_yaml

if TYPE_CHECKING:
    from zimg_kernel.models.card import ModelCard

LANGUAGES = ("en", "zh")  # those of the settings, which import Pydantic
_RULES = Path(__file__).with_name("rules")


@dataclass(frozen=True)
class Target:
    """Model that a prompt is checked for.

    Attributes
    ----------
    card : ModelCard or None
        None if no model was named: then what holds for the family's full-size models.
    """

    card: ModelCard | None = None

    @property
    def miniature(self) -> bool:
        """True for models of few words, which read captions of their own kind."""
        return self.card is not None and family_of(self.card).closed_vocabulary

    @property
    def title(self) -> str:
        """The model's name in messages."""
        return self.card.title if self.card else "Z-Image"


@dataclass(frozen=True)
class Fault:
    """A place that a rule found, before its message is filled in.

    ``message`` names one of the rule's messages; ``values`` fills it.
    """

    start: int
    end: int
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    edits: tuple[TextEdit, ...] = ()
    severity: Severity | None = None


@dataclass(frozen=True)
class Message:
    """Reason why something is a fault, and what to do; each in the order of ``LANGUAGES``."""

    why: tuple[str, ...]
    suggestion: tuple[str, ...]


@dataclass(frozen=True)
class Examples:
    """Prompts in which a rule finds something, and prompts in which it finds nothing."""

    bad: tuple[str, ...]
    good: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """Rule of the linter.

    Attributes
    ----------
    id : str
        Its name in findings, and of its messages and examples in the YAML files.
    severity : {"error", "warning", "hint"}
        Of its findings, unless a fault has another.
    find : callable
        Yields the faults of a text.
    model : str, optional
        The model that the examples are checked for.
    as_typed : bool
        Whether it looks at the prompt with all its blanks, see :class:`.runs.Shortened`.
    """

    id: str
    severity: Severity
    find: Callable[[Text, Target], Iterator[Fault]]
    model: str | None = None
    as_typed: bool = False

    @cached_property
    def messages(self) -> Mapping[str, Message]:
        """Messages by name."""
        return {
            name: Message(*(tuple(part[lang] for lang in LANGUAGES) for part in message.values()))
            for name, message in _file("messages")[self.id].items()
        }

    @cached_property
    def examples(self) -> Mapping[str, Examples]:
        """Examples for "en" and "zh": they are the rule's tests."""
        return {
            language: Examples(*(tuple(map(_example, prompts)) for prompts in kinds.values()))
            for language, kinds in _file("examples")[self.id].items()
        }


@cache
def _file(name: str) -> Any:
    return read_yaml(_RULES / f"{name}.yaml")


def _example(given: Any) -> str:
    return given if isinstance(given, str) else given["text"] * int(given["repeat"])
