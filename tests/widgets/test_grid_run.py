"""A grid on the real engine fills the table in the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from zimg_kernel import LocalEngine, ZimgError
from zimg_kernel.experiments.grid import Grid, swap
from zimg_widgets import show_grid

SMALL = {"prompt": "a red circle", "model": "nano-turbo", "steps": 1, "width": 128, "height": 128}


def test_cells_appear_as_they_are_drawn(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = engine.submit

    def refuse(params: Any, **options: Any) -> Any:
        if params.seed == 3 and "blue" in params.prompt:
            raise ZimgError("No room for this one.")
        return submit(params, **options)

    y = swap("red", ["red", "blue"])
    Grid(SMALL, x={"seed": [1, 2]}, engine=engine, folder=tmp_path).run()
    monkeypatch.setattr(engine, "submit", refuse)
    grid = Grid(SMALL, x={"seed": [1, 2, 3]}, y=y, engine=engine, folder=tmp_path, title="Two")
    heard: list[tuple[int, int]] = []
    view = show_grid(grid, language="en")
    assert view.progress[0] >= 2  # drawn before
    grid.on_cell(lambda cell: heard.append(view.progress))
    assert grid.wait(60)
    assert (view.rows, view.columns) == (("red", "blue"), ("1", "2", "3"))
    assert (view.x_label, view.y_label, view.title) == ("seed", "red", "Two")
    assert view.progress == (6, 6)
    assert view._cells[0, 1, 2].failure == "No room for this one."
    assert view._cells[0, 1, 1].path == grid.cell(1, 1).path
    assert view._cells[0, 1, 1].caption.endswith(" s")
    assert "No room for this one." in view.to_static_html()


def test_layers_are_the_third_axis(engine: LocalEngine, tmp_path: Path) -> None:
    grid = Grid(SMALL, z={"steps": [1, 2]}, engine=engine, folder=tmp_path)
    view = show_grid(grid)
    assert grid.wait(60)
    assert (view.layers, view.z_label) == (("1", "2"), "steps")
    assert view.progress == (2, 2)


def test_a_listener_that_comes_late_misses_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    grid = Grid(SMALL, x={"seed": range(6)}, engine=engine, folder=tmp_path).start()
    view = show_grid(grid)  # while it is drawn
    assert grid.wait(60)
    assert view.progress == (6, 6)
