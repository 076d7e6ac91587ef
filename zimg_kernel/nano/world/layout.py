"""Layout of scenes: named places, and the grid that places and radii fall on.

A small model draws crisply what it has seen in the same place of its tokens before (16 pixels at
its native size), so objects stand on that grid, and their sizes come in steps of half of it.
"""

from __future__ import annotations

GRID = 16
"""Steps of a position along a side of the picture; radii come in half of these steps."""

PLACES: dict[str, tuple[float, float]] = {
    "left": (0.25, 0.5),
    "right": (0.75, 0.5),
    "top": (0.5, 0.25),
    "bottom": (0.5, 0.75),
    "center": (0.5, 0.5),
    "top left": (0.25, 0.25),
    "top right": (0.75, 0.25),
    "bottom left": (0.25, 0.75),
    "bottom right": (0.75, 0.75),
}


def radius_on_grid(radius: float) -> float:
    """The nearest radius in half steps of the grid, at least two of them."""
    return max(2, round(radius * 2 * GRID)) / (2 * GRID)
