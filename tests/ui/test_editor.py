"""The Editor in a real JupyterLab: paint, repaint, compare, change by words, go on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "editor.ipynb"
MAKE = """
import zimg_kernel as zimg
from zimg_widgets import Editor

picture = zimg.generate("左边一个红色的圆，右边一个蓝色的方块", seed=1, model="nano-turbo")
editor = Editor(picture, language="{language}")
editor.painter.brush = 24
editor
"""
WHAT = """
import json
from zimg_kernel.nano.judge.detection import detect
seen = sorted([d.colour, d.shape] for d in detect(editor.result.image))
inside = editor.painter.mask.getbbox() is not None
edit = editor.result.params.edit
print(json.dumps({"seen": seen, "painted": inside, "kind": edit.kind, "source": edit.source,
                  "words": editor.result.params.prompt}))
"""


def shot(editor: Locator, name: str) -> None:
    """Keep a picture of the panel where somebody wants to look."""
    folder = os.environ.get("ZIMG_SCREENSHOTS")
    if folder:
        editor.page.set_viewport_size({"width": 1280, "height": 1900})
        editor.page.mouse.move(0, 0)
        editor.screenshot(path=Path(folder) / f"editor_{name}.png")


def paint(page: Page, editor: Locator) -> None:
    """Paint over the right half."""
    surface = editor.locator(".zimg-mask-surface")
    surface.scroll_into_view_if_needed()
    box = surface.bounding_box()
    assert box is not None

    def at(x: float, y: float) -> tuple[float, float]:
        assert box is not None
        return box["x"] + x * box["width"] / 256, box["y"] + y * box["height"] / 256

    for y in range(40, 220, 16):
        page.mouse.move(*at(148, y))
        page.mouse.down()
        page.mouse.move(*at(244, y), steps=6)
        page.mouse.up()


@pytest.fixture
def editor(page: Page, lab: str, tmp_path: Path) -> Locator:
    notebooks.write(tmp_path, NAME, MAKE.format(language="en"), WHAT)
    notebooks.open_in(page, lab, NAME)
    notebooks.start(page, 0)
    editor = page.get_by_role("region", name="Editor")
    expect(editor.locator(".zimg-mask-surface")).to_be_visible(timeout=120_000)
    ways = editor.locator(".zimg-editor-ways button").all()
    assert len({round(way.bounding_box()["y"]) for way in ways}) == 1, "one way stands alone"
    return editor


def change(editor: Locator) -> None:
    editor.get_by_role("button", name="Change", exact=True).click()


def test_paint_repaint_slider_words_and_the_tree_of_versions(page: Page, editor: Locator) -> None:
    # Nothing painted yet: one sentence, and nothing is drawn.
    change(editor)
    expect(editor.locator(".zimg-editor-problem")).to_contain_text("Nothing is painted")
    paint(page, editor)
    expect(editor.locator(".zimg-editor-note").first).to_have_text("Runs 8 of 8 steps")
    editor.get_by_role("textbox", name="What the whole picture shows then").fill(
        "左边一个红色的圆，右边一个绿色的星星"
    )
    shot(editor, "painted")
    change(editor)
    slider = editor.get_by_role("slider", name="Compare: Before | After")
    expect(slider).to_be_visible(timeout=120_000)
    expect(editor.locator(".zimg-editor-problem")).to_have_text("")
    found = json.loads(notebooks.run(page, 1))
    assert found["seen"] == [["green", "star"], ["red", "circle"]]
    assert (found["kind"], found["painted"]) == ("inpaint", True)
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", "50")
    tree = editor.get_by_role("tree", name="Versions")
    expect(tree.get_by_role("treeitem")).to_have_count(2)
    shot(editor, "repainted")

    # On from the result, now by words.
    editor.get_by_role("button", name="Go on from the result").click()
    editor.get_by_role("button", name="By words", exact=True).click()
    box = editor.get_by_role("textbox", name="What to change")
    expect(box).to_have_value("")
    box.fill("把圆变成黄色")
    box.press("Control+Enter")
    expect(tree.get_by_role("treeitem")).to_have_count(3, timeout=120_000)
    last = json.loads(notebooks.run(page, 1))
    assert last["seen"] == [["green", "star"], ["yellow", "circle"]]
    assert last["kind"] == "instruct"
    assert last["source"] != found["source"]
    shot(editor, "words")
    assert axe.faults(page, ".zimg-editor") == []
