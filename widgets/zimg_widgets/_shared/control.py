"""What all drawn controls share: words in two languages, and a still form without a kernel."""

from __future__ import annotations

from typing import Any, ClassVar

import anywidget
import traitlets

from .labels import Words, language, say
from .subshell import heard_while_busy


class Control(anywidget.AnyWidget):
    """A widget drawn by a plain ES module beside its Python file.

    Viewers without a kernel (GitHub, nbviewer, a closed notebook) show what :meth:`still`
    returns; it is stored in the notebook, so it must be small.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.
    """

    WORDS: ClassVar[Words] = {}
    """The words on the control by name, English and Chinese."""

    labels = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, language: str | None = None, **traits: Any) -> None:
        chosen = _language(language)
        super().__init__(labels=say(self.WORDS, chosen), language=chosen, **traits)
        heard_while_busy(self)

    def still(self) -> str:
        """Return the control as HTML that needs no kernel and no script."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/html"] = self.still()
        return bundle


def _language(wanted: str | None) -> str:
    return language(wanted)
