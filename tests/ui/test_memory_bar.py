"""The memory bar in a real JupyterLab: numbers that change, and rest when nobody looks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "memory.ipynb"
SHOW = """
from zimg_widgets.memory.widget import MemoryBar, Reading
bar = MemoryBar(interval=0.5, language="en")
bar
"""
TAKE = """
kept = bytearray(600_000_000)
kept[::4096] = b"x" * len(kept[::4096])
"""
ASK = "import threading; bar.watched, sum(t.name == 'zimg-memory' for t in threading.enumerate())"
STUCK = """
import time
from zimg_widgets import memory_bar
memory_bar.read_memory = lambda: time.sleep(600)
"""
HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState",
    { configurable: true, get: () => (hidden ? "hidden" : "visible") });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
FAKE = """
from zimg_widgets import memory_bar
memory_bar.read_memory = lambda: [
    Reading("GPU 0", int(21.4e9), int(23.1e9), int(80e9)),
    Reading("GPU 1", 0, int(61.7e9), int(80e9)),
    Reading("RAM", int(3.1e9), int(14.2e9), int(64e9)),
]
fake = MemoryBar(language="zh")
fake
"""


def open_notebook(page: Page, lab: str, tmp_path: Path, *cells: str) -> Locator:
    """Run the first cell of a notebook of these cells and give the widget in its output."""
    notebooks.write(tmp_path, NAME, *cells)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    meter = page.get_by_role("meter", name="RAM")
    expect(meter).to_be_visible()
    return meter


def value(meter: Locator, name: str) -> float:
    return float(meter.get_attribute(f"aria-value{name}") or "nan")


def test_its_numbers_change_and_are_said(page: Page, lab: str, tmp_path: Path) -> None:
    meter = open_notebook(page, lab, tmp_path, SHOW, TAKE)
    own = page.locator(".zimg-memory-part-own")
    before, said = value(meter, "now"), own.inner_text()
    notebooks.run(page, 1)
    expect(own).not_to_have_text(said)
    page.wait_for_timeout(1500)
    assert value(meter, "now") > before + 0.3
    assert 0 == value(meter, "min") < value(meter, "now") < value(meter, "max")
    text = meter.get_attribute("aria-valuetext") or ""
    assert text.startswith(page.locator(".zimg-memory-said").inner_text())
    assert " GB, this process " in text
    expect(page.locator(".zimg-memory-stale")).to_be_empty()


def test_it_rests_while_nobody_can_see_it(page: Page, lab: str, tmp_path: Path) -> None:
    meter = open_notebook(page, lab, tmp_path, SHOW, ASK, *["1"] * 30)
    assert notebooks.run(page, 1) == "(True, 1)"
    page.evaluate(HIDE, True)
    page.wait_for_timeout(1000)
    assert notebooks.run(page, 1) == "(False, 0)"
    page.evaluate(HIDE, False)
    page.wait_for_timeout(1000)
    assert notebooks.run(page, 1) == "(True, 1)"

    # Scrolled out of sight is as good as hidden.
    page.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
    expect(meter).not_to_be_in_viewport()
    page.wait_for_timeout(1000)
    frozen = meter.get_attribute("aria-valuetext")
    page.wait_for_timeout(6000)
    assert meter.get_attribute("aria-valuetext") == frozen
    expect(page.locator(".zimg-memory-stale")).to_be_empty()


def test_readings_that_stay_away_are_said(page: Page, lab: str, tmp_path: Path) -> None:
    open_notebook(page, lab, tmp_path, SHOW, STUCK)
    notebooks.run(page, 1)
    expect(page.locator(".zimg-memory-stale")).to_have_text("no answer from the kernel")


@pytest.mark.parametrize("theme", ["JupyterLab Dark"])  # all other tests run in the light one
def test_it_fits_both_themes(page: Page, lab: str, tmp_path: Path, theme: str) -> None:
    folder = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    (folder / "themes.jupyterlab-settings").write_text(f'{{"theme": "{theme}"}}')
    open_notebook(page, lab, tmp_path, SHOW, FAKE)
    notebooks.run(page, 1)
    expect(page.get_by_role("meter")).to_have_count(6)  # soon the first bar has them too
    page.wait_for_timeout(1000)
    word = theme.split()[-1].lower()
    page.screenshot(path=tmp_path / f"memory_{word}.png")
    page.set_viewport_size({"width": 520, "height": 900})
    page.get_by_role("tab", name="File Browser").click()
    page.wait_for_timeout(1000)
    bar = page.locator(".zimg-memory").first
    scroll, client = bar.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert scroll <= client
    page.screenshot(path=tmp_path / f"memory_narrow_{word}.png")
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(1000)
    page.screenshot(path=tmp_path / f"memory_narrowest_{word}.png")
