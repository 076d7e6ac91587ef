"""Widget values that reach pages by messages and are in no saved notebook."""

from __future__ import annotations

from typing import Any, ClassVar

from zimg_widgets._shared.control import Control


class LiveControl(Control):
    """Control of which the traits named in ``LIVE`` are shown live and never saved.

    A notebook that is saved holds every synchronized trait of its widgets. These are not
    synchronized: each change is one message to the pages, and a page that begins to show the
    control asks for all of them.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    LIVE: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self.observe(lambda change: self._tell(change["name"]), list(self.LIVE))
        self.on_msg(self._on_look)

    def _tell(self, *names: str) -> None:
        values = {name: getattr(self, name) for name in names}
        binary = [name for name, value in values.items() if isinstance(value, bytes)]
        buffers = [values.pop(name) for name in binary]
        self.send({"kind": "live", "values": values, "binary": binary}, buffers=buffers)

    def _on_look(self, _: Any, content: Any, __: Any) -> None:
        if content.get("kind") == "look":
            self._tell(*self.LIVE)
