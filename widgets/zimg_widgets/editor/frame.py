"""Frame of the Editor."""

from __future__ import annotations

from typing import ClassVar

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.panel_frame import PanelFrame

from .labels import LABELS


class EditorFrame(PanelFrame):
    """Carries the Editor's style sheet and names it."""

    _css = bundle("editor/widget.css")
    LABELS: ClassVar[Labels] = {"title": LABELS["title"]}
