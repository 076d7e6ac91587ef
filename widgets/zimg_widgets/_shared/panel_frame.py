"""Frame of a panel made of several controls: its style sheet, its name, and its keys."""

from __future__ import annotations

from .bundle import bundle
from .control import Control


class PanelFrame(Control):
    """Control without a look of its own that ipywidgets' boxes need as a panel."""

    _esm = bundle("_shared/panel_frame.js")

    def to_static_html(self) -> str:
        """Return nothing: there is nothing to see."""
        return ""
