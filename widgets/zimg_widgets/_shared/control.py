"""Base class of the controls that are drawn by a script: labels in two languages."""

from __future__ import annotations

from typing import Any, ClassVar

import anywidget
import traitlets

from .labels import Labels, in_language, language
from .static_fallback import StaticFallback
from .subshell import handle_messages_in_subshell


class Control(StaticFallback, anywidget.AnyWidget):
    """A widget drawn by an ES module beside its Python file.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        Language of the labels; by default as ``ZIMG_LANGUAGE`` or the locale says.
    """

    LABELS: ClassVar[Labels] = {}
    """The labels by name, English and Chinese."""

    labels = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, language: str | None = None, **traits: Any) -> None:
        chosen = _chosen(language)
        super().__init__(labels=in_language(self.LABELS, chosen), language=chosen, **traits)
        handle_messages_in_subshell(self)

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set what a page has changed; the words are never among that."""
        fixed = ("labels", "language")
        super().set_state({name: sync_data[name] for name in sync_data if name not in fixed})


_chosen = language
