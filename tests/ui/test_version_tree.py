"""Tree of versions: look, open, compare, continue; by mouse, by keys, and in JupyterLab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from families import Maker
from ui import axe, notebooks
from ui.harness import WidgetPage
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.images.source import load_source
from zimg_widgets import GalleryView, VersionTree

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture
def gallery(own_home: Path) -> Gallery:
    gallery = Gallery(own_home / "gallery")
    maker = Maker(gallery, 256, shapes=True)
    circle = maker.new("firebrick", "左边一个红色的圆")
    blue = maker.edit(circle, "navy", "instruct", "把圆变成蓝色")
    star = maker.edit(blue, "darkgreen", "inpaint", "一颗红色的星星", mask="0" * 64)
    maker.edit(star, "teal", "outpaint", "一颗红色的星星，旁边是海", right=64)
    snow = maker.edit(circle, "lightgray", "img2img", "雪中的圆", strength=0.6)
    maker.edit(snow, "gold", "upscale", "雪中的圆", factor=2.0)
    return gallery


def row(root: Locator, said: str) -> Locator:
    return root.get_by_role("treeitem", name=said)


def test_open_compare_and_continue_by_mouse_and_by_keys(
    widget_page: WidgetPage, tmp_path: Path, gallery: Gallery
) -> None:
    page = widget_page.page
    said: list[tuple[str, ...]] = []
    picture = gallery.search(seed=3)[0]
    tree = VersionTree(
        picture,
        gallery,
        language="en",
        on_open=lambda image: said.append(("open", image.params.prompt)),
        on_compare=lambda *two: said.append(("compare", *(image.params.prompt for image in two))),
        on_continue=lambda image: said.append(("continue", image.params.prompt)),
    )
    widget_page.show(tree)
    root = page.get_by_role("group", name="Versions", exact=True)
    expect(root.get_by_role("treeitem")).to_have_count(6)
    star = row(root, "repainted: 一颗红色的星星, this one")
    expect(star).to_have_attribute("aria-selected", "true")
    expect(star).to_have_attribute("aria-level", "3")
    loaded = "all => all.every(image => image.naturalWidth > 0)"
    expect(root.locator("img[src^='blob:']")).to_have_count(6)
    assert root.locator(".zimg-versions-frame img").evaluate_all(loaded)

    # By mouse: another version, large; then the two side by side.
    row(root, "drawn again").click()
    root.get_by_role("button", name="Open").click()
    large = root.get_by_role("img", name="drawn again (strength 0.6): 雪中的圆")
    expect(large).to_have_js_property("naturalWidth", 256)
    root.get_by_role("button", name="Compare with its parent").click()
    slider = page.get_by_role("slider", name="Compare: drawn: 左边一个红色的圆 | drawn again")
    expect(slider).to_be_visible()
    expect(large).to_be_hidden()
    root.get_by_role("button", name="Mark for comparison").click()
    expect(row(root, "drawn again")).to_have_accessible_name(
        "drawn again (strength 0.6): 雪中的圆, marked, 256×256 · 2026-11-21 12:00"
    )
    star.click()
    root.get_by_role("button", name="Compare with the marked one").click()
    expect(page.get_by_role("slider", name="| repainted")).to_be_visible()
    page.screenshot(path=tmp_path / "versions_light.png")
    root.get_by_role("button", name="Continue from here").click()
    expect(root.get_by_role("status")).to_have_text("Goes on from: repainted: 一颗红色的星星")
    assert said == [
        ("open", "雪中的圆"), ("compare", "左边一个红色的圆", "雪中的圆"),
        ("compare", "雪中的圆", "一颗红色的星星"), ("continue", "一颗红色的星星"),
    ]  # fmt: skip

    # By keys alone: up to the root, along the tree, and to the buttons.
    root.get_by_role("button", name="Hide").press("Enter")
    expect(slider).to_have_count(0)
    expect(root.get_by_role("button", name="Open")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(star).to_be_focused()
    for key, name in (
        ("ArrowLeft", "by words"), ("Home", "drawn: "), ("ArrowRight", "by words"),
        ("End", "enlarged"), ("ArrowUp", "drawn again"), ("ArrowDown", "enlarged"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(row(root, name).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(root.get_by_role("img", name="enlarged 2×")).to_be_visible()
    for _ in range(4):
        page.keyboard.press("Tab")
    expect(root.get_by_role("button", name="Continue from here")).to_be_focused()
    page.keyboard.press("Enter")
    expect(root.get_by_role("status")).to_have_text("Goes on from: enlarged 2×")
    assert said[-1] == ("continue", "雪中的圆")

    # It grows by itself.
    star_file = load_source(picture.path)
    edit = {"kind": "vary", "source": star_file.record["pixels"], "strength": 0.3}
    params = GenerationParams(prompt="later", seed=9, model="nano-turbo", edit=edit)
    gallery.add(GeneratedImage(star_file.image.rotate(90), params, source=star_file.record))
    expect(row(root, "varied (amount 0.3)")).to_be_visible()
    expect(row(root, "enlarged")).to_have_attribute("aria-selected", "true")
    assert axe.faults(page, ".zimg-version-tree") == []

    widget_page.use_theme("dark")
    page.set_viewport_size({"width": 400, "height": 1000})
    star.scroll_into_view_if_needed()
    star.click()
    page.wait_for_timeout(800)
    page.screenshot(path=tmp_path / "versions_dark_narrow.png")
    assert axe.faults(page, ".zimg-version-tree") == []
    output = page.locator(".area").first
    assert output.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_the_gallery_opens_the_versions_of_a_picture(
    widget_page: WidgetPage, tmp_path: Path, gallery: Gallery
) -> None:
    Maker(gallery).new("purple", "stranger")
    page = widget_page.page
    widget_page.show(GalleryView(language="en"))
    root = page.get_by_role("group", name="Gallery", exact=True)
    dialog = root.get_by_role("dialog")
    opener = dialog.get_by_role("button", name="Versions", exact=True)
    root.get_by_role("option", name="stranger").click()
    expect(dialog.locator("dd", has_text="stranger")).to_be_visible()
    expect(opener).to_be_hidden()
    page.keyboard.press("Escape")

    root.get_by_role("option", name="把圆变成蓝色").click()
    opener.click()
    expect(dialog.get_by_role("treeitem")).to_have_count(6)
    expect(row(dialog, "by words")).to_have_attribute("aria-current", "true")
    row(dialog, "repainted").click()
    expect(dialog.locator("dd", has_text="一颗红色的星星")).to_be_visible()
    expect(row(dialog, "repainted")).to_have_attribute("aria-current", "true")
    expect(dialog.get_by_role("heading")).to_have_text("4 of 7")
    row(dialog, "repainted").press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading")).to_have_text("5 of 7")
    expect(row(dialog, "by words")).to_be_focused()
    assert axe.faults(page, ".zimg-gallery") == []
    page.screenshot(path=tmp_path / "gallery_versions.png")


SHOW = """
from zimg_kernel import Gallery
from zimg_widgets import VersionTree
gallery = Gallery()
tree = VersionTree(gallery.search(seed=3)[0], gallery, language="en")
tree
"""


def test_a_notebook_shows_the_tree_and_a_comparison(
    page: Page, lab: str, tmp_path: Path, gallery: Gallery
) -> None:
    notebooks.write(tmp_path, "versions.ipynb", SHOW)
    notebooks.open_in(page, lab, "versions.ipynb")
    notebooks.run(page, 0)
    root = page.get_by_role("group", name="Versions", exact=True)
    expect(root.get_by_role("treeitem")).to_have_count(6)
    row(root, "drawn again").click()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(row(root, "drawn again")).to_be_focused()
    page.keyboard.press("Enter")
    expect(root.get_by_role("img", name="drawn again (strength 0.6): 雪中的圆")).to_be_visible()
    root.get_by_role("button", name="Compare with its parent").click()
    expect(page.get_by_role("slider", name="Compare: drawn")).to_be_visible()
    assert page.locator(".jp-CodeCell").count() == 1
