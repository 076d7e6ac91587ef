"""Frame of the Studio."""

from __future__ import annotations

from typing import ClassVar

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.panel_frame import PanelFrame

from .labels import LABELS


class StudioFrame(PanelFrame):
    """Carries the Studio's style sheet and names it."""

    _css = bundle("studio/widget.css")
    LABELS: ClassVar[Labels] = {"title": LABELS["title"]}
