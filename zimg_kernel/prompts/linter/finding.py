"""Findings of the linter, and the edits that fix them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class TextEdit:
    """Replacement of the characters ``start`` to ``end`` of a prompt by ``text``."""

    start: int
    end: int
    text: str = ""


Edit = TextEdit
"""Former name of :class:`TextEdit`."""


@dataclass(frozen=True)
class Finding:
    """Finding of a rule in a prompt.

    Attributes
    ----------
    rule : str
        Id of the rule, such as ``praise``.
    severity : {"error", "warning", "hint"}
        An error has no effect or loses words; a warning makes the picture worse; a hint could
        make it better, or is about words that good descriptions have too.
    start, end : int
        Range of characters of the prompt.
    why, suggestion : str
        A sentence each: what is wrong, and what to do.
    edits : tuple of TextEdit
        Safe fixes; empty where only the writer can fix it.
    """

    rule: str
    severity: Severity
    start: int
    end: int
    why: str
    suggestion: str
    edits: tuple[TextEdit, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """Position of the first character, and of the one after the last."""
        return self.start, self.end

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return {**asdict(self), "edits": [asdict(edit) for edit in self.edits]}


class Findings(tuple[Finding, ...]):
    """Findings in one prompt, in its order.

    Attributes
    ----------
    prompt : str
        The prompt that was checked; after ``lint(..., fix=True)`` the fixed one.
    """

    prompt: str

    def __new__(cls, prompt: str, findings: Iterable[Finding] = ()) -> Findings:
        """Create from a prompt and its findings."""
        self = super().__new__(cls, findings)
        self.prompt = prompt
        return self

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings of severity "error"."""
        return tuple(finding for finding in self if finding.severity == "error")

    def _repr_html_(self) -> str:
        from .finding_html import findings_html

        return findings_html(self.prompt, self)
