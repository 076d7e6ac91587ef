"""Shows how many pictures are there: in a notebook, a terminal, or nowhere."""

from __future__ import annotations

import sys
from typing import Any

from .progress import _in_notebook


class Counter:
    """A bar that is moved by hand.

    Parameters
    ----------
    total : int
        How many pictures there will be.
    what : str
        What is under way, for a terminal.
    show : bool, optional
        By default in a notebook or a terminal, not in a script's log.
    """

    def __init__(self, total: int, what: str, show: bool | None = None) -> None:
        self._total = total
        self._handle: Any = None
        self._bar: Any = None
        notebook = _in_notebook()
        if show is False or (show is None and not notebook and not sys.stderr.isatty()):
            return
        if notebook:
            from IPython.display import HTML, display

            self._handle = display(HTML(self._html(0)), display_id=True)
        else:
            from tqdm import tqdm

            self._bar = tqdm(total=total, desc=what, unit="picture", leave=False)

    def show(self, done: int) -> None:
        """Say how many pictures are there."""
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        if self._handle is not None:
            from IPython.display import HTML

            self._handle.update(HTML(self._html(done)))

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        if self._handle is not None:
            from IPython.display import HTML

            self._handle.update(HTML(""))

    def _html(self, done: int) -> str:
        return (
            f'<div role="status"><progress max="{self._total}" value="{done}" '
            f'style="width:256px"></progress> {done} of {self._total} pictures</div>'
        )
