"""Wait for a grid and show how far it is: in a notebook, a terminal, or nowhere."""

from __future__ import annotations

import sys
import textwrap
import warnings
from typing import TYPE_CHECKING

from zimg_kernel.engine.progress import _in_notebook
from zimg_kernel.errors import ZimgWarning

if TYPE_CHECKING:
    from .grid import Grid

_GLANCE = 0.2  # seconds between two looks; short enough for an interrupt to be felt


def watch(grid: Grid, show: bool | None = None) -> None:
    """Wait until a grid draws nothing more; say its warnings first.

    Parameters
    ----------
    grid : Grid
        A grid that was started.
    show : bool, optional
        By default progress is shown in a notebook or a terminal, not in a script's log.
    """
    notebook = _in_notebook()
    for sentence in grid.warnings:
        if notebook:
            print(textwrap.fill(f"Note: {sentence}", 100))
        else:
            warnings.warn(sentence, ZimgWarning, stacklevel=3)
    if show is False or (show is None and not notebook and not sys.stderr.isatty()):
        while not grid.wait(_GLANCE):
            pass
    elif notebook:
        _in_cell(grid)
    else:
        _in_terminal(grid)


def _in_terminal(grid: Grid) -> None:
    from tqdm import tqdm

    with tqdm(total=len(grid), desc=grid.title or "Grid", unit="picture", leave=False) as bar:
        ended = False
        while not ended:
            ended = grid.wait(_GLANCE)
            bar.update(grid.progress[0] - bar.n)


def _in_cell(grid: Grid) -> None:
    from IPython.display import HTML, display

    handle = display(HTML(_bar(grid)), display_id=True)
    shown, ended = grid.progress, False
    while not ended:
        ended = grid.wait(_GLANCE)
        if handle is not None and grid.progress != shown:
            shown = grid.progress
            handle.update(HTML(_bar(grid)))
    if handle is not None:
        handle.update(HTML(""))


def _bar(grid: Grid) -> str:
    done, total = grid.progress
    return (
        f'<div role="status"><progress max="{total}" value="{done}" style="width:256px">'
        f"</progress> {done} of {total} pictures</div>"
    )
