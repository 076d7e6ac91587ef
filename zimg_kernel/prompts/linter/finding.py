"""What the checker says of a prompt: findings, and the edits that mend them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Edit:
    """Put ``text`` where characters ``start`` to ``end`` of the prompt stand."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True)
class Finding:
    """One remark on a prompt.

    Attributes
    ----------
    rule : str
        Id of the rule, such as ``praise``.
    severity : {"error", "warning", "hint"}
        An error has no effect or loses words; a warning makes the picture worse; a hint could
        make it better.
    start, end : int
        The characters of the prompt that it is about.
    why, suggestion : str
        A sentence each: what is wrong, and what to do.
    edits : tuple of Edit
        What mends it; empty where only the writer can.
    """

    rule: str
    severity: Severity
    start: int
    end: int
    why: str
    suggestion: str
    edits: tuple[Edit, ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """First character, and the one after the last."""
        return self.start, self.end

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as what JSON can hold."""
        return {**asdict(self), "edits": [asdict(edit) for edit in self.edits]}


class Findings(tuple[Finding, ...]):
    """The findings on one prompt, in its order.

    Attributes
    ----------
    prompt : str
        The prompt that they are about; after ``lint(..., fix=True)`` the mended one.
    """

    prompt: str

    def __new__(cls, prompt: str, findings: Iterable[Finding] = ()) -> Findings:
        """Make them of a prompt and its findings."""
        self = super().__new__(cls, findings)
        self.prompt = prompt
        return self

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those of severity "error"."""
        return tuple(finding for finding in self if finding.severity == "error")

    def _repr_html_(self) -> str:
        from .finding_html import findings_html

        return findings_html(self.prompt, self)
