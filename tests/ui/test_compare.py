"""The before/after slider in a real JupyterLab: mouse, finger, keys, pixels and themes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

from ui import notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "compare.ipynb"
MAKE = """
from PIL import Image, ImageDraw
from zimg_widgets.before_after.widget import compare

def draw(shape, color, size=(480, 320)):
    picture = Image.new("RGB", size, color)
    x, y = size[0] // 2, size[1] // 2
    getattr(ImageDraw.Draw(picture), shape)((x - 80, y - 80, x + 80, y + 80), "gold")
    return picture

widget = compare(draw("ellipse", "navy"), draw("rectangle", "darkred"), language="en")
widget
"""
ASK = "print('position', widget.position)"
NAVY, DARKRED, GREEN = (0, 0, 128), (139, 0, 0), (0, 128, 0)


def open_and_run_first(page: Page, lab: str) -> Locator:
    """Run the cell that shows the widget and give its slider."""
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    slider = page.get_by_role("slider", name="Compare")
    expect(slider).to_be_visible()
    slider.scroll_into_view_if_needed()
    return slider


def position_in_python(page: Page) -> float:
    notebooks.run(page, 1)
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    return float(output.inner_text().removeprefix("position "))


def box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None
    return {name: float(value) for name, value in found.items()}


def pixel(stage: Locator, across: float, down: float = 0.1) -> tuple[int, ...]:
    """The colour on the screen at a share of the picture's width and height."""
    shot = Image.open(io.BytesIO(stage.screenshot())).convert("RGB")
    found = shot.getpixel((int(shot.width * across), int(shot.height * down)))
    assert isinstance(found, tuple)
    return found


def stage_of(page: Page) -> Locator:
    return page.locator(".zimg-compare-stage")


def test_the_mouse_moves_the_divider_and_python_sees_it(
    page: Page, lab: str, tmp_path: Path
) -> None:
    notebooks.write(tmp_path, NAME, MAKE, ASK)
    slider = open_and_run_first(page, lab)
    stage = stage_of(page)
    sizes = stage.locator("img").evaluate_all("all => all.map(i => [i.naturalWidth, i.alt])")
    assert sizes == [[480, "Before"], [480, "After"]]
    area = box(stage)
    assert (round(area["width"]), round(area["height"])) == (480, 320)
    assert (pixel(stage, 0.3), pixel(stage, 0.7)) == (NAVY, DARKRED)

    # A drag from anywhere on the picture, up to and beyond its edge.
    x, y = area["x"], area["y"] + 30
    page.mouse.move(x + 400, y)
    page.mouse.down()
    expect(slider).to_have_attribute("aria-valuenow", "83")
    page.mouse.move(x + 200, y, steps=5)
    page.mouse.move(x + 120, y + 50, steps=5)
    expect(slider).to_have_attribute("aria-valuetext", "25 % Before, 75 % After")
    assert (pixel(stage, 0.2), pixel(stage, 0.3)) == (NAVY, DARKRED)
    page.mouse.up()
    page.mouse.move(x + 300, y)
    assert position_in_python(page) == pytest.approx(25, abs=0.3)
    page.mouse.move(x + 120, y)
    page.mouse.down()
    page.mouse.move(x + 700, y, steps=3)
    page.mouse.up()
    assert position_in_python(page) == 100

    page.mouse.click(x + 360, y)
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    assert position_in_python(page) == pytest.approx(76, abs=0.3)


def test_the_keyboard_alone_reaches_and_moves_it(page: Page, lab: str, tmp_path: Path) -> None:
    notebooks.write(tmp_path, NAME, MAKE, ASK)
    slider = open_and_run_first(page, lab)
    page.keyboard.press("Escape")
    for _ in range(20):
        page.keyboard.press("Tab")
        if slider.evaluate("node => node === document.activeElement"):
            break
    expect(slider).to_be_focused()
    grip = slider.locator(".zimg-compare-grip")
    ring = grip.evaluate("node => [getComputedStyle(node).outlineStyle, node.offsetWidth]")
    assert ring == ["solid", 28]

    now = 50
    for keys, step in (
        ("ArrowRight", 1), ("ArrowUp", 1), ("ArrowLeft", -1), ("ArrowDown", -1), ("PageUp", 10),
        ("Shift+ArrowRight", 10), ("Shift+ArrowLeft", -10), ("PageDown", -10), ("End", 50),
        ("ArrowRight", 0), ("Home", -100), ("ArrowLeft", 0), ("PageUp", 10),
    ):  # fmt: skip
        page.keyboard.press(keys)
        now += step
        expect(slider).to_have_attribute("aria-valuenow", str(now))
        expect(slider).to_be_focused()
    assert pixel(stage_of(page), 0.3) == DARKRED
    assert position_in_python(page) == 10
    minmax = [slider.get_attribute(f"aria-value{end}") for end in ("min", "max")]
    assert minmax == ["0", "100"]


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    fingers = [{"x": x, "y": y} for x, y in points]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_a_finger_drags_sideways_and_scrolls_up_and_down(
    page: Page, lab: str, tmp_path: Path
) -> None:
    notebooks.write(tmp_path, NAME, MAKE, ASK, *["pass\n" * 20] * 3)
    slider = open_and_run_first(page, lab)
    session = page.context.new_cdp_session(page)
    area = box(stage_of(page))
    x, y = area["x"], area["y"] + 200
    touch(session, "touchStart", (x + 240, y))
    for across in range(240, 100, -10):
        touch(session, "touchMove", (x + across, y))
    touch(session, "touchEnd")
    assert position_in_python(page) == pytest.approx(100 * 110 / 480, abs=0.5)
    touch(session, "touchStart", (x + 48, y))
    expect(slider).to_have_attribute("aria-valuenow", "23")
    touch(session, "touchEnd")
    expect(slider).to_have_attribute("aria-valuenow", "10")

    before = box(stage_of(page))["y"]
    touch(session, "touchStart", (x + 300, y))
    for down in range(0, 150, 10):
        touch(session, "touchMove", (x + 300, y - down))
    touch(session, "touchEnd")
    assert box(stage_of(page))["y"] < before - 100
    expect(slider).to_have_attribute("aria-valuenow", "10")


