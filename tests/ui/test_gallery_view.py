"""Gallery: look, search, use again, delete, undo, drop a file; in JupyterLab beside a busy cell."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_widgets import GalleryView, SettingsDrop

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "gallery.ipynb"
SHOW = """
import time
from zimg_widgets import GalleryView
used, edited = [], []
def use(params):
    used.append((params.prompt, params.seed))
view = GalleryView(on_use=use, on_edit=edited.append, language="en")
view
"""
ASK = "print(used, [image.path.name for image in edited])"
BUSY = """
end = time.monotonic() + 120
while not used and time.monotonic() < end:
    time.sleep(0.1)
print(bool(used))
"""
DROP = """async ([target, file, name]) => {
  const bytes = Uint8Array.from(atob(file), c => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  const zone = document.querySelector(target);
  for (const type of ["dragenter", "dragover", "drop"]) {
    const more = { bubbles: true, cancelable: true, dataTransfer: data };
    zone.dispatchEvent(new DragEvent(type, more));
  }
}"""
COLOUR = """image => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 8, 8, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
}"""
AWAY = """async scroller => {
  const root = scroller.closest(".zimg-gallery");
  const [parent, next] = [root.parentElement, root.nextSibling];
  const frames = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
  root.remove();
  await frames();
  parent.insertBefore(root, next);
  await frames();
}"""
START = datetime(2026, 11, 20, 12).astimezone()


def make(i: int) -> GeneratedImage:
    """Picture i says its number by the red of its corner."""
    size = [(256, 256), (256, 192), (192, 256)][i % 3]
    image = Image.new("RGB", size, (4 * i, 90, 160))
    ImageDraw.Draw(image).regular_polygon((128, 110, 50), 3 + i % 6, fill="gold")
    model = "nano-turbo" if i % 2 else "z-image"
    params = GenerationParams(
        prompt=f"picture {i} 雪中的猫", seed=i, model=model, steps=8,
        width=size[0], height=size[1],
    )  # fmt: skip
    return GeneratedImage(image, params, created=START + timedelta(hours=i))


@pytest.fixture
def gallery(own_home: Path) -> Gallery:
    gallery = Gallery(own_home / "gallery")
    for i in range(60):
        gallery.add(make(i))
    return gallery


def show(widget_page: WidgetPage, view: GalleryView) -> Locator:
    widget_page.show(view)
    root = widget_page.page.get_by_role("group", name="Gallery", exact=True)
    expect(root).to_be_visible()
    return root


def cell(root: Locator, i: int) -> Locator:
    return root.get_by_role("option", name=f"picture {i} 雪中的猫", exact=True)


def status(root: Locator) -> Locator:
    return root.locator(".zimg-gallery-status")


def red(image: Locator) -> int:
    expect(image).to_have_js_property("complete", True)
    return int(image.evaluate(COLOUR))


def test_look_search_use_copy_download_delete_and_undo(
    widget_page: WidgetPage, gallery: Gallery
) -> None:
    page = widget_page.page
    used: list[GenerationParams] = []
    edited: list[GeneratedImage] = []
    view = GalleryView(on_use=used.append, on_edit=edited.append, language="en")
    root = show(widget_page, view)
    expect(status(root)).to_have_text("60 pictures")
    assert red(cell(root, 59).locator("img")) == pytest.approx(4 * 59, abs=6)
    expect(cell(root, 59)).to_have_attribute("aria-setsize", "60")
    # Those out of sight come when one scrolls there.
    expect(cell(root, 0)).to_have_count(0)
    scroller = root.locator(".zimg-gallery-scroller")
    scroller.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    assert red(cell(root, 0).locator("img")) == pytest.approx(0, abs=6)

    root.get_by_role("searchbox", name="Search").press_sequentially("猫 5")
    expect(status(root)).to_have_text("15 of 60 pictures")
    root.get_by_role("combobox", name="Model").select_option("nano-turbo (30)")
    expect(status(root)).to_have_text("10 of 60 pictures")
    root.get_by_role("combobox", name="Day").select_option(index=1)
    expect(status(root)).to_have_text("6 of 60 pictures")
    root.get_by_role("searchbox", name="Search").fill("nothing like it")
    expect(root.get_by_text("No picture matches.")).to_be_visible()
    root.get_by_role("button", name="Show all").click()
    expect(status(root)).to_have_text("60 pictures")

    cell(root, 58).click()
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_text("2 of 60")).to_be_visible()
    expect(dialog.get_by_role("img")).to_have_attribute("alt", "picture 58 雪中的猫")
    expect(dialog.locator("dd").filter(has_text="256×192")).to_be_visible()
    dialog.get_by_role("button", name="Use these settings").click()
    expect(dialog).to_be_hidden()
    expect(root.get_by_text("These settings are in use.")).to_be_visible()
    cell(root, 58).click()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text("3 of 60")).to_be_visible()
    expect(dialog.get_by_role("img")).to_have_attribute("alt", "picture 57 雪中的猫")
    dialog.get_by_role("button", name="Edit", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(root.get_by_text("The picture was sent to edit.")).to_be_visible()
    cell(root, 57).click()

    entry = gallery.search("57")[0]
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == entry.path.name
    assert download.value.path().read_bytes() == entry.path.read_bytes()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_role("button", name="Copy parameters").click()
    expect(dialog.get_by_text("copied as JSON")).to_be_visible()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert GenerationParams.from_json(copied) == entry.open().params
    # Where the browser allows neither way of copying, the text is there to be copied by hand.
    page.evaluate("""() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
      document.execCommand = () => false;
    }""")
    dialog.get_by_role("button", name="Copy parameters").click()
    field = dialog.get_by_role("textbox", name="Parameters as JSON")
    expect(field).to_be_focused()
    assert json.loads(field.input_value())["seed"] == 57

    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("Moved to the trash: picture 57")).to_be_visible()
    expect(dialog.get_by_role("img")).to_have_attribute("alt", "picture 56 雪中的猫")
    assert not entry.path.exists()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).not_to_be_visible()
    expect(status(root)).to_have_text("59 pictures")
    root.get_by_role("button", name="Undo").click()
    expect(cell(root, 57)).to_be_visible()
    expect(status(root)).to_have_text("60 pictures")
    assert entry.path.exists()
    assert [(params.prompt, params.seed) for params in used] == [("picture 58 雪中的猫", 58)]
    assert [image.path for image in edited] == [entry.path]

    # A picture made elsewhere appears; a reload of the page finds the gallery as it was.
    gallery.add(make(60))
    expect(cell(root, 60)).to_be_visible()
    expect(status(root)).to_have_text("61 pictures")
    widget_page.reload()
    assert red(cell(root, 60).locator("img")) == pytest.approx(240, abs=6)


def test_the_keyboard_alone(widget_page: WidgetPage, gallery: Gallery) -> None:
    page = widget_page.page
    used: list[GenerationParams] = []
    root = show(widget_page, GalleryView(on_use=used.append, language="en"))
    expect(cell(root, 59)).to_be_visible()
    root.get_by_role("button", name="Settings from a picture…").focus()
    page.keyboard.press("Tab")
    expect(cell(root, 59)).to_be_focused()
    ring = cell(root, 59).evaluate("node => getComputedStyle(node).outlineStyle")
    assert ring == "solid"
    columns = root.locator(".zimg-gallery-cell:not([hidden])").evaluate_all(
        "all => new Set(all.map(cell => cell.getBoundingClientRect().left)).size"
    )
    for key, place in (
        ("ArrowRight", 1), ("ArrowDown", 1 + columns), ("ArrowLeft", columns), ("ArrowUp", 0),
        ("ArrowUp", 0), ("End", 59), ("ArrowRight", 59), ("Home", 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(cell(root, 59 - place)).to_be_focused()
        expect(cell(root, 59 - place)).to_be_in_viewport()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = root.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Use these settings")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("3 of 60")).to_be_visible()
    expect(dialog.locator("dd").first).to_have_text("picture 57 雪中的猫")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(root.get_by_text("These settings are in use.")).to_be_visible()
    expect(cell(root, 57)).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.locator("dd").first).to_have_text("picture 57 雪中的猫")
    page.keyboard.press("Delete")
    expect(dialog.locator("dd").first).to_have_text("picture 56 雪中的猫")
    page.keyboard.press("Control+z")
    expect(dialog.locator("dd").first).to_have_text("picture 57 雪中的猫")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(cell(root, 57)).to_be_focused()
    for i in (57, 56):
        page.keyboard.press("Delete")
        expect(cell(root, i)).to_have_count(0)
        expect(cell(root, i - 1)).to_be_focused()
    expect(status(root)).to_have_text("58 pictures")
    for i in (56, 57):
        page.keyboard.press("Control+z")
        expect(cell(root, i)).to_be_focused()
    expect(status(root)).to_have_text("60 pictures")
    wait_for(lambda: [params.seed for params in used], [57])
    assert set(widget_page.leaked_keys()) <= {"Tab", "Escape", "Enter", "Control"}


def test_a_button_pressed_before_the_picture_is_there_acts_when_it_is(
    widget_page: WidgetPage, gallery: Gallery
) -> None:
    used: list[GenerationParams] = []
    root = show(widget_page, GalleryView(on_use=used.append, language="en"))
    expect(cell(root, 59).locator("img")).to_be_visible()
    cell(root, 59).evaluate(
        """cell => {
          cell.click();
          cell.closest(".zimg-gallery").querySelector(".zimg-large-main").click();
        }"""
    )
    expect(root.get_by_role("dialog")).to_be_hidden()
    wait_for(lambda: [params.seed for params in used], [59])


def test_it_stays_where_it_was_scrolled_to_when_a_notebook_takes_it_away_for_a_while(
    widget_page: WidgetPage, gallery: Gallery
) -> None:
    widget_page.page.set_viewport_size({"width": 600, "height": 800})
    root = show(widget_page, GalleryView(language="en"))
    scroller = root.locator(".zimg-gallery-scroller")
    expect(cell(root, 59)).to_be_visible()
    scroller.evaluate("element => (element.scrollTop = 300)")
    expect(cell(root, 30)).to_be_visible()
    scroller.evaluate(AWAY)
    assert scroller.evaluate("element => element.scrollTop") == 300
    expect(cell(root, 30).locator("img")).to_be_visible()


def friend_file(tmp_path: Path) -> str:
    """A picture with settings, as base64."""
    friend = GeneratedImage(Image.new("RGB", (64, 64)), GenerationParams(prompt="from far", seed=7))
    return base64.b64encode(friend.save(tmp_path / "friend.png").read_bytes()).decode()


def test_a_dropped_picture_gives_its_settings(
    widget_page: WidgetPage, gallery: Gallery, tmp_path: Path
) -> None:
    page = widget_page.page
    used: list[GenerationParams] = []
    root = show(widget_page, GalleryView(on_use=used.append, language="en"))
    widget_page.show(SettingsDrop(used.append, language="en"))
    file = friend_file(tmp_path)
    page.evaluate(DROP, [".zimg-gallery", file, "friend.png"])
    expect(root.get_by_text("The settings of friend.png are in use.")).to_be_visible()

    # Larger than one message may be; through the button; and on the small area alone.
    noise = Image.frombytes("RGB", (2100, 2000), random.Random(1).randbytes(3 * 2100 * 2000))
    big = GeneratedImage(noise, GenerationParams(prompt="a large one", seed=8))
    path = big.save(tmp_path / "big.png")
    assert path.stat().st_size > 10 * 2**20
    with page.expect_file_chooser() as chooser:
        root.get_by_role("button", name="Settings from a picture…").click()
    chooser.value.set_files(path)
    expect(root.get_by_text("The settings of big.png are in use.")).to_be_visible()
    small = page.get_by_role("group", name="Drop a picture to use its settings")
    page.evaluate(DROP, [".zimg-restore", file, "friend.png"])
    expect(small.get_by_role("status")).to_have_text("The settings of friend.png are in use.")
    seeds = [(params.prompt, params.seed) for params in used]
    assert seeds == [("from far", 7), ("a large one", 8), ("from far", 7)]

    noise.crop((0, 0, 9, 9)).save(tmp_path / "holiday.png")
    with page.expect_file_chooser() as chooser:
        root.get_by_role("button", name="Settings from a picture…").click()
    chooser.value.set_files(tmp_path / "holiday.png")
    expect(root.get_by_text("holiday.png is a picture, but it carries no")).to_be_visible()
    assert axe.faults(page, ".zimg-restore") == []
    small.evaluate("area => area.append(document.createElement('input'))")
    assert "label" in axe.faults(page, ".zimg-restore")[0]  # what checks is itself checked


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_it_fits_both_themes_narrow_pages_and_everybody(
    widget_page: WidgetPage, tmp_path: Path, gallery: Gallery, theme: str, language: str
) -> None:
    page = widget_page.page
    widget_page.use_theme(theme)
    widget_page.show(GalleryView(on_use=print, on_edit=print, language=language))
    root = page.locator(".zimg-gallery")
    expect(cell(root, 59).locator("img")).to_be_visible()
    assert axe.faults(page, ".zimg-gallery") == []
    cell(root, 59).click()
    dialog = root.get_by_role("dialog")
    expect(dialog.locator("dd").first).to_have_text("picture 59 雪中的猫")
    page.keyboard.press("Delete")
    expect(dialog.locator("dd").first).to_have_text("picture 58 雪中的猫")
    assert axe.faults(page, ".zimg-large") == []
    page.screenshot(path=tmp_path / f"gallery_large_{theme}.png")
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert axe.faults(page, ".zimg-gallery") == []
    page.screenshot(path=tmp_path / f"gallery_{theme}.png")
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_timeout(500)
    assert root.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert axe.faults(page, ".zimg-gallery") == []
    page.screenshot(path=tmp_path / f"gallery_narrow_{theme}.png")
    cell(root, 58).click()
    expect(dialog.locator("dd").first).to_be_visible()
    assert dialog.evaluate("e => e.scrollWidth <= e.clientWidth")
    page.screenshot(path=tmp_path / f"gallery_narrow_large_{theme}.png")


def test_in_a_notebook_all_works_while_a_cell_runs(
    page: Page, lab: str, tmp_path: Path, gallery: Gallery
) -> None:
    notebooks.write(tmp_path, NAME, SHOW, ASK, BUSY)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    root = page.get_by_role("group", name="Gallery", exact=True)
    expect(cell(root, 59)).to_be_visible()
    notebooks.start(page, 2)
    running = page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")
    expect(running).to_have_text("[*]:")

    # Meanwhile: scroll, open, delete, undo, drop.
    root.get_by_role("searchbox", name="Search").fill("picture 3")
    expect(status(root)).to_have_text("15 of 60 pictures")
    cell(root, 39).click()
    expect(root.get_by_role("dialog").locator("dd").first).to_have_text("picture 39 雪中的猫")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    expect(status(root)).to_have_text("14 of 59 pictures")
    page.keyboard.press("Control+z")
    expect(cell(root, 39)).to_be_focused()
    file = friend_file(tmp_path)
    page.evaluate(DROP, [".zimg-gallery", file, "friend.png"])
    expect(root.get_by_text("The settings of friend.png are in use.")).to_be_visible()
    expect(running).not_to_have_text("[*]:")  # it has run until the settings came
    output = page.locator(".jp-CodeCell").nth(2).locator(".jp-OutputArea-output")
    expect(output).to_have_text("True")
    assert notebooks.run(page, 1) == "[('from far', 7)] []"
    # No key went on to JupyterLab: its cells are all there. A reload finds the pictures.
    assert page.locator(".jp-CodeCell").count() == 3
    notebooks.save(page, tmp_path / "notebooks" / NAME)
    assert (tmp_path / "notebooks" / NAME).stat().st_size < 300_000
    page.goto(f"{lab}/lab/tree/{NAME}")
    notebooks.wait_until_idle(page)
    assert red(cell(root, 39).locator("img")) == pytest.approx(4 * 39, abs=6)
