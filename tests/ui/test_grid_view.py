"""Grid of pictures: filled live, opened by key; filled and stored in JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_widgets import GridView

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "grid.ipynb"
MAKE = """
import time
from PIL import Image, ImageDraw
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_widgets import GridView

def draw(row, column, word="a star"):
    picture = Image.new("RGB", (512, 384), (40 * row, 60, 40 * column))
    ImageDraw.Draw(picture).regular_polygon((256, 192, 90 + 20 * row), 3 + column, fill="gold")
    return GeneratedImage(picture, GenerationParams(prompt=word, seed=10 * row + column, steps=8))

grid = GridView(
    [1.0, 2.5, 4.0], [2, 4, 8, 16], x_label="steps", y_label="guidance",
    title="Steps and guidance", language="en",
)
grid
"""
FILL = """
for number in range(11):
    row, column = divmod(number, 4)
    if number == 5:
        grid.fail(row, column, "The memory was too small for this picture.")
    else:
        grid.put(row, column, draw(row, column), f"seed {10 * row + column}")
"""
# Goes on only when one of the first pictures has been opened in the page.
FILL_SLOWLY = f"""
opened = []
grid.on_msg(lambda _, content, __: opened.append(1) if content["kind"] == "open" else None)
end = time.monotonic() + 60
{FILL.strip()}
    while number == 1 and not opened and time.monotonic() < end:
        time.sleep(0.05)
