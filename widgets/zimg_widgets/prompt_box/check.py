"""Shows what the checker says of a prompt, while it is typed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from zimg_kernel.models.catalog import get_card
from zimg_kernel.prompts import Finding, fix, lint
from zimg_kernel.settings import chosen_language
from zimg_widgets._shared.labels import in_language

from .labels import LABELS
from .widget import PromptBox

_LOG = logging.getLogger(__name__)


class PromptCheck:
    """Checks a prompt whenever it changes, and shows the findings below it.

    Call it where something else has changed, such as the model.

    Parameters
    ----------
    prompt : PromptBox
    model : callable
        Returns the id of the model to check for, or None for those of full size.
    language : {"en", "zh"}
    """

    def __init__(self, prompt: PromptBox, model: Callable[[], str | None], language: str) -> None:
        self._prompt, self._model, self._language = prompt, model, language
        self._checked: tuple[str, str | None] | None = None
        prompt.observe(self, "value")
        # The first check reads the dictionary of Chinese words, a fifth of a second.
        threading.Thread(target=self._findings, args=("\u6696 warm", None), daemon=True).start()
        self()

    def __call__(self, _: Any = None) -> None:
        """Check again, if there is anything new."""
        try:
            now = self._prompt.value, self._model()
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


def check_prompt(
    prompt: str = "", model: str | None = None, *, language: str | None = None, **traits: Any
) -> PromptBox:
    """Return a box for a prompt that says what the checker finds, as one types.

    Parameters
    ----------
    prompt : str
        The text to begin with.
    model : str, optional
        Id of the model to check for; by default what holds for the full-size models.
    language : {"en", "zh"}, optional
        Of the remarks; by default as ``ZIMG_LANGUAGE`` or the locale says.
    **traits
        Further settings of :class:`PromptBox`, such as ``rows``.

    Raises
    ------
    BadInput
        There is no such model or language.
    """
    if model is not None:
        get_card(model)
    spoken = chosen_language(language)
    hint = in_language(LABELS, spoken)["checked"]
    box = PromptBox(prompt, language=spoken, **{"hint": hint, **traits})
    PromptCheck(box, lambda: model, spoken)
    return box


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
