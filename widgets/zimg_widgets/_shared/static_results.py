"""The results of a Studio for viewers without a kernel: small pictures with their parameters."""

from __future__ import annotations

import html
from collections.abc import Sequence

from zimg_kernel import BadInput
from zimg_kernel.engine.session_entries import Result

from .encode import data_url

_MOST = 50
_SIDE = 192  # px; 50 of them and their parameters stay under 1 MB in the notebook's file


class StaticResults:
    """Results as HTML, each made once."""

    def __init__(self) -> None:
        self._figures: dict[str, str] = {}

    def html(self, results: Sequence[Result]) -> str:
        """Return the first 50 results as figures."""
        shown = results[:_MOST]
        self._figures = {r.id: self._figures.get(r.id) or _figure(r) for r in shown}
        return "".join(self._figures.values())


def _figure(result: Result) -> str:
    try:
        image = result.open()
    except BadInput:
        return ""
    alt = html.escape(image.params.prompt, quote=True)
    caption = html.escape(image.caption())
    return (
        f'<figure style="display:inline-block;width:{_SIDE}px;margin:0 8px 8px 0;'
        f'vertical-align:top;font-size:85%"><img alt="{alt}" '
        f'src="{data_url(image.image, _SIDE, 80)}"><figcaption>{alt}<br>{caption}</figcaption>'
        "</figure>"
    )
