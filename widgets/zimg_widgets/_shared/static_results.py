"""The results of a Studio for viewers without a kernel: small pictures with their parameters."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from IPython.display import HTML, display

from zimg_kernel import BadInput
from zimg_kernel.engine.session import Result

from .encode import data_url

_MOST = 50
_SIDE = 192  # px; 50 of them and their parameters stay under 1 MB in the notebook's file
_HIDDEN = "zimg-studio-still"  # a page with the live Studio hides what carries this class


class StaticResults:
    """An output below the live Studio that grows with its results.

    It is part of the notebook when that is saved. Pages in which the Studio lives do not show
    it; GitHub, nbviewer and a notebook whose kernel is gone do.
    """

    def __init__(self) -> None:
        self._handle: Any = display(HTML(""), display_id=True)
        self._figures: dict[str, str] = {}

    def show(self, results: Sequence[Result]) -> None:
        """Show these results, the newest first."""
        if self._handle is None:  # outside of a notebook
            return
        shown = results[:_MOST]
        self._figures = {r.id: self._figures.get(r.id) or _figure(r) for r in shown}
        figures = "".join(self._figures.values())
        self._handle.update(HTML(f'<div class="{_HIDDEN}">{figures}</div>' if figures else ""))


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
