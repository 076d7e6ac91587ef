"""The strip of results: small pictures, the newest first; one of them is chosen."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, ClassVar

import traitlets

from zimg_kernel import BadInput
from zimg_kernel.engine.session_entries import Result
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.encode import data_url
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.live_state import LiveControl
from zimg_widgets.studio.stage.widget import preview_bytes

from .labels import LABELS

_SIDE = 128  # px, of small pictures


class ResultStrip(LiveControl):
    """Small pictures of results; the page asks for those that it has not got yet.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("studio/results/widget.js")
    _css = bundle("studio/results/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    LIVE = ("items", "chosen", "running", "preview")
    items: Any = traitlets.List()
    """Of each result: id, prompt."""
    chosen = traitlets.Unicode()
    """The id of the one that is shown large; empty while that is the one being drawn."""
    running = traitlets.Dict()
    """Of the picture that is being drawn: prompt, fraction (0 to 1); empty when none is."""
    preview = traitlets.Bytes(b"")
    """JPEG of what it is expected to become."""

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self._results: dict[str, Result] = {}
        self._own: Collection[str] = ()
        self._listeners: list[Callable[[Result], None]] = []
        self._running_listeners: list[Callable[[], None]] = []
        self.on_msg(self._on_message)

    def show(self, results: list[Result], own: Collection[str] | None = None) -> None:
        """Show these results, in this order; those with ``own`` ids, or all, may be saved."""
        self._own = [result.id for result in results] if own is None else own
        self._results = {result.id: result for result in results}
        items = [{"id": result.id, "prompt": result.prompt} for result in results]
        if items != self.items:
            self.items = items

    def on_choose(self, listener: Callable[[Result], None]) -> None:
        """Call a function with the result that was pressed."""
        self._listeners.append(listener)

    def on_choose_running(self, listener: Callable[[], None]) -> None:
        """Call a function when the picture that is being drawn was pressed."""
        self._running_listeners.append(listener)

    def to_static_html(self, most: int = 8) -> str:
        """Return the newest own results as small pictures in HTML."""
        shown = []
        own = [result for result in self._results.values() if result.id in self._own]
        for result in own[:most]:
            try:
                url = data_url(result.open().image, _SIDE, 75)
            except BadInput:
                continue
            shown.append(f'<img alt="{html.escape(result.prompt, quote=True)}" src="{url}">')
        return f"<p>{' '.join(shown)}</p>" if shown else ""

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        if content.get("kind") == "running":
            for listener in self._running_listeners:
                listener()
        result = self._results.get(str(content.get("id")))
        if result is None:
            return
        if content.get("kind") == "choose":
            for choose in self._listeners:
                choose(result)
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
