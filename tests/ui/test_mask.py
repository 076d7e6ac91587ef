"""Mask painter: what is painted in the page is read in Python; its place in JupyterLab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_widgets import MaskPainter

pytestmark = [pytest.mark.ui, pytest.mark.slow]


class Painting:
    """The painter on the page: places on it are given in the picture's pixels."""

    def __init__(self, page: Page, painter: MaskPainter, folder: Path) -> None:
        self.page, self.painter, self.folder = page, painter, folder
        self.width, self.height = painter.image.size
        self.arrived: list[int] = []
        painter.observe(lambda change: self.arrived.append(len(change.new)), "mask_png")
        self.root: Locator = page.locator(".zimg-mask")
        self.surface: Locator = page.locator(".zimg-mask-surface")
        self.status: Locator = page.locator(".zimg-mask-status")

    def at(self, x: float, y: float) -> tuple[float, float]:
        box = self.surface.bounding_box()
        assert box is not None
        return box["x"] + x * box["width"] / self.width, box["y"] + y * box["height"] / self.height

    def stroke(self, *places: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*places[0]))
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*self.at(*place), steps=15)
        self.page.mouse.up()

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def brush(self, width: int) -> None:
        self.painter.brush = width
        expect(self.root.locator("output").first).to_have_text(f"{width} px")

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour that a user sees at a place of the picture."""
        file = self.folder / "pixel.png"
        left, top = self.at(x, y)
        clip = {"x": left - 2, "y": top - 2, "width": 4, "height": 4}
        self.page.screenshot(path=file, clip=clip)  # type: ignore[arg-type]
        with Image.open(file) as shot:
            red, green, blue = np.asarray(shot.convert("RGB")).reshape(-1, 3).mean(0)
        return int(red), int(green), int(blue)

    def mask(self, when: Callable[[np.ndarray], bool]) -> np.ndarray:
        """The mask in Python as soon as it is as expected, rows first."""
        found = [np.zeros((0, 0))]

        def is_there() -> bool:
            found[0] = np.asarray(self.painter.mask).astype(int)
            return when(found[0])

        wait_for(is_there)
        return found[0]

    def tint(self) -> list[int]:
        return [int(self.painter.tint[at : at + 2], 16) for at in (1, 3, 5)]


Open = Callable[..., Painting]


@pytest.fixture
def painting(widget_page: WidgetPage, tmp_path: Path) -> Open:
    """Show a painter of some size."""

    def start(width: int = 640, height: int = 480, language: str = "en") -> Painting:
        across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
        light = 0.5 + 0.5 * np.sin(12 * across) * np.cos(9 * down)
        pixels = np.stack([230 * across, 200 * light, 230 * down], -1).astype("uint8")
        painter = MaskPainter(Image.fromarray(pixels), language=language)
        widget_page.show(painter)
        expect(widget_page.page.locator(".zimg-mask-surface")).to_be_visible()
        return Painting(widget_page.page, painter, tmp_path)

    return start


def painted(mask: np.ndarray) -> bool:
    return bool(mask.any())


def like(expected: np.ndarray) -> Callable[[np.ndarray], bool]:
    return lambda mask: bool((mask == expected).all())


def thickness(mask: np.ndarray, column: int) -> int:
    return int((mask[:, column] > 127).sum())


def test_the_mouse_paints_erases_and_every_tool_is_undone(painting: Open) -> None:
    p = painting()
    expect(p.status).to_have_text("Nothing is painted yet.")
    p.brush(30)
    p.stroke((100, 100), (500, 100))
    line = p.mask(painted)
    assert (line[100, 100:500] == 255).all()
    assert all(abs(thickness(line, x) - 30) <= 2 for x in range(100, 500, 25))
    assert (line[120:] == 0).all()
    assert (line[:, :80] == 0).all()
    assert (line[:, 520:] == 0).all()
    assert len(p.arrived) == 1
    expect(p.status).to_have_text("4 % of the picture is painted.")

    p.button("Erase").click()
    expect(p.button("Erase")).to_have_attribute("aria-pressed", "true")
    expect(p.button("Paint")).to_have_attribute("aria-pressed", "false")
    p.stroke((300, 60), (300, 140))
    cut = p.mask(lambda mask: mask[100, 300] == 0)
    assert cut[100, 250] == cut[100, 350] == 255
    assert abs((cut[100, 200:400] < 128).sum() - 32) <= 2

    steps = [np.zeros_like(line), line, cut]
    for name in ("Invert", "Fill", "Clear"):
        p.button(name).click()
        before = steps[-1]
        after = {"Invert": 255 - before, "Fill": before * 0 + 255, "Clear": before * 0}[name]
        steps.append(p.mask(like(after)))
    for expected in reversed(steps[:-1]):
        p.page.keyboard.press("Control+z")
        p.mask(like(expected))
    expect(p.button("Undo")).to_have_attribute("aria-disabled", "true")
    p.page.keyboard.press("Control+z")  # nothing more
    p.page.keyboard.press("Control+Shift+Z")
    p.mask(like(line))
    p.page.keyboard.press("Control+y")
    p.mask(like(cut))
    p.button("Redo").click()
    p.mask(like(255 - cut))
    p.button("Undo").click()
    p.mask(like(cut))

    # Erasing along a stroke leaves nothing of it.
    p.button("Clear").click()
    p.button("Paint").click()
    p.stroke((80, 300), (560, 420))
    p.mask(painted)
    p.button("Erase").click()
    p.stroke((80, 300), (560, 420))
    p.mask(lambda mask: not mask.any())
    assert p.painter.empty
    expect(p.status).to_have_text("Nothing is painted yet.")


def test_twenty_quick_steps_are_all_undone(painting: Open) -> None:
    p = painting()
    p.brush(20)
    for number in range(24):
        p.page.mouse.click(*p.at(20 + 25 * number, 240))
    full = p.mask(lambda mask: bool((mask[240, 20:620:25] == 255).all()))
    for _ in range(24):
        p.page.keyboard.press("Control+z")
    p.mask(lambda mask: not mask.any())
    for _ in range(24):
        p.page.keyboard.press("Control+y")
    p.mask(like(full))


def test_a_curve_by_a_fast_mouse_has_no_gaps(painting: Open) -> None:
    p = painting()
    p.brush(12)
    turns = np.linspace(0, 2 * np.pi, 14)
    p.page.mouse.move(*p.at(520, 240))
    p.page.mouse.down()
    for turn in turns:
        p.page.mouse.move(*p.at(320 + 200 * np.cos(turn), 240 + 200 * np.sin(turn)))
    p.page.mouse.up()
    mask = p.mask(painted)
    for turn in np.linspace(0, 2 * np.pi, 200):
        ray = [
            mask[int(240 + r * np.sin(turn)), int(320 + r * np.cos(turn))] for r in range(170, 215)
        ]
        assert max(ray) == 255


def test_the_keyboard_alone_paints(painting: Open) -> None:
    p = painting()
    p.brush(40)
    p.button("Paint").focus()
    names = []
    for _ in range(9):
        p.page.keyboard.press("Tab")
        names.append(
            p.page.evaluate(
                "const at = document.activeElement;"
                "at.closest('.zimg-mask') ? at.textContent || at.labels?.[0].firstChild.data"
                " || at.getAttribute('role') : ''"
            )
        )
    assert names == [
        "Erase", "Brush", "Feather", "Undo", "Redo", "Invert", "Fill", "Clear", "application",
    ]  # fmt: skip
    ring = p.root.locator(".zimg-mask-ring")
    expect(ring).to_be_visible()
    # From the middle (320, 240): 10 px a step, 40 with Shift.
    for key in ("ArrowLeft", "ArrowLeft", "Shift+ArrowUp", "Shift+ArrowUp", "ArrowDown"):
        p.page.keyboard.press(key)
    p.page.keyboard.press(" ")
    mask = p.mask(painted)
    assert mask[170, 300] == 255
    assert abs(thickness(mask, 300) - 40) <= 2
    assert (mask[:145] == 0).all()
    assert (mask[195:] == 0).all()
    assert (mask[:, :275] == 0).all()
    assert (mask[:, 325:] == 0).all()
    # Held down, the space key draws a line.
    p.page.keyboard.down(" ")
    for _ in range(4):
        p.page.keyboard.press("Shift+ArrowRight")
    p.page.keyboard.up(" ")
    p.mask(lambda mask: bool((mask[170, 300:460] == 255).all()))
    p.page.keyboard.press("Shift+ArrowDown")
    p.page.keyboard.press("Enter")
    p.mask(lambda mask: mask[210, 460] == 255)

    p.page.keyboard.press("]")
    expect(p.root.locator("output").first).to_have_text("46 px")
    p.page.keyboard.press("[")
    p.page.keyboard.press("[")
    wait_for(lambda: p.painter.brush, 35)
    # A button by the keyboard; and single letters are none of JupyterLab's ("x" cuts a cell).
    p.button("Invert").focus()
    p.page.keyboard.press(" ")
    p.mask(lambda mask: mask[0, 0] == 255)
    p.button("Clear").focus()
    p.page.keyboard.press("Enter")
    p.mask(lambda mask: not mask.any())
    for key in "xab":
        p.page.keyboard.press(key)
    feather = p.root.get_by_role("slider", name="Feather")
    feather.focus()
    for _ in range(5):
        p.page.keyboard.press("ArrowUp")
    expect(feather).to_have_attribute("aria-valuetext", "5 px")
    wait_for(lambda: p.painter.feather, 5)


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_large_picture_shown_smaller_keeps_its_resolution(
    painting: Open, ratio: int, tmp_path: Path
) -> None:
    p = painting(2048, 1536)
    cdp = p.page.context.new_cdp_session(p.page)
    metrics = {"width": 1280, "height": 1000, "deviceScaleFactor": ratio, "mobile": False}
    cdp.send("Emulation.setDeviceMetricsOverride", metrics)
    box = p.surface.bounding_box()
    assert box is not None
    assert 500 < box["width"] < 1100
    assert box["width"] / box["height"] == pytest.approx(2048 / 1536, rel=0.01)
    p.brush(101)
    p.surface.scroll_into_view_if_needed()
    p.stroke((300, 200), (1700, 200))
    p.stroke((1000, 500), (1000, 1400))
    mask = p.mask(lambda mask: painted(mask[1300:]))
    assert mask.shape == (1536, 2048)
    assert (mask[200, 300:1700] == 255).all()
    assert (mask[500:1400, 1000] == 255).all()
    assert all(abs(thickness(mask[:400], x) - 101) <= 2 for x in range(300, 1700, 100))
    rows = [200, *range(500, 1400, 100)]
    middles = [np.flatnonzero(mask[y] > 127).mean() for y in rows]
    assert all(abs(middle - 1000) <= 2 for middle in middles)
    assert (mask[:, :200] == 0).all()
    p.page.screenshot(path=tmp_path / f"large_{ratio}.png")


def test_the_page_shows_what_python_holds(
    painting: Open, widget_page: WidgetPage, tmp_path: Path
) -> None:
    p = painting()
    bare = p.pixel(480, 240)
    half = Image.new("L", (640, 480))
    half.paste(255, (320, 0, 640, 480))
    p.painter.mask = half
    expect(p.status).to_have_text("50 % of the picture is painted.")
    tint = p.tint()
    for place, painted_there in (((480, 240), True), ((160, 240), False)):
        difference = np.array(p.pixel(*place)) - np.add(bare, tint) / 2
        assert (np.abs(difference).max() < 6) == painted_there
    edge = tmp_path / "edge.png"
    left, top = p.at(320, 240)
    clip = {"x": left - 4, "y": top, "width": 8, "height": 1}
    p.page.screenshot(path=edge, clip=clip)  # type: ignore[arg-type]
    with Image.open(edge) as shot:
        lights = np.asarray(shot.convert("L"))[0]
    assert lights.max() > 240, "the white line inside of the edge"
    assert lights.min() < 15, "the black line outside of it"

    # A stroke over what Python has set; and Python's own step can be undone, too.
    p.brush(40)
    p.stroke((100, 100), (200, 100))
    both = p.mask(lambda mask: mask[100, 150] == 255)
    assert both[100, 500] == 255
    p.page.keyboard.press("Control+z")
    p.page.keyboard.press("Control+z")
    p.mask(lambda mask: not mask.any())
    for _ in range(2):
        p.page.keyboard.press("Control+y")
    p.mask(like(both))

    # The page is loaded again: Python's mask is there.
    widget_page.reload()
    expect(p.status).to_have_text("51 % of the picture is painted.")
    p.surface.scroll_into_view_if_needed()
    assert np.abs(np.array(p.pixel(480, 240)) - np.add(bare, tint) / 2).max() < 6
    for call, sentence in (
        ("invert", "48 % of the picture is painted."),
        ("fill", "The whole picture is painted."),
        ("clear", "Nothing is painted yet."),
    ):
        getattr(p.painter, call)()
        expect(p.status).to_have_text(sentence)
    assert np.abs(np.subtract(p.pixel(480, 240), bare)).max() < 3


def test_two_displays_of_one_painter_follow_each_other(
    painting: Open, widget_page: WidgetPage
) -> None:
    p = painting(400, 200)
    widget_page.show(p.painter)
    expect(p.page.locator(".zimg-mask-surface")).to_have_count(2)
    p.root = p.page.locator(".zimg-mask").first
    p.surface = p.page.locator(".zimg-mask-surface").first
    second = p.page.locator(".zimg-mask").nth(1)
    p.stroke((100, 100), (300, 100))
    line = p.mask(painted)
    expect(p.status.nth(1)).to_have_text(p.status.first.inner_text())
    second.get_by_role("button", name="Fill").click()
    expect(p.status.first).to_have_text("The whole picture is painted.")
    p.button("Undo").click()
    p.mask(like(line))
    # One goes; the other still works and nothing complains.
    widget_page.hide(1)
    expect(p.page.locator(".zimg-mask-surface")).to_have_count(1)
    p.button("Clear").click()
    p.mask(lambda mask: not mask.any())


def test_the_feather_is_seen_and_read(painting: Open, tmp_path: Path) -> None:
    p = painting()
    p.brush(120)
    p.stroke((200, 240), (440, 240))
    hard = p.mask(painted)
    sharp = p.pixel(320, 320)
    slider = p.root.get_by_role("slider", name="Feather")
    slider.fill("32")
    soft = p.mask(lambda mask: 0 < mask[310, 320] < 255)
    assert soft[240, 320] == 255
    edge = int(np.flatnonzero(hard[:, 320] > 127)[-1])
    assert abs(soft[edge, 320] - 127) < 12
    assert 60 < soft[edge - 16 : edge + 17, 320].std() * 2 < 180
    p.page.wait_for_timeout(300)
    assert np.abs(np.subtract(p.pixel(320, 312), sharp)).max() > 10, "the soft edge is shown"
    p.page.screenshot(path=tmp_path / "feather.png")
    # At the picture's border there is no soft edge, in the page as in Python.
    p.button("Fill").click()
    p.mask(lambda mask: bool((mask == 255).all()))
    p.page.wait_for_timeout(300)
    tint = p.tint()
    near, far = p.pixel(6, 240), p.pixel(634, 240)
    p.button("Clear").click()
    p.mask(lambda mask: not mask.any())
    p.page.wait_for_timeout(300)
    for place, shown in (((6, 240), near), ((634, 240), far)):
        assert np.abs(np.add(p.pixel(*place), tint) / 2 - shown).max() < 8
    p.painter.feather = 0
    expect(slider).to_have_attribute("aria-valuetext", "0 px")


def touch(cdp: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_one_finger_paints_two_scroll_and_a_pen_presses(painting: Open) -> None:
    p = painting(640, 640)
    cdp = p.page.context.new_cdp_session(p.page)
    cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    cdp.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 600, "deviceScaleFactor": 1, "mobile": False},
    )
    p.brush(40)
    p.page.evaluate("document.body.style.padding = '300px 0 2000px'; scrollTo(0, 300)")
    touch(cdp, "touchStart", p.at(150, 200))
    for x in range(170, 451, 20):
        touch(cdp, "touchMove", p.at(x, 200))
    touch(cdp, "touchEnd")
    line = p.mask(painted)
    assert (line[200, 150:450] == 255).all()
    assert abs(thickness(line, 300) - 40) <= 2
    assert (line[240:] == 0).all()

    def scrolled() -> float:
        return float(p.page.evaluate("scrollY"))

    before = scrolled()
    start, other = p.at(200, 400), p.at(300, 400)
    touch(cdp, "touchStart", start)
    touch(cdp, "touchMove", (start[0], start[1] - 4))
    touch(cdp, "touchStart", start, other)
    for up in range(10, 81, 10):
        touch(cdp, "touchMove", (start[0], start[1] - up), (other[0], other[1] - up))
    touch(cdp, "touchEnd")
    p.page.wait_for_timeout(500)
    assert scrolled() - before == pytest.approx(80, abs=15)
    p.mask(like(line))  # what the first finger had begun is gone
    assert len(p.arrived) == 1

    places = [p.at(x, 480) for x in range(100, 501, 20)]
    for kind, place in [("mousePressed", places[0]), *(("mouseMoved", at) for at in places)]:
        x, y = place
        cdp.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1,
             "pointerType": "pen", "force": 0.5},
        )  # fmt: skip
    x, y = places[-1]
    cdp.send(
        "Input.dispatchMouseEvent",
        {"type": "mouseReleased", "x": x, "y": y, "button": "left", "pointerType": "pen"},
    )
    pen = p.mask(lambda mask: mask[480, 300] == 255)
    assert abs(thickness(pen[440:], 300) - 0.6 * 40) <= 2


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_it_fits_both_themes_and_narrow_pages(
    painting: Open, widget_page: WidgetPage, tmp_path: Path, theme: str, language: str
) -> None:
    p = painting(language=language)
    widget_page.use_theme(theme)
    p.stroke((150, 150), (400, 300), (500, 120))
    p.mask(painted)
    p.page.mouse.move(*p.at(250, 380))
    p.page.screenshot(path=tmp_path / f"{theme}.png")
    assert axe.faults(p.page, ".zimg-mask") == []
    p.page.set_viewport_size({"width": 460, "height": 900})
    p.page.keyboard.press("Shift+Tab")
    p.page.wait_for_timeout(300)
    root, surface = p.root.bounding_box(), p.surface.bounding_box()
    assert root is not None
    assert surface is not None
    assert surface["width"] <= root["width"]
    assert p.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    p.page.screenshot(path=tmp_path / f"{theme}_narrow.png")
    expect(p.status).to_contain_text({"en": "of the picture is painted", "zh": "已涂抹"}[language])


CELL = """
from PIL import Image
from zimg_widgets import MaskPainter
painter = MaskPainter(Image.new("RGB", (320, 240), "teal"), brush=20, language="en")
painter
"""


def test_in_a_notebook_keys_are_the_painters_and_a_reload_finds_the_mask(
    page: Page, lab: str, tmp_path: Path
) -> None:
    path = notebooks.write(tmp_path, "mask.ipynb", CELL, "print(painter.mask.getbbox())")
    notebooks.open_in(page, lab, "mask.ipynb")
    notebooks.run(page, 0)
    surface = page.locator(".zimg-mask-surface")
    surface.click(position={"x": 40, "y": 40})
    status = page.locator(".zimg-mask-status")
    expect(status).to_have_text("Less than 1 % of the picture is painted.")
    page.keyboard.press("ArrowDown")
    expect(surface).to_be_focused()
    # JupyterLab's single keys do nothing to the cell: "x" cuts it, "a" and "b" add one.
    for key in "xab":
        page.keyboard.press(key)
    assert page.locator(".jp-Cell").count() == 2
    before = wait_for(lambda: notebooks.run(page, 1).replace("None", ""))
    notebooks.save(page, path)
    page.reload()
    notebooks.wait_until_idle(page)
    expect(status).to_have_text("Less than 1 % of the picture is painted.")
    assert notebooks.run(page, 1) == before
