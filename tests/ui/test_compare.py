"""Compare slider: mouse, finger, keys, pixels and themes; its saved form in JupyterLab."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import CDPSession, Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_widgets import Compare, compare

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "compare.ipynb"
NAVY, DARKRED, GREEN = (0, 0, 128), (139, 0, 0), (0, 128, 0)


def draw(shape: str, color: str, size: tuple[int, int] = (480, 320)) -> Image.Image:
    picture = Image.new("RGB", size, color)
    x, y = size[0] // 2, size[1] // 2
    getattr(ImageDraw.Draw(picture), shape)((x - 80, y - 80, x + 80, y + 80), "gold")
    return picture


@pytest.fixture
def widget(widget_page: WidgetPage) -> Compare:
    widget = compare(draw("ellipse", "navy"), draw("rectangle", "darkred"), language="en")
    widget_page.show(widget)
    return widget


@pytest.fixture
def slider(widget: Compare, widget_page: WidgetPage) -> Locator:
    slider = widget_page.page.get_by_role("slider", name="Compare")
    expect(slider).to_be_visible()
    return slider


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


def wait_for_pixel(stage: Locator, place: tuple[float, float], color: tuple[int, ...]) -> None:
    wait_for(lambda: pixel(stage, *place), color)


def stage_of(page: Page) -> Locator:
    return page.locator(".zimg-compare-stage")


def test_the_mouse_moves_the_divider_and_python_sees_it(
    widget_page: WidgetPage, widget: Compare, slider: Locator
) -> None:
    page = widget_page.page
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
    wait_for_pixel(stage, (0.3, 0.1), DARKRED)
    assert pixel(stage, 0.2) == NAVY
    page.mouse.up()
    page.mouse.move(x + 300, y)
    wait_for(lambda: widget.position, pytest.approx(25, abs=0.3))
    page.mouse.move(x + 120, y)
    page.mouse.down()
    page.mouse.move(x + 700, y, steps=3)
    page.mouse.up()
    wait_for(lambda: widget.position, 100)

    page.mouse.click(x + 360, y)
    expect(slider).to_be_focused()
    page.keyboard.press("ArrowRight")
    wait_for(lambda: widget.position, pytest.approx(76, abs=0.3))


def test_the_keyboard_alone_reaches_and_moves_it(
    widget_page: WidgetPage, widget: Compare, slider: Locator
) -> None:
    page = widget_page.page
    page.keyboard.press("Tab")
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
    wait_for_pixel(stage_of(page), (0.3, 0.1), DARKRED)
    wait_for(lambda: widget.position, 10)
    minmax = [slider.get_attribute(f"aria-value{end}") for end in ("min", "max")]
    assert minmax == ["0", "100"]
    assert set(widget_page.leaked_keys()) <= {"Tab", "Shift"}


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    fingers = [{"x": x, "y": y} for x, y in points]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_a_finger_drags_sideways_and_scrolls_up_and_down(
    widget_page: WidgetPage, widget: Compare, slider: Locator
) -> None:
    page = widget_page.page
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    session = page.context.new_cdp_session(page)
    area = box(stage_of(page))
    x, y = area["x"], area["y"] + 200
    touch(session, "touchStart", (x + 240, y))
    for across in range(240, 100, -10):
        touch(session, "touchMove", (x + across, y))
    touch(session, "touchEnd")
    wait_for(lambda: widget.position, pytest.approx(100 * 110 / 480, abs=0.5))
    touch(session, "touchStart", (x + 48, y))
    expect(slider).to_have_attribute("aria-valuenow", "23")
    touch(session, "touchEnd")
    expect(slider).to_have_attribute("aria-valuenow", "10")

    before = box(stage_of(page))["y"]
    touch(session, "touchStart", (x + 300, y))
    for down in range(0, 150, 10):
        touch(session, "touchMove", (x + 300, y - down))
    touch(session, "touchEnd")
    wait_for(lambda: box(stage_of(page))["y"] < before - 100)
    expect(slider).to_have_attribute("aria-valuenow", "10")


COUNT_URLS = """() => {
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
}"""


def test_what_python_changes_is_seen_and_old_pictures_are_let_go(widget_page: WidgetPage) -> None:
    page = widget_page.page
    page.evaluate(COUNT_URLS)
    widget = compare(draw("ellipse", "navy"), draw("rectangle", "darkred"), language="en")
    widget_page.show(widget)
    slider, stage = page.get_by_role("slider", name="Compare"), stage_of(page)
    wait_for_pixel(stage, (0.7, 0.1), DARKRED)
    widget.after = draw("ellipse", "green")
    wait_for_pixel(stage, (0.7, 0.1), GREEN)
    assert pixel(stage, 0.3) == NAVY
    assert page.evaluate("pictureUrls.size") == 2

    widget.show(draw("ellipse", "green", (240, 240)), draw("ellipse", "navy", (300, 150)))
    widget.captions = ("Turbo", "base")
    widget.position = 900
    expect(slider).to_have_attribute("aria-valuetext", "100 % Turbo, 0 % base")
    wait_for_pixel(stage, (0.1, 0.1), GREEN)
    area = box(stage)
    assert (area["width"], area["height"]) == (300, 300)  # the wider one in its own size
    expect(page.get_by_text("Turbo: 240×240 px. base: 300×150 px. Both are")).to_be_visible()
    slider.press("Home")
    # Scaled to the box with its proportions kept: nothing of the first shows around it.
    wait_for_pixel(stage, (0.9, 0.5), NAVY)
    assert pixel(stage, 0.5, 0.1) not in (NAVY, GREEN)
    assert page.evaluate("pictureUrls.size") == 2
    widget_page.hide()
    expect(stage).to_have_count(0)
    assert page.evaluate("pictureUrls.size") == 0


def test_it_fits_both_themes_and_a_narrow_page(
    widget_page: WidgetPage, slider: Locator, tmp_path: Path
) -> None:
    page = widget_page.page
    styles = []
    for theme in ("light", "dark"):
        widget_page.use_theme(theme)
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        page.screenshot(path=tmp_path / f"compare_{theme}.png")
        style = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
        styles.append(slider.locator(".zimg-compare-grip").evaluate(style))
        assert axe.faults(page, "#areas") == []
    assert styles[0][0] == "rgb(255, 255, 255)"
    assert styles[0] != styles[1]

    duration = "node => getComputedStyle(node).transitionDuration"
    assert "0.08s" in slider.evaluate(duration)
    page.emulate_media(reduced_motion="reduce")
    assert slider.evaluate(duration) == "0s"

    page.set_viewport_size({"width": 400, "height": 900})
    slider.press("End")
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / "compare_narrow.png")
    area = box(stage_of(page))
    assert area["width"] < 480
    assert area["height"] == pytest.approx(area["width"] * 320 / 480, abs=1)
    assert page.locator(".area").evaluate("node => node.scrollWidth <= node.clientWidth")


MAKE = """
from PIL import Image
from zimg_widgets import compare
widget = compare(Image.new("RGB", (480, 320), "navy"), Image.new("RGB", (480, 320), "darkred"),
                 language="en")
widget
"""


def test_a_notebook_shows_it_and_keeps_its_static_form(
    page: Page, lab: str, tmp_path: Path
) -> None:
    path = notebooks.write(tmp_path, NAME, MAKE, "print(widget.position)")
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    slider = page.get_by_role("slider", name="Compare")
    slider.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowDown", "PageUp"):  # none is JupyterLab's
        page.keyboard.press(key)
        expect(slider).to_be_focused()
    assert notebooks.run(page, 1) == "61.0"
    notebooks.save(page, path)
    text = path.read_text()
    outputs = [o for cell in json.loads(text)["cells"] for o in cell["outputs"]]
    view, static = ("".join(o["data"]["text/html"]) for o in outputs if "data" in o)
    assert view == ""  # the static form is an output of its own
    assert static.count("data:image/jpeg;base64,") == 2
    assert "<script" not in static
    assert len(text.encode()) < 130_000

    # As a viewer without kernel or script shows it.
    viewer = page.context.new_page()
    viewer.set_content(static)
    viewer.screenshot(path=tmp_path / "static.png")
    expect(viewer.get_by_role("img", name="Before")).to_be_visible()
    expect(viewer.get_by_text("After")).to_be_visible()
