"""The strip of results: small pictures, the newest first; one of them is chosen."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

import traitlets

from zimg_kernel import BadInput
from zimg_kernel.engine.session import Result
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.encode import data_url
from zimg_widgets._shared.labels import Labels
from zimg_widgets.studio.stage.widget import preview_bytes

from .labels import LABELS

_SIDE = 128  # px, of small pictures


class ResultStrip(Control):
    """Small pictures of results; the page asks for those that it has not got yet.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("studio/results/widget.js")
    _css = bundle("studio/results/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    items: Any = traitlets.List().tag(sync=True)
    """Of each result: id, prompt."""
    chosen = traitlets.Unicode().tag(sync=True)
    """The id of the one that is shown large."""

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self._results: dict[str, Result] = {}
        self._listeners: list[Callable[[Result], None]] = []
        self.on_msg(self._on_message)

    def show(self, results: list[Result]) -> None:
        """Show these results, in this order."""
        self._results = {result.id: result for result in results}
        items = [{"id": result.id, "prompt": result.prompt} for result in results]
        if items != self.items:
            self.items = items

    def on_choose(self, listener: Callable[[Result], None]) -> None:
        """Call a function with the result that was pressed."""
        self._listeners.append(listener)

    def to_static_html(self, most: int = 8) -> str:
        """Return the newest results as small pictures in HTML."""
        shown = []
        for result in list(self._results.values())[:most]:
            try:
                url = data_url(result.open().image, _SIDE, 75)
            except BadInput:
                continue
            shown.append(f'<img alt="{html.escape(result.prompt, quote=True)}" src="{url}">')
        return f"<p>{' '.join(shown)}</p>" if shown else ""

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        result = self._results.get(str(content.get("id")))
        if result is None:
            return
        if content.get("kind") == "choose":
            for listener in self._listeners:
                listener(result)
        elif content.get("kind") == "small":
            message = {"kind": "small", "id": result.id}
            try:
                self.send(message, buffers=[_small(result)])
            except BadInput:
                self.send({**message, "kind": "gone"})


@lru_cache(maxsize=256)
def _small_of(result_id: str, opened: Callable[[], Any]) -> bytes:
    image = opened().image.convert("RGB")
    image.thumbnail((_SIDE, _SIDE))
    return preview_bytes(image)


def _small(result: Result) -> bytes:
    return _small_of(result.id, result.open)
