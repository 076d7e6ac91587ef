"""The Editor on a test page: words of each way, the change on the side that is seen, sizes."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator, expect

from ui.harness import WidgetPage, wait_for
from zimg_kernel import GeneratedImage, LocalEngine, generate
from zimg_widgets import Editor

pytestmark = [pytest.mark.ui, pytest.mark.slow]

PROMPT = "a red circle on the left, a blue square on the right"


@pytest.fixture
def picture(engine: LocalEngine) -> GeneratedImage:
    return generate(PROMPT, engine=engine, model="nano-turbo", seed=1)


def in_languages(*, often: str, seldom: str) -> pytest.MarkDecorator:
    """Show the Editor in one language in every run, in the other in the nightly ones."""
    languages = [often, pytest.param(seldom, marks=pytest.mark.nightly)]
    return pytest.mark.parametrize("editor", languages, indirect=True)


@pytest.fixture
def editor(
    request: pytest.FixtureRequest,
    widget_page: WidgetPage,  # before the Editor: its widgets talk to this page
    engine: LocalEngine,
    picture: GeneratedImage,
) -> Iterator[Editor]:
    editor = Editor(picture, engine=engine, language=request.param)
    yield editor
    editor.close()


def shot(widget_page: WidgetPage, name: str) -> None:
    """Keep pictures of the page in both themes where somebody wants to look."""
    folder = os.environ.get("ZIMG_SCREENSHOTS")
    for theme in ("dark", "light") if folder else ():
        widget_page.use_theme(theme)
        path = Path(str(folder)) / f"{name}_{theme}.png"
        widget_page.page.screenshot(path=path, full_page=True)


def seen(stage: Locator, size: tuple[int, int]) -> Image.Image:
    return Image.open(io.BytesIO(stage.screenshot())).convert("RGB").resize(size)


@pytest.mark.parametrize("editor", ["en", "zh"], indirect=True)
def test_each_way_keeps_what_was_typed_for_it(widget_page: WidgetPage, editor: Editor) -> None:
    words = editor._labels
    area = widget_page.show(editor)
    box = area.locator("textarea")
    expect(box).to_have_value(PROMPT)
    editor.ways.value = "instruct"
    expect(area.get_by_text(words["instruct_prompt"])).to_be_visible()
    expect(box).to_have_value("")
    box.fill("make the circle blue")
    wait_for(lambda: editor.prompt.value, "make the circle blue")
    for way in ("outpaint", "vary", "upscale", "inpaint"):
        editor.ways.value = way
        expect(area.get_by_text(words[f"{way}_prompt"])).to_be_visible()
        expect(box).to_have_value(PROMPT)
    shot(widget_page, f"words_{editor._language}")
    box.fill("a red circle")
    box.blur()
    wait_for(lambda: editor.prompt.value, "a red circle")
    editor.ways.value = "instruct"
    expect(box).to_have_value("make the circle blue")
    editor.ways.value = "inpaint"
    expect(box).to_have_value("a red circle")


@in_languages(often="zh", seldom="en")
def test_a_change_at_the_left_is_seen_when_it_is_done(
    widget_page: WidgetPage, editor: Editor, picture: GeneratedImage
) -> None:
    words = editor._labels
    area = widget_page.show(editor)
    editor.ways.value = "instruct"
    box = area.locator("textarea")
    box.fill("make the circle yellow" if editor._language == "en" else "把圆变成黄色")
    box.press("Control+Enter")
    slider = area.locator(".zimg-editor-above").get_by_role("slider")
    expect(slider).to_be_visible(timeout=120_000)
    assert editor.result is not None
    changed = ImageChops.difference(picture.image, editor.result.image).convert("L")
    box_changed = changed.point(lambda value: 255 * (value > 40)).getbbox()
    assert box_changed is not None
    assert box_changed[0] < 0.45 * picture.image.width  # it begins in the left half
    stage = area.locator(".zimg-compare-stage").first
    page = widget_page.page
    page.wait_for_timeout(300)
    assert page.locator(".zimg-compare-after").first.evaluate("image => image.complete")
    shown = seen(stage, picture.image.size).crop(box_changed)
    after, before = (one.image.crop(box_changed) for one in (editor.result, picture))

    def apart(first: Image.Image, second: Image.Image) -> float:
        histogram = ImageChops.difference(first, second).convert("L").histogram()
        return sum(i * n for i, n in enumerate(histogram)) / (first.width * first.height)

    assert apart(shown, after) < 0.2 * apart(shown, before)
    shot(widget_page, f"left_{editor._language}")

    # The same in the tree of versions.
    tree = area.get_by_role("tree")
    expect(tree.get_by_role("treeitem")).to_have_count(2)
    tree.get_by_role("treeitem").nth(1).click()
    area.locator(".zimg-versions-buttons button").nth(1).click()
    assert editor.versions is not None
    wait_for(lambda: editor.versions is not None and editor.versions.comparison)
    below = area.locator(".zimg-editor-versions .zimg-compare-stage")
    expect(below).to_be_visible()
    page.wait_for_timeout(300)
    assert apart(seen(below, picture.image.size).crop(box_changed), after) < 0.2 * apart(
        after, before
    )
    assert words["after"]
    shot(widget_page, f"parent_{editor._language}")


@in_languages(often="en", seldom="zh")
def test_an_enlarged_and_an_extended_picture_have_their_own_size(
    widget_page: WidgetPage, editor: Editor, picture: GeneratedImage
) -> None:
    area = widget_page.show(editor)
    editor.ways.value = "upscale"
    editor.options.factor.value = 2.0
    editor.run()
    stage = area.locator(".zimg-editor-above .zimg-compare-stage")
    expect(stage).to_be_visible(timeout=180_000)
    side = picture.image.width
    box = stage.bounding_box()
    assert box is not None
    assert box["width"] == 2 * side
    shot(widget_page, f"enlarged_{editor._language}")

    editor.ways.value = "outpaint"
    editor.options.sides["left"].value, editor.options.sides["right"].value = 64, 0
    editor.run()
    wait_for(lambda: editor.job, None, seconds=180)
    wait_for(lambda: (stage.bounding_box() or {}).get("width"), side + 64)
    slider = area.locator(".zimg-editor-above").get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    shot(widget_page, f"extended_{editor._language}")
    slider.press("End")
    widget_page.page.wait_for_timeout(300)
    assert seen(stage, (side + 64, side)).getpixel((20, 20)) == (128, 128, 128)
