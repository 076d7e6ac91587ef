"""Reasons and restored settings where they are seen: beside Generate, and in the Editor.

``ZIMG_SCREENSHOTS=folder`` keeps photographs of the panel.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from foreign_files import png
from ui import axe, notebooks
from ui.harness import wait_for

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "restored.ipynb"
MAKE = """
from zimg_widgets import Studio

studio = Studio({{"prompt": "a red circle", "model": "nano-turbo"}}, language="{language}")
studio
"""
DRAW = """
import zimg_kernel as zimg
from zimg_kernel import edit
source = zimg.generate("a red circle on the left, a blue square on the right", seed=1,
                       model="nano-turbo")
first = edit.instruct(source, "make the circle green", seed=3).result()
print("drawn")
"""
SAME = """
import time
end = time.monotonic() + 60
while studio.editor.result is None and time.monotonic() < end:
    time.sleep(0.1)
again = studio.editor.result
print(again.image.tobytes() == first.image.tobytes(), again.params == first.params)
"""
A1111 = (
    "a red circle\\nNegative prompt: blur\\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, "
    "Seed: 5, Size: 512x768, Model: dreamshaper_8"
).replace("\\n", "\n")
WORDS = {
    "en": {
        "studio": "Studio", "generate": "Generate", "editor": "Editor", "change": "Change",
        "gallery": "Gallery", "use": "Use these settings", "edit": "Edit", "repaint": "Repaint",
    },
    "zh": {
        "studio": "工作室", "generate": "生成", "editor": "编辑器", "change": "修改",
        "gallery": "图库", "use": "使用这些设置", "edit": "编辑", "repaint": "局部重绘",
    },
}  # fmt: skip


def looks(often: tuple[str, str], seldom: tuple[str, str]) -> pytest.MarkDecorator:
    """Give theme and language of every run, and those of the nightly ones."""
    values = [often, pytest.param(*seldom, marks=pytest.mark.nightly)]
    return pytest.mark.parametrize(("theme", "language"), values)


LIGHT, DARK = ("Light", "en"), ("Dark", "zh")


def keep(page: Page, name: str) -> None:
    """Photograph the window where somebody wants to look."""
    folder = os.environ.get("ZIMG_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def show(page: Page, lab: str, tmp_path: Path, theme: str, language: str, *cells: str) -> Locator:
    """Run the cell of the Studio in a window of the usual size; give the Studio."""
    folder = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    (folder / "themes.jupyterlab-settings").write_text(f'{{"theme": "JupyterLab {theme}"}}')
    page.set_viewport_size({"width": 1366, "height": 768})
    notebooks.write(tmp_path, NAME, MAKE.format(language=language), *cells)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    studio = page.get_by_role("region", name=WORDS[language]["studio"])
    expect(studio.locator(".zimg-primary").first).to_be_visible()
    return studio


def box(part: Locator) -> dict[str, float]:
    found = part.bounding_box()
    assert found is not None
    return dict(found)


def in_window(page: Page, part: Locator) -> bool:
    size = page.viewport_size
    place = part.bounding_box()
    assert size is not None
    return place is not None and place["y"] >= 0 and place["y"] + place["height"] <= size["height"]


@looks(DARK, LIGHT)
def test_reasons_and_another_tools_settings_stand_where_they_are_looked_for(
    page: Page, lab: str, tmp_path: Path, theme: str, language: str
) -> None:
    studio = show(page, lab, tmp_path, theme, language)
    button = studio.get_by_role("button", name=WORDS[language]["generate"], exact=True)
    prompt = studio.locator("textarea").first
    alert = studio.get_by_role("alert")
    button.scroll_into_view_if_needed()
    prompt.fill("")
    prompt.press("Tab")
    page.wait_for_timeout(500)
    before = box(button)
    button.click()
    expect(alert).to_be_visible()
    page.wait_for_timeout(300)
    assert box(button) == before
    assert in_window(page, alert)
    assert 0 <= box(alert)["y"] - before["y"] - before["height"] <= 30
    keep(page, f"problem_{theme}_{language}".lower())
    # Also at the lower edge of the window, where it would be out of sight.
    prompt.fill("熊猫")
    prompt.press("Tab")
    expect(alert).to_be_hidden()
    scroller = page.locator(".jp-WindowedPanel-outer")
    scroller.evaluate("(e, by) => e.scrollBy(0, by)", -(760 - before["y"] - before["height"]))
    button.click()
    expect(alert).to_contain_text("熊猫")
    wait_for(lambda: in_window(page, alert))
    assert in_window(page, button)

    # What another tool's picture says is told in one list.
    prompt.fill("")
    prompt.press("Tab")
    file = png(tmp_path / "a1111.png", image=Image.new("RGB", (512, 768)), parameters=A1111)
    studio.locator("input[type=file]").first.set_input_files(file)
    told = studio.locator(".zimg-restored")
    expect(told.locator("li")).to_have_count(4)
    expect(told).to_contain_text("dreamshaper_8")
    expect(told).to_contain_text("256 × 384")
    expect(told).to_contain_text("DPM++ 2M Karras")
    wait_for(lambda: in_window(page, told))
    assert in_window(page, studio.locator("textarea").first)
    keep(page, f"foreign_{theme}_{language}".lower())
    assert axe.faults(page, ".zimg-studio") == []
    expect(studio.locator(".zimg-field-size .zimg-note")).to_contain_text("512 × 768")
    seed = studio.locator(".zimg-field-seed input").first
    seed.fill("7")
    seed.press("Tab")
    expect(told).to_be_hidden()


@looks(LIGHT, DARK)
def test_a_picture_of_the_gallery_is_used_and_edited_in_view(
    page: Page, lab: str, tmp_path: Path, theme: str, language: str
) -> None:
    words = WORDS[language]
    studio = show(page, lab, tmp_path, theme, language, DRAW, SAME)
    assert notebooks.run(page, 1).endswith("drawn")
    studio.locator(".zimg-studio-gallery .zimg-disclosure").click()
    gallery = studio.get_by_role("group", name=words["gallery"], exact=True)
    editor = page.get_by_role("region", name=words["editor"])
    dialog = gallery.get_by_role("dialog")
    pictures = gallery.locator("[role=option]")

    # A picture drawn from words: the form comes into view.
    pictures.nth(1).click()
    dialog.get_by_role("button", name=words["use"]).click()
    expect(dialog).to_be_hidden()
    prompt = studio.locator("textarea").first
    expect(prompt).to_have_value("a red circle on the left, a blue square on the right")
    wait_for(lambda: in_window(page, prompt))
    expect(studio).to_be_focused()

    # An edit: the Editor comes, with everything that makes it the same picture.
    pictures.first.click()
    dialog.get_by_role("button", name=words["use"]).click()
    expect(dialog).to_be_hidden()
    expect(editor.locator("textarea").first).to_have_value("make the circle green")
    wait_for(lambda: in_window(page, editor.locator("textarea").first))
    expect(editor).to_be_focused()
    keep(page, f"edit_again_{theme}_{language}".lower())
    change = editor.get_by_role("button", name=words["change"], exact=True)
    change.click()
    assert notebooks.run(page, 2) == "True True"

    # Another picture to be edited: the Editor that is open comes into view.
    expect(pictures).to_have_count(3)  # the one just drawn is there, which moves the others
    pictures.last.click()
    dialog.get_by_role("button", name=words["edit"]).click()
    expect(dialog).to_be_hidden()
    wait_for(lambda: in_window(page, editor.locator("textarea").first))

    # Why nothing is changed (no area is painted) is brought into view, below the button.
    editor.get_by_role("button", name=words["repaint"], exact=True).click()
    change.click()
    alert = editor.locator(".zimg-editor-problem[role=alert]")
    expect(alert).not_to_be_empty()
    expect(alert).to_be_in_viewport(ratio=1)
    keep(page, f"editor_problem_{theme}_{language}".lower())
