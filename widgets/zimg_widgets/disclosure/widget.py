"""A button that shows and hides what comes after it."""

from __future__ import annotations

import html
from typing import Any

import traitlets

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control


class Disclosure(Control):
    """A heading that opens and closes what follows it in the same box.

    ``ipywidgets.Accordion`` cannot be reached with the keyboard, hence this one. The box
    carries the class ``zimg-disclosed``; all in it but this button is hidden while closed,
    without asking the kernel.

    Parameters
    ----------
    label : str
        What stands on it.
    expanded : bool
        Whether the rest is shown.
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("disclosure/widget.js")
    _css = bundle("disclosure/widget.css")

    label = traitlets.Unicode().tag(sync=True)
    expanded = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self, label: str, expanded: bool = False, *, language: str | None = None, **traits: Any
    ) -> None:
        super().__init__(language=language, label=label, expanded=expanded, **traits)

    def to_static_html(self) -> str:
        """Return the label as HTML."""
        return f"<p><strong>{html.escape(self.label)}</strong></p>"
