"""A grid in a real JupyterLab: drawn by the real engine, it fills up while one looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ui import notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "grid_run.ipynb"
# The engine waits in the middle, so that the half-filled table can be seen.
DRAW = """
import threading
from zimg_kernel import default_engine
from zimg_kernel.experiments.grid import Grid, swap
from zimg_widgets import show_grid

go_on, engine = threading.Event(), default_engine()
submit = engine.submit

def slowly(params, **options):
    if (params.seed, params.prompt) == (2, "a blue star"):
        go_on.wait(60)
    return submit(params, **options)

engine.submit = slowly
params = {"prompt": "a red star", "model": "nano-turbo", "steps": 4, "width": 128, "height": 128}
y = swap("red", ["red", "blue"])
grid = Grid(params, x={"seed": [1, 2, 3]}, y=y, title="Stars", at_once=1)
show_grid(grid, language="en")
"""
REST = "go_on.set(); print(grid.wait(60), grid.progress)"


def test_it_fills_up_while_it_is_drawn(page: Page, lab: str, tmp_path: Path) -> None:
    path = notebooks.write(tmp_path, NAME, DRAW, REST)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)  # ends at once; the grid goes on
    root = page.locator(".zimg-grid-root").first
    table = root.get_by_role("table", name="Stars. Rows: red. Columns: seed.")
    expect(table.get_by_role("rowheader")).to_have_text(["red", "blue"])
    expect(table.locator("td img")).to_have_count(4, timeout=90_000)
    expect(root.get_by_role("status")).to_have_text("4 of 6")
    page.screenshot(path=tmp_path / "grid_half.png")

    assert notebooks.run(page, 1).strip() == "True (6, 6)"
    expect(table.locator("td img")).to_have_count(6)
    expect(root.get_by_role("status")).to_have_text("6 of 6")
    alts = table.locator("td img").evaluate_all("all => all.map(i => i.alt)")
    assert alts == ["a red star"] * 3 + ["a blue star"] * 3
    page.screenshot(path=tmp_path / "grid_done.png")
    page.keyboard.press("Control+s")
    # What the notebook keeps is the whole table, though its cell ended long before.
    page.wait_for_timeout(1500)
    output = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["outputs"][-1]
    assert "".join(output["data"]["text/html"]).count("<img") == 6
