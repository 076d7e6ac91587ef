"""Shows what the checker says of a form's prompt, while it is typed."""

from __future__ import annotations

import logging
import threading
from typing import Any

from zimg_kernel.prompts import Finding, fix, lint

from .form_model import ModelField
from .prompt_box import PromptBox

_LOG = logging.getLogger(__name__)


class PromptCheck:
    """Checks a prompt whenever it or the model changes, and shows the findings below it.

    Parameters
    ----------
    prompt : PromptBox
    model : ModelField
    language : {"en", "zh"}
    """

    def __init__(self, prompt: PromptBox, model: ModelField, language: str) -> None:
        self._prompt, self._model, self._language = prompt, model, language
        self._checked: tuple[str, str] | None = None
        prompt.observe(self, "value")
        model.listeners.append(self)
        # The first check reads the dictionary of Chinese words, a fifth of a second.
        threading.Thread(target=self._findings, args=("暖 warm", None), daemon=True).start()
        self()

    def __call__(self, _: Any = None) -> None:
        """Check again, if there is anything new."""
        try:
            now = self._prompt.value, self._model.card.id
        except Exception:  # models.yaml was broken meanwhile: the form says so elsewhere
            return
        if now != self._checked:
            self._checked = now
            self._prompt.findings = self._findings(*now)
            self._prompt.show_findings()  # the same ones may be about another text

    def _findings(self, text: str, model: str | None) -> list[dict[str, Any]]:
        if not text.strip():
            return []  # an empty field needs no remark that it is empty
        try:
            found = lint(text, model, language=self._language)
            return [_as_shown(text, finding) for finding in found]
        except Exception:  # a mistake in a rule is no reason not to draw
            _LOG.debug("The prompt could not be checked.", exc_info=True)
            return []


def _as_shown(text: str, finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "start": finding.start,
        "end": finding.end,
        "severity": finding.severity,
        "rule": finding.rule,
        "why": finding.why,
        "suggestion": finding.suggestion,
    }
    mended = fix(text, [finding])
    return shown if mended == text else {**shown, "fix": mended}