print("opened" if opened else "never opened")
"""


def draw(row: int, column: int, word: str = "a star") -> GeneratedImage:
    picture = Image.new("RGB", (512, 384), (40 * row, 60, 40 * column))
    ImageDraw.Draw(picture).regular_polygon((256, 192, 90 + 20 * row), 3 + column, fill="gold")
    return GeneratedImage(picture, GenerationParams(prompt=word, seed=10 * row + column, steps=8))


@pytest.fixture
def grid(widget_page: WidgetPage) -> GridView:
    return GridView(
        [1.0, 2.5, 4.0],
        [2, 4, 8, 16],
        x_label="steps",
        y_label="guidance",
        title="Steps and guidance",
        language="en",
    )


def fill(grid: GridView) -> None:
    for number in range(11):
        row, column = divmod(number, 4)
        if number == 5:
            grid.fail(row, column, "The memory was too small for this picture.")
        else:
            grid.put(row, column, draw(row, column), f"seed {10 * row + column}")


def show(widget_page: WidgetPage, grid: GridView) -> Locator:
    root = widget_page.show(grid).locator(".zimg-grid-root")
    expect(root.get_by_role("status")).to_be_visible()
    return root


def open_notebook(page: Page, lab: str, tmp_path: Path, *cells: str) -> Locator:
    """Run the first cell and give the grid in its output."""
    notebooks.write(tmp_path, NAME, *cells)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    root = page.locator(".zimg-grid-root").first
    expect(root.get_by_role("status")).to_have_text("0 of 12")
    return root


def cell(root: Locator, row: int, column: int) -> Locator:
    return root.locator("tbody tr").nth(row).locator("td button").nth(column)


def test_the_keyboard_moves_opens_and_comes_back(
    widget_page: WidgetPage, grid: GridView, tmp_path: Path
) -> None:
    page, root = widget_page.page, show(widget_page, grid)
    fill(grid)
    root.locator("input[type=range]").focus()
    page.keyboard.press("Tab")
    expect(cell(root, 0, 0)).to_be_focused()
    assert cell(root, 0, 0).evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    for key in ("ArrowRight", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(cell(root, 1, 2)).to_be_focused()

    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    heading = dialog.get_by_role("heading")
    expect(heading).to_have_text("guidance 2.5, steps 8")
    expect(dialog.locator("dl")).to_contain_text("seed12")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.screenshot(path=tmp_path / "grid_large.png")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("guidance 2.5, steps 4")
    expect(dialog.get_by_text("The memory was too small for this picture.")).to_be_visible()
    expect(dialog.locator("img")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(heading).to_have_text("guidance 4.0, steps 4")
    expect(dialog.locator("dl")).to_contain_text("seed21")
    dialog.get_by_role("button", name="Next picture").click()
    expect(heading).to_have_text("guidance 4.0, steps 8")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(cell(root, 2, 2)).to_be_focused()
    page.keyboard.press("Control+Home")
    expect(cell(root, 0, 0)).to_be_focused()
    page.keyboard.press("End")
    expect(cell(root, 0, 3)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    assert not root.locator("td button:focus").count()


def test_a_second_display_and_a_reload_do_not_send_all_again(
    widget_page: WidgetPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = widget_page.page
    grid = GridView(range(60), range(20), title="Many", language="en")
    show(widget_page, grid)
    picture = draw(1, 1).image.resize((96, 72))
    for number in range(1199):
        grid.put(*divmod(number, 20), picture)
    expect(page.get_by_role("status").first).to_have_text("1199 of 1200")
    sent: list[str] = []
    send = grid.send

    def counted(content: Any, buffers: Any = None) -> None:
        sent.append(content["kind"])
        send(content, buffers)

    monkeypatch.setattr(grid, "send", counted)
    second = show(widget_page, grid)
    expect(second.locator("td img").first).to_be_visible()
    assert sent == []

    widget_page.reload()
    root = page.locator(".zimg-grid-root").first
    expect(root.get_by_role("status")).to_have_text("1199 of 1200")
    expect(root.locator("td img").first).to_be_visible()
    wait_for(lambda: sent.count("cell") > 20)
    assert sent.count("known") == 1
    assert sent.count("cell") < 600


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_both_themes_and_narrow_pages(
    widget_page: WidgetPage, grid: GridView, tmp_path: Path, theme: str
) -> None:
    page = widget_page.page
    widget_page.use_theme(theme)
    root = show(widget_page, grid)
    fill(grid)
    expect(root.locator("td img")).to_have_count(10)
    cell(root, 1, 2).focus()
    page.wait_for_timeout(300)
    assert axe.faults(page, ".zimg-grid-root") == []
    page.screenshot(path=tmp_path / f"grid_{theme}.png")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("dd")).not_to_have_count(0)
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / f"grid_large_{theme}.png")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 400, "height": 900})
    wide = root.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]
    root.screenshot(path=tmp_path / f"grid_narrow_{theme}.png")
    cell(root, 0, 3).click()
    expect(page.get_by_role("dialog").locator("dd")).not_to_have_count(0)
    page.wait_for_timeout(300)
    page.screenshot(path=tmp_path / f"grid_narrow_large_{theme}.png")


def test_headings_layers_and_sizes_of_a_tall_grid(widget_page: WidgetPage, tmp_path: Path) -> None:
    page = widget_page.page
    grid = GridView(
        ["一只坐在雪地里的红色狐狸，背景是富士山", *range(2, 30)], range(12),
        layers=["黎明", "黄昏"], z_label="时间", x_label="步数", y_label="提示词", title="三个轴",
        language="zh",
    )  # fmt: skip
    for number in range(29 * 12):
        row, column = divmod(number, 12)
        grid.put(row, column, draw(row % 6, column % 6))
    grid.put(0, 0, draw(5, 0), "黄昏的图", layer=1)
    page.set_viewport_size({"width": 900, "height": 800})
    tall = show(widget_page, grid)
    scroller = tall.locator(".zimg-grid-scroller")
    expect(cell(tall, 0, 0).locator("img")).to_be_visible()
    cell(tall, 0, 0).focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    # The headings stay in sight, and the cell is not under them.
    where, head = scroller.bounding_box(), tall.locator("thead th").nth(11).bounding_box()
    side, now = tall.locator("tbody th").nth(6).bounding_box(), cell(tall, 6, 11).bounding_box()
    assert None not in (where, head, side, now)
    assert abs(head["y"] - where["y"]) < 3
    assert abs(side["x"] - where["x"]) < 3
    assert now["y"] >= head["y"] + head["height"] - 3
    expect(cell(tall, 6, 11).locator("img")).to_be_visible()
    page.screenshot(path=tmp_path / "grid_tall.png")
    tall.get_by_role("combobox", name="时间").select_option("黄昏")
    page.keyboard.press("Escape")
    expect(tall.locator("td img")).to_have_count(0)
    cell(tall, 0, 0).focus()
    expect(cell(tall, 0, 0)).to_contain_text("黄昏的图")
    size = tall.get_by_role("slider", name="大小")
    size.focus()
    page.keyboard.press("End")
    assert cell(tall, 0, 0).locator("img").evaluate("e => e.offsetWidth") == 256
    page.keyboard.press("Home")
    assert cell(tall, 0, 0).locator("img").evaluate("e => e.offsetWidth") == 48

    page.set_viewport_size({"width": 400, "height": 900})
    wide = tall.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1]
    tall.screenshot(path=tmp_path / "grid_narrow_tall.png")


def test_it_fills_while_a_cell_runs(page: Page, lab: str, tmp_path: Path) -> None:
    root = open_notebook(page, lab, tmp_path, MAKE, FILL_SLOWLY)
    table = root.get_by_role("table", name="Steps and guidance. Rows: guidance. Columns: steps.")
    expect(table.get_by_role("columnheader")).to_have_text(["2", "4", "8", "16"])
    expect(table.get_by_role("rowheader")).to_have_text(["1.0", "2.5", "4.0"])
    first = page.get_by_role("button", name="guidance 1.0, steps 2: not there yet")
    expect(first).to_have_attribute("aria-disabled", "true")

    notebooks.start(page, 1)
    prompt = page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt")
    pictures = table.locator("td img")
    expect(pictures).to_have_count(2)
    expect(prompt).to_have_text("[*]:")
    # One of them can be opened large meanwhile; the cell waits for that.
    cell(root, 0, 0).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("dd").first).to_have_text("a star")
    assert dialog.locator("img").evaluate("i => i.decode().then(() => i.naturalWidth)") == 512
    page.keyboard.press("Escape")

    expect(root.get_by_role("status")).to_have_text("11 of 12 · 1 failed")
    expect(pictures).to_have_count(10)
    output = page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    expect(output).to_have_text("opened")
    size = pictures.first.evaluate("i => i.decode().then(() => [i.naturalWidth, i.alt])")
    assert size == [256, "a star"]
    failed = page.get_by_role("button", name="guidance 2.5, steps 4: failed: The memory was")
    expect(failed).to_be_visible()


def test_the_notebook_keeps_the_full_table(page: Page, lab: str, tmp_path: Path) -> None:
    path = notebooks.write(tmp_path, NAME, MAKE, FILL, "grid.put(2, 3, draw(2, 3))", "pass")
    notebooks.open_in(page, lab, NAME)
    for number in range(2):
        notebooks.run(page, number)
    root = page.locator(".zimg-grid-root")
    cell(root, 0, 1).click()
    page.keyboard.press("Escape")
    page.keyboard.press("x")  # would cut the notebook's cell
    notebooks.run(page, 2)  # the last: the still form below is final
    expect(root.get_by_role("status")).to_have_text("12 of 12 · 1 failed")
    expect(root).to_have_count(1)
    expect(root.locator("td img")).to_have_count(11)
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    text = path.read_text()
    outputs = [o for c in json.loads(text)["cells"] for o in c["outputs"]]
    _, still = ("".join(o["data"]["text/html"]) for o in outputs if "data" in o)
    assert still.count("data:image/jpeg;base64,") == 11
    assert len(text) < 300_000
    viewer = page.context.new_page()
    viewer.set_content(still)
    viewer.screenshot(path=tmp_path / "grid_still.png")
    expect(viewer.get_by_role("columnheader")).to_have_text(["2", "4", "8", "16"])
