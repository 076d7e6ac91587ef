"""The list of requests that wait and run, each with a button to cancel it, and what to resume."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.live_state import LiveControl

from .labels import LABELS


class QueueView(LiveControl):
    """Shows requests in their order; and those that ended with their kernel, to draw again.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("studio/queue/widget.js")
    _css = bundle("studio/queue/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    LIVE = ("rows", "interrupted")
    rows: Any = traitlets.List()
    """Of each request: id, prompt, detail, status, fraction (0 to 1)."""
    interrupted: Any = traitlets.List()
    """Of each interrupted request: id, prompt, detail."""

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self._listeners: dict[str, list[Callable[[str], None]]] = {
            "cancel": [],
            "again": [],
            "dismiss": [],
        }
        self.on_msg(self._on_message)

    def on(self, kind: str, listener: Callable[[str], None]) -> None:
        """Call a function with the id when "cancel", "again" or "dismiss" is pressed."""
        self._listeners[kind].append(listener)

    def to_static_html(self) -> str:
        """Return the requests as a list in HTML."""
        items = [f"{row['prompt']} – {row['detail']}" for row in (*self.rows, *self.interrupted)]
        return f"<ul>{''.join(f'<li>{html.escape(i)}</li>' for i in items)}</ul>" if items else ""

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        for listener in self._listeners.get(str(content.get("kind")), ()):
            listener(str(content.get("id")))
