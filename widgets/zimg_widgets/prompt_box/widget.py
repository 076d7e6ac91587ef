"""A box for prompts: several lines, and Ctrl+Enter sends them."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.labels import Labels

from .labels import LABELS


class PromptBox(Control):
    """A text field of several lines whose text can be sent with Ctrl+Enter (or Cmd+Enter).

    ``ipywidgets.Textarea`` does not tell of keys, hence this one. What is typed reaches the
    kernel after a short pause, and at once when it is sent or when the field is left.

    Parameters
    ----------
    value : str
        The text to begin with.
    label : str, optional
        Stands above the field and names it to screen readers; "Prompt" by default.
    placeholder : str, optional
        Shown while the field is empty.
    rows : int
        Lines that are visible at first, 1 to 20; the field can be made taller.
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("prompt_box/widget.js")
    _css = bundle("prompt_box/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    value = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    rows = traitlets.Int(3, min=1, max=20).tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    """A remark below the field, such as why it is disabled."""
    findings = traitlets.List(traitlets.Dict())
    """Remarks on the text, shown below it: each with start, end (characters), severity (error,
    warning or hint), rule, why, and where there are any, suggestion and fix, the text instead."""
    findings_shown = traitlets.Dict().tag(sync=True)
    """The findings with the text that they are about, which may have changed since."""

    def __init__(
        self,
        value: str = "",
        *,
        label: str | None = None,
        placeholder: str | None = None,
        language: str | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(language=language, value=value, **traits)
        self.label = self.labels["prompt"] if label is None else label
        self.placeholder = self.labels["say"] if placeholder is None else placeholder
        self.show_findings()
        self.observe(self.show_findings, "findings")
        self._listeners: list[Callable[[str], None]] = []
        self.on_msg(self._on_message)

    def on_submit(self, listener: Callable[[str], None]) -> None:
        """Call a function with the text whenever it is sent from the keyboard."""
        self._listeners.append(listener)

    def show_findings(self, _: Any = None) -> None:
        """Say that the findings are about the text as it is now."""
        self.findings_shown = {"prompt": self.value, "findings": self.findings}

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind not in ("typed", "submit") or self.disabled:
            return
        # As a change from the page, which need not be told of it: more may have been typed.
        self.set_state({"value": str(content.get("value", self.value))})
        if kind == "submit":
            for listener in self._listeners:
                listener(self.value)

    def to_static_html(self) -> str:
        """Return the text as HTML."""
        label, value = html.escape(self.label), html.escape(self.value)
        text = f"<p><strong>{label}</strong><br><span>{value}</span></p>"
        rows = "".join(f"<li>{html.escape(str(f.get('why', '')))}</li>" for f in self.findings)
        return f"{text}<ul>{rows}</ul>" if rows else text