COUNT_URLS = """
window.pictureUrls = new Set();
const { createObjectURL, revokeObjectURL } = URL;
URL.createObjectURL = (blob) => {
  const url = createObjectURL.call(URL, blob);
  if (blob.type === "image/png") window.pictureUrls.add(url);
  return url;
};
URL.revokeObjectURL = (url) => {
  window.pictureUrls.delete(url);
  revokeObjectURL.call(URL, url);
};
"""


def test_what_python_changes_is_seen_and_old_pictures_are_let_go(
    page: Page, lab: str, tmp_path: Path
) -> None:
    page.add_init_script(COUNT_URLS)
    notebooks.write(
        tmp_path,
        NAME,
        MAKE,
        "widget.after = draw('ellipse', 'green')",
        "widget.show(draw('ellipse', 'green', (240, 240)), draw('ellipse', 'navy', (300, 150)))\n"
        "widget.captions = ('Turbo', 'base')\nwidget.position = 900",
    )
    slider = open_and_run_first(page, lab)
    stage = stage_of(page)
    assert pixel(stage, 0.7) == DARKRED
    notebooks.run(page, 1)
    page.wait_for_timeout(500)
    assert (pixel(stage, 0.3), pixel(stage, 0.7)) == (NAVY, GREEN)
    assert page.evaluate("pictureUrls.size") == 2

    notebooks.run(page, 2)
    expect(slider).to_have_attribute("aria-valuetext", "100 % Turbo, 0 % base")
    page.wait_for_timeout(500)
    area = box(stage)
    assert (area["width"], area["height"]) == (240, 240)
    assert pixel(stage, 0.1) == GREEN
    expect(page.get_by_text("Turbo: 240×240 px. base: 300×150 px, shown in")).to_be_visible()
    slider.press("Home")
    page.wait_for_timeout(300)
    # Scaled to the box with its proportions kept: nothing of the first shows around it.
    assert pixel(stage, 0.9, 0.5) == NAVY
    assert pixel(stage, 0.5, 0.1) not in (NAVY, GREEN)
    assert page.evaluate("pictureUrls.size") == 2

    page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt").click()
    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_text("Clear Cell Output", exact=True).click()
    expect(stage).to_have_count(0)
    assert page.evaluate("pictureUrls.size") == 0


def test_the_saved_notebook_holds_the_still_and_is_small(
    page: Page, lab: str, tmp_path: Path
) -> None:
    path = notebooks.write(tmp_path, NAME, MAKE)
    open_and_run_first(page, lab)
    page.keyboard.press("Control+s")
    page.wait_for_timeout(500)
    for _ in range(100):
        if "jupyter.widget-view" in path.read_text():
            break
        page.wait_for_timeout(100)
    text = path.read_text()
    outputs = [o for cell in json.loads(text)["cells"] for o in cell["outputs"]]
    (still,) = ("".join(o["data"]["text/html"]) for o in outputs if "data" in o)
    assert still.count("data:image/jpeg;base64,") == 2
    assert "<script" not in still
    assert len(text.encode()) < 130_000

    # As a viewer without kernel or script shows it.
    viewer = page.context.new_page()
    viewer.set_content(still)
    viewer.screenshot(path=tmp_path / "still.png")
    expect(viewer.get_by_role("img", name="Before")).to_be_visible()
    expect(viewer.get_by_text("After")).to_be_visible()


def test_it_fits_both_themes_and_a_narrow_cell(page: Page, lab: str, tmp_path: Path) -> None:
    notebooks.write(tmp_path, NAME, MAKE)
    slider = open_and_run_first(page, lab)
    grounds = []
    for theme in ("Light", "Dark"):
        if theme == "Dark":
            page.get_by_role("menuitem", name="Settings", exact=True).click()
            page.get_by_text("Theme", exact=True).hover()
            page.get_by_text("JupyterLab Dark", exact=True).click()
            expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
            page.wait_for_timeout(1000)
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        page.screenshot(path=tmp_path / f"compare_{theme.lower()}.png")
        style = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
        grounds.append(slider.locator(".zimg-compare-grip").evaluate(style))
    assert grounds[0][0] == "rgb(255, 255, 255)"
    assert grounds[0] != grounds[1]

    duration = "node => getComputedStyle(node).transitionDuration"
    assert "0.08s" in slider.evaluate(duration)
    page.emulate_media(reduced_motion="reduce")
    assert slider.evaluate(duration) == "0s"

    page.set_viewport_size({"width": 640, "height": 900})
    page.wait_for_timeout(500)
    slider.press("End")
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / "compare_narrow.png")
    area = box(stage_of(page))
    output = page.locator(".jp-CodeCell .jp-OutputArea-output")
    assert area["width"] < 480
    assert area["height"] == pytest.approx(area["width"] * 320 / 480, abs=1)
    assert output.evaluate("node => node.scrollWidth <= node.clientWidth")
