"""Wait for a grid and show how far it is: in a notebook, a terminal, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zimg_kernel.engine.progress import ProgressBar, show_warnings

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
    show_warnings(grid.warnings, stacklevel=4)
    with ProgressBar(len(grid), grid.title or "Grid", show) as bar:
        ended = False
        while not ended:
            ended = grid.wait(_GLANCE)
            bar.show(grid.progress[0])
