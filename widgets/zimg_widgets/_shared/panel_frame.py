"""Frame of a panel made of several controls: its style sheet, its name, and its keys."""

from __future__ import annotations

import time
from typing import Any

from .bundle import bundle
from .control import Control

_PATIENCE = 10  # seconds that a view which is just being made may take


class PanelFrame(Control):
    """Control without a look of its own that ipywidgets' boxes need as a panel."""

    _esm = bundle("_shared/panel_frame.js")

    def __init__(self, *, language: str | None = None) -> None:
        self._wanted = float("-inf")  # seconds of the monotonic clock
        super().__init__(language=language)
        self.on_msg(self._on_message)

    def reveal(self) -> None:
        """Bring the panel into view where it is shown, or soon will be, and give it the focus."""
        self._wanted = time.monotonic()
        self.send({"kind": "reveal"})

    def show_problem(self) -> None:
        """Bring the sentence that says why nothing is drawn into view, and read it out."""
        self.send({"kind": "problem"})

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "revealed":
            self._wanted = float("-inf")
        elif kind == "look" and time.monotonic() - self._wanted < _PATIENCE:
            self.send({"kind": "reveal"})

    def to_static_html(self) -> str:
        """Return nothing: there is nothing to see."""
        return ""
