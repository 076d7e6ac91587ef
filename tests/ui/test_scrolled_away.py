"""Controls in a long notebook, whose cells JupyterLab takes out of the page when out of sight."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import notebooks
from ui.harness import wait_for

pytestmark = [pytest.mark.ui, pytest.mark.slow]

PAINTER = """
from PIL import Image
from zimg_widgets import MaskPainter, Studio
painter = MaskPainter(Image.new("RGB", (256, 256), "#3060c0"), language="en")
painter.brush = 24
painter
"""
STUDIO = """
studio = Studio({"prompt": "a red circle", "model": "nano-base", "steps": 200}, language="en")
studio
"""
TEXT = "print('a line of text')\n" * 6
MODES = ("full", "contentVisibility")  # JupyterLab's default is the last
SHARE = """() => {
  const canvas = document.querySelector("canvas.zimg-mask-surface");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return data.filter((value, at) => at % 4 === 3 && value > 0).length;
}"""


def shot(page: Page, name: str) -> None:
    """Keep a picture of the page where somebody wants to look."""
    if folder := os.environ.get("ZIMG_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"scrolled_{name}.png")


def stroke(page: Page, surface: Locator, y: float) -> None:
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * y, steps=6)
    page.mouse.up()


def away_and_back(page: Page) -> None:
    """Scroll some 40 cells down, and up again."""
    page.mouse.move(900, 500)
    for _ in range(8):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(80)
    assert page.locator(".jp-WindowedPanel-outer").evaluate("box => box.scrollTop") > 4000
    shot(page, "away")
    for _ in range(16):
        page.mouse.wheel(0, -900)
        page.wait_for_timeout(60)


@pytest.mark.parametrize("mode", MODES)
def test_strokes_and_previews_survive_scrolling_away(
    page: Page, lab: str, tmp_path: Path, mode: str
) -> None:
    folder = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "notebook-extension"
    (folder / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": mode}))
    notebooks.write(tmp_path, "long.ipynb", PAINTER, STUDIO, *[TEXT] * 60)
    notebooks.open_in(page, lab, "long.ipynb")
    notebooks.run(page, 0)
    surface = page.locator("canvas.zimg-mask-surface")
    status = page.locator(".zimg-mask-status")
    undo = page.locator(".zimg-mask").get_by_role("button", name="Undo", exact=True)
    for y in (0.2, 0.5):
        stroke(page, surface, y)
    wait_for(lambda: page.evaluate(SHARE) > 0)
    expect(status).to_have_text("12 % of the picture is painted.")
    before = page.evaluate(SHARE)
    shot(page, f"{mode}_before")
    away_and_back(page)
    expect(surface).to_be_in_viewport()
    shot(page, f"{mode}_after")
    assert page.evaluate(SHARE) == before
    picture = page.locator(".zimg-mask img")
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 256
    stroke(page, surface, 0.8)
    wait_for(lambda: page.evaluate(SHARE) > before)
    for _ in range(2):
        undo.click()
    wait_for(lambda: 0 < page.evaluate(SHARE) < before)
    shot(page, f"{mode}_undone")

    notebooks.run(page, 1)
    studio = page.get_by_role("region", name="Studio")
    studio.get_by_role("button", name="Generate", exact=True).click()
    image = studio.locator(".zimg-stage-image")
    expect(image).to_have_attribute("alt", "Preview: a red circle")
    away_and_back(page)
    image.scroll_into_view_if_needed()
    shown = image.get_attribute("src")
    shot(page, f"{mode}_studio")
    expect(image).to_have_attribute("alt", "Preview: a red circle")
    expect(image).not_to_have_attribute("src", shown or "")
