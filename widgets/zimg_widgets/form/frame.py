"""Frame of the form: problems announced, notes tied to fields, keys."""

from __future__ import annotations

import html

import traitlets

from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control


class FormFrame(Control):
    """Stands below the prompt of a form, or its buttons, and looks after all of it.

    Shows :attr:`problem` and :attr:`restored`, ties the note of each ``.zimg-field`` to its
    control for screen readers, and keeps keys that are meant for a control from being commands
    of JupyterLab. The style of the form comes with it.
    """

    _esm = bundle("form/frame.js")
    _css = bundle("form/widget.css")

    problem = traitlets.Unicode().tag(sync=True)
    """Problem in one sentence; empty if there is none."""
    restored = traitlets.Dict().tag(sync=True)
    """What became of a picture's settings: ``message``, a sentence, and ``lines``; or empty."""

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self.add_class("zimg-form-frame")

    def to_static_html(self) -> str:
        """Return the problem as HTML."""
        return f"<p>{html.escape(self.problem)}</p>" if self.problem else ""
