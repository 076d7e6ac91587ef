"""The mask painter in a real JupyterLab: what is painted in the page is read in Python."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from jupyter_client import BlockingKernelClient
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, expect

pytestmark = [pytest.mark.ui, pytest.mark.slow]

CELL = """
import numpy as np
from PIL import Image
from zimg_widgets.mask.widget import MaskPainter

across, down = np.meshgrid(np.linspace(0, 1, {width}), np.linspace(0, 1, {height}))
light = 0.5 + 0.5 * np.sin(12 * across) * np.cos(9 * down)
pixels = np.stack([230 * across, 200 * light, 230 * down], -1).astype("uint8")
painter = MaskPainter(Image.fromarray(pixels), language="{language}")
arrived = []
painter.observe(lambda change: arrived.append(len(change.new)), "mask_png")
painter
"""


class Kernel:
    """The notebook's kernel, asked behind the page's back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        runtime = folder / "runtime"
        self.client = BlockingKernelClient()
        self.client.load_connection_file(str(next(runtime.glob("kernel-*.json"))))
        self.client.start_channels()
        self.client.wait_for_ready(60)

    def run(self, code: str) -> str:
        said = []
        reply = self.client.execute_interactive(
            code, output_hook=lambda m: said.append(m["content"].get("text", "")), timeout=60
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(said).strip()

    def expect(self, expression: str, value: str) -> None:
        """Wait until a key's effect has arrived; for at most 20 seconds."""
        deadline = time.monotonic() + 20
        while (said := self.run(f"print({expression})")) != value:
            assert time.monotonic() < deadline, f"{expression} is {said}, not {value}"
            time.sleep(0.1)

    def mask(self, when: Callable[[np.ndarray], bool]) -> np.ndarray:
        """The mask as soon as it is as expected, rows first; at the latest after 20 seconds."""
        file = self.folder / "mask.png"
        deadline = time.monotonic() + 20
        while True:
            self.run(f"painter.mask.save({str(file)!r})")
            with Image.open(file) as image:
                mask = np.asarray(image).astype(int)
            if when(mask):
                return mask
            assert time.monotonic() < deadline, f"painted: {(mask > 127).mean():.4f}"
            time.sleep(0.1)


class Painting:
    """The painter on the page: places on it are given in the picture's pixels."""

    def __init__(self, page: Page, kernel: Kernel, size: tuple[int, int]) -> None:
        self.page, self.kernel = page, kernel
        self.width, self.height = size
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
        self.kernel.run(f"painter.brush = {width}")
        expect(self.root.locator("output").first).to_have_text(f"{width} px")

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour that a user sees at a place of the picture."""
        file = self.kernel.folder / "pixel.png"
        left, top = self.at(x, y)
        clip = {"x": left - 2, "y": top - 2, "width": 4, "height": 4}
        self.page.screenshot(path=file, clip=clip)  # type: ignore[arg-type]
        with Image.open(file) as shot:
            red, green, blue = np.asarray(shot.convert("RGB")).reshape(-1, 3).mean(0)
        return int(red), int(green), int(blue)


Open = Callable[..., Painting]


@pytest.fixture
def painting(page: Page, lab: str, tmp_path: Path) -> Iterator[Open]:
    """Open a notebook with a painter of some size and run it."""
    kernels = []

    def start(
        width: int = 640, height: int = 480, language: str = "en", more: tuple[str, ...] = ()
    ) -> Painting:
        first = CELL.format(width=width, height=height, language=language).strip()
        cells = [nbformat.v4.new_code_cell(source) for source in (first, *more)]
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
        nbformat.write(notebook, tmp_path / "notebooks" / "mask.ipynb")
        page.goto(f"{lab}/lab/tree/mask.ipynb?reset")
        status = page.locator("#jp-bottom-panel").get_by_text("Python 3 (ipykernel) | Idle")
        expect(status).to_be_visible(timeout=120_000)
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
        expect(page.locator(".zimg-mask-surface")).to_be_visible(timeout=60_000)
        kernels.append(Kernel(tmp_path))
        return Painting(page, kernels[-1], (width, height))

    yield start
    for kernel in kernels:
        kernel.client.stop_channels()


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
    line = p.kernel.mask(painted)
    assert (line[100, 100:500] == 255).all()
    assert all(abs(thickness(line, x) - 30) <= 2 for x in range(100, 500, 25))
    assert (line[120:] == 0).all()
    assert (line[:, :80] == 0).all()
    assert (line[:, 520:] == 0).all()
    assert p.kernel.run("print(len(arrived))") == "1"
    expect(p.status).to_have_text("4 % of the picture is painted.")

    p.button("Erase").click()
    expect(p.button("Erase")).to_have_attribute("aria-pressed", "true")
    expect(p.button("Paint")).to_have_attribute("aria-pressed", "false")
    p.stroke((300, 60), (300, 140))
    cut = p.kernel.mask(lambda mask: mask[100, 300] == 0)
    assert cut[100, 250] == cut[100, 350] == 255
    assert abs((cut[100, 200:400] < 128).sum() - 32) <= 2

    steps = [np.zeros_like(line), line, cut]
    for name in ("Invert", "Fill", "Clear"):
        p.button(name).click()
        before = steps[-1]
        after = {"Invert": 255 - before, "Fill": before * 0 + 255, "Clear": before * 0}[name]
        steps.append(p.kernel.mask(like(after)))
    for expected in reversed(steps[:-1]):
        p.page.keyboard.press("Control+z")
        p.kernel.mask(like(expected))
    expect(p.button("Undo")).to_have_attribute("aria-disabled", "true")
    p.page.keyboard.press("Control+z")  # nothing more
    p.page.keyboard.press("Control+Shift+Z")
    p.kernel.mask(like(line))
    p.page.keyboard.press("Control+y")
    p.kernel.mask(like(cut))
    p.button("Redo").click()
    p.kernel.mask(like(255 - cut))
    p.button("Undo").click()
    p.kernel.mask(like(cut))

    # Erasing along a stroke leaves nothing of it.
    p.button("Clear").click()
    p.button("Paint").click()
    p.stroke((80, 300), (560, 420))
    p.kernel.mask(painted)
    p.button("Erase").click()
    p.stroke((80, 300), (560, 420))
    p.kernel.mask(lambda mask: not mask.any())
    assert p.kernel.run("print(painter.empty)") == "True"
    expect(p.status).to_have_text("Nothing is painted yet.")


def test_twenty_quick_steps_are_all_undone(painting: Open) -> None:
    p = painting()
    p.brush(20)
    for number in range(24):
        p.page.mouse.click(*p.at(20 + 25 * number, 240))
    full = p.kernel.mask(lambda mask: bool((mask[240, 20:620:25] == 255).all()))
    for _ in range(24):
        p.page.keyboard.press("Control+z")
    p.kernel.mask(lambda mask: not mask.any())
    for _ in range(24):
        p.page.keyboard.press("Control+y")
    p.kernel.mask(like(full))


def test_a_curve_by_a_fast_mouse_has_no_gaps(painting: Open) -> None:
    p = painting()
    p.brush(12)
    turns = np.linspace(0, 2 * np.pi, 14)
    p.page.mouse.move(*p.at(520, 240))
    p.page.mouse.down()
    for turn in turns:
        p.page.mouse.move(*p.at(320 + 200 * np.cos(turn), 240 + 200 * np.sin(turn)))
    p.page.mouse.up()
    mask = p.kernel.mask(painted)
    for turn in np.linspace(0, 2 * np.pi, 200):
        ray = [
            mask[int(240 + r * np.sin(turn)), int(320 + r * np.cos(turn))] for r in range(170, 215)
        ]
        assert max(ray) == 255


def test_the_keyboard_alone_paints(painting: Open) -> None:
    p = painting()
    p.brush(40)
    p.page.locator(".jp-Notebook").press("Escape")
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
    mask = p.kernel.mask(painted)
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
    p.kernel.mask(lambda mask: bool((mask[170, 300:460] == 255).all()))
    p.page.keyboard.press("Shift+ArrowDown")
    p.page.keyboard.press("Enter")
    p.kernel.mask(lambda mask: mask[210, 460] == 255)

    p.page.keyboard.press("]")
    expect(p.root.locator("output").first).to_have_text("46 px")
    p.page.keyboard.press("[")
    p.page.keyboard.press("[")
    p.kernel.expect("painter.brush", "35")
    # A button by the keyboard; and JupyterLab's single keys do nothing to the cell ("x" cuts).
    p.button("Invert").focus()
    p.page.keyboard.press(" ")
    p.kernel.mask(lambda mask: mask[0, 0] == 255)
    p.button("Clear").focus()
    p.page.keyboard.press("Enter")
    p.kernel.mask(lambda mask: not mask.any())
    for key in "xab":
        p.page.keyboard.press(key)
    assert p.page.locator(".jp-Cell").count() == 1
    expect(p.root).to_be_visible()
    feather = p.root.get_by_role("slider", name="Feather")
    feather.focus()
    for _ in range(5):
        p.page.keyboard.press("ArrowUp")
    expect(feather).to_have_attribute("aria-valuetext", "5 px")
    p.kernel.expect("painter.feather", "5")


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
    mask = p.kernel.mask(lambda mask: painted(mask[1300:]))
    assert mask.shape == (1536, 2048)
    assert (mask[200, 300:1700] == 255).all()
    assert (mask[500:1400, 1000] == 255).all()
    assert all(abs(thickness(mask[:400], x) - 101) <= 2 for x in range(300, 1700, 100))
    rows = [200, *range(500, 1400, 100)]
    middles = [np.flatnonzero(mask[y] > 127).mean() for y in rows]
    assert all(abs(middle - 1000) <= 2 for middle in middles)
    assert (mask[:, :200] == 0).all()
    p.page.screenshot(path=tmp_path / f"large_{ratio}.png")


def test_the_page_shows_what_python_holds(painting: Open, tmp_path: Path) -> None:
    p = painting()
    bare = p.pixel(480, 240)
    p.kernel.run("half = Image.new('L', (640, 480)); half.paste(255, (320, 0, 640, 480))")
    p.kernel.run("painter.mask = half")
    expect(p.status).to_have_text("50 % of the picture is painted.")
    tint = [int(p.kernel.run("print(painter.tint)")[at : at + 2], 16) for at in (1, 3, 5)]
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
    both = p.kernel.mask(lambda mask: mask[100, 150] == 255)
    assert both[100, 500] == 255
    p.page.keyboard.press("Control+z")
    p.page.keyboard.press("Control+z")
    p.kernel.mask(lambda mask: not mask.any())
    for _ in range(2):
        p.page.keyboard.press("Control+y")
    p.kernel.mask(like(both))

    # The notebook is saved and the page loaded again: Python's mask is there.
    p.page.keyboard.press("Control+s")
    p.page.wait_for_timeout(1500)
    p.page.reload()
    expect(p.surface).to_be_visible(timeout=120_000)
    expect(p.status).to_have_text("51 % of the picture is painted.")
    p.surface.scroll_into_view_if_needed()
    assert np.abs(np.array(p.pixel(480, 240)) - np.add(bare, tint) / 2).max() < 6
    for call, sentence in (
        ("invert", "48 % of the picture is painted."),
        ("fill", "The whole picture is painted."),
        ("clear", "Nothing is painted yet."),
    ):
        p.kernel.run(f"painter.{call}()")
        expect(p.status).to_have_text(sentence)
    assert np.abs(np.subtract(p.pixel(480, 240), bare)).max() < 3


def test_two_displays_of_one_painter_follow_each_other(painting: Open) -> None:
    p = painting(400, 200, more=("painter",))
    p.page.locator(".jp-CodeCell .cm-content").nth(1).click()
    p.page.keyboard.press("Control+Enter")
    expect(p.page.locator(".zimg-mask-surface")).to_have_count(2)
    p.root = p.page.locator(".zimg-mask").first
    p.surface = p.page.locator(".zimg-mask-surface").first
    second = p.page.locator(".zimg-mask").nth(1)
    p.stroke((100, 100), (300, 100))
    line = p.kernel.mask(painted)
    expect(p.status.nth(1)).to_have_text(p.status.first.inner_text())
    second.get_by_role("button", name="Fill").click()
    expect(p.status.first).to_have_text("The whole picture is painted.")
    p.button("Undo").click()
    p.kernel.mask(like(line))
    # One goes; the other still works and nothing complains.
    p.page.locator(".jp-CodeCell .cm-content").nth(1).click()
    p.page.keyboard.press("Control+a")
    p.page.keyboard.type("1")
    p.page.keyboard.press("Control+Enter")
    expect(p.page.locator(".zimg-mask-surface")).to_have_count(1)
    p.button("Clear").click()
    p.kernel.mask(lambda mask: not mask.any())


def test_the_feather_is_seen_and_read(painting: Open, tmp_path: Path) -> None:
    p = painting()
    p.brush(120)
    p.stroke((200, 240), (440, 240))
    hard = p.kernel.mask(painted)
    sharp = p.pixel(320, 320)
    slider = p.root.get_by_role("slider", name="Feather")
    slider.fill("32")
    soft = p.kernel.mask(lambda mask: 0 < mask[310, 320] < 255)
    assert soft[240, 320] == 255
    edge = int(np.flatnonzero(hard[:, 320] > 127)[-1])
    assert abs(soft[edge, 320] - 127) < 12
    assert 60 < soft[edge - 16 : edge + 17, 320].std() * 2 < 180
    p.page.wait_for_timeout(300)
    assert np.abs(np.subtract(p.pixel(320, 312), sharp)).max() > 10, "the soft edge is shown"
    p.page.screenshot(path=tmp_path / "feather.png")
    # At the picture's border there is no soft edge, in the page as in Python.
    p.button("Fill").click()
    p.kernel.mask(lambda mask: bool((mask == 255).all()))
    p.page.wait_for_timeout(300)
    tint = [int(p.kernel.run("print(painter.tint)")[at : at + 2], 16) for at in (1, 3, 5)]
    near, far = p.pixel(6, 240), p.pixel(634, 240)
    p.button("Clear").click()
    p.kernel.mask(lambda mask: not mask.any())
    p.page.wait_for_timeout(300)
    for place, shown in (((6, 240), near), ((634, 240), far)):
        assert np.abs(np.add(p.pixel(*place), tint) / 2 - shown).max() < 8
    p.kernel.run("painter.feather = 0")
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
    p.page.locator(".jp-WindowedPanel-outer").evaluate("box => box.scrollTo(0, 300)")
    p.page.wait_for_timeout(300)
    touch(cdp, "touchStart", p.at(150, 200))
    for x in range(170, 451, 20):
        touch(cdp, "touchMove", p.at(x, 200))
    touch(cdp, "touchEnd")
    line = p.kernel.mask(painted)
    assert (line[200, 150:450] == 255).all()
    assert abs(thickness(line, 300) - 40) <= 2
    assert (line[240:] == 0).all()

    def scrolled() -> float:
        return float(p.page.locator(".jp-WindowedPanel-outer").evaluate("box => box.scrollTop"))

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
    p.kernel.mask(like(line))  # what the first finger had begun is gone
    assert p.kernel.run("print(len(arrived))") == "1"

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
    pen = p.kernel.mask(lambda mask: mask[480, 300] == 255)
    assert abs(thickness(pen[440:], 300) - 0.6 * 40) <= 2


@pytest.mark.parametrize("theme", ["JupyterLab Dark"])  # all other tests run in the light one
def test_it_fits_both_themes_and_narrow_cells(painting: Open, theme: str, tmp_path: Path) -> None:
    dark = theme.endswith("Dark")
    p = painting(language="zh" if dark else "en")
    if dark:  # it starts light
        p.page.get_by_role("menuitem", name="Settings", exact=True).click()
        p.page.get_by_text("Theme", exact=True).hover()
        p.page.get_by_role("menuitem", name=theme, exact=True).click()
    expect(p.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
    # While a theme is loaded, JupyterLab lays its splash over the page, which takes the mouse.
    expect(p.page.locator("#jupyterlab-splash")).to_have_count(0)
    p.surface.scroll_into_view_if_needed()
    p.stroke((150, 150), (400, 300), (500, 120))
    p.kernel.mask(painted)
    p.page.mouse.move(*p.at(250, 380))
    name = "dark" if dark else "light"
    p.page.screenshot(path=tmp_path / f"{name}.png")
    p.page.set_viewport_size({"width": 760, "height": 900})
    p.page.wait_for_timeout(500)
    p.page.keyboard.press("Shift+Tab")
    root, surface = p.root.bounding_box(), p.surface.bounding_box()
    assert root is not None
    assert surface is not None
    assert surface["width"] <= root["width"]
    assert p.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    p.page.screenshot(path=tmp_path / f"{name}_narrow.png")
    status = p.status.inner_text()
    assert ("已涂抹" in status) if dark else ("of the picture is painted" in status)
