"""Rating: by keys, by mouse, without names in the page; in JupyterLab on after a reload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_widgets import rate

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "rate.ipynb"
STARS = """
from pathlib import Path
from zimg_widgets import rate
found = sorted(Path("../pictures").glob("*.png"))
task = rate(found, language="en")
task
"""
COLOUR = """image => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 8, 8, 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
}"""


def draw_pictures(tmp_path: Path) -> list[Path]:
    """Write six pictures, the red of whose corner is 40 times their number; return their paths."""
    paths = []
    for i in range(6):
        image = Image.new("RGB", (640, 480), (40 * i, 90, 160))
        ImageDraw.Draw(image).regular_polygon((320, 240, 60 + 20 * i), 3 + i, fill="gold")
        made = GeneratedImage(image, GenerationParams(prompt="hushhush words", seed=i))
        paths.append(made.save(tmp_path / "pictures" / f"topsecret-{i}.png"))
    return paths


def shown_picture(root: Locator, which: int = 0) -> int:
    """Return the number of the picture shown, once the panel accepts an answer."""
    expect(root.locator(".zimg-rate-answers")).to_have_attribute("aria-busy", "false")
    return round(root.locator("img").nth(which).evaluate(COLOUR) / 40)


def mean_ratings(task: Any) -> list[float]:
    return [row["mean"] for row in task.results.rows]


def show(widget_page: WidgetPage, task: Any, title: str = "Rate pictures") -> Locator:
    widget_page.show(task)
    root = widget_page.page.get_by_role("group", name=title)
    expect(root).to_be_visible()
    return root


def test_all_by_keyboard_with_a_reload_in_the_middle(
    page: Page, lab: str, tmp_path: Path, own_home: Path
) -> None:
    paths = draw_pictures(tmp_path)
    notebooks.write(tmp_path, NAME, STARS, "task.results")
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    root = page.get_by_role("group", name="Rate pictures")
    expect(root).to_be_visible()
    status = root.get_by_role("status")
    headings = page.locator(".jp-MarkdownCell").count()

    root.focus()
    page.keyboard.press("Tab")
    page.keyboard.type("王芳")
    page.keyboard.press("Enter")
    expect(status).to_have_text("1 of 6")
    seen = []
    for count in range(3):
        number = shown_picture(root)
        seen.append(number)
        page.keyboard.press(str(min(5, number + 1)))
        expect(status).to_have_text(f"{count + 2} of 6")
    assert page.locator(".jp-MarkdownCell").count() == headings  # JupyterLab kept out of it

    page.keyboard.press("u")
    expect(status).to_have_text("3 of 6")
    assert shown_picture(root) == seen[-1]
    page.keyboard.press("Control+s")
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")

    page.goto(f"{lab}/lab/tree/{NAME}")
    notebooks.wait_until_idle(page)
    expect(status).to_have_text("3 of 6")
    assert shown_picture(root) == seen.pop()
    assert_blind(page)
    root.focus()
    for count in range(2, 6):
        number = shown_picture(root)
        seen.append(number)
        page.keyboard.press(str(min(5, number + 1)))
        if count < 5:
            expect(status).to_have_text(f"{count + 2} of 6")
    expect(status).to_have_text("All 6 are rated. Thank you!")
    assert sorted(seen) == list(range(6))

    assert mean_ratings(rate(paths)) == [1, 2, 3, 4, 5, 5]
    notebooks.run(page, 1)
    table = page.locator(".jp-CodeCell").nth(1).locator(".jp-RenderedHTMLCommon table")
    expect(table.locator("tbody tr")).to_have_count(6)
    expect(table).to_contain_text("topsecret-3.png")


def assert_blind(page: Page) -> None:
    everything = page.content()
    for word in ("topsecret", "hushhush"):
        assert word not in everything
    sources = page.locator(".zimg-rate img").evaluate_all("all => all.map(i => i.src)")
    assert all(source.startswith("blob:") for source in sources)


def test_pairs_by_mouse_and_arrows_are_blind(widget_page: WidgetPage, tmp_path: Path) -> None:
    page, paths = widget_page.page, draw_pictures(tmp_path)
    groups = {"Q": paths[:3], "P": paths[3:]}
    root = show(widget_page, rate(groups, ["Ann", "Ben"], kind="pairs", language="en"))
    status = root.get_by_role("status")
    for rater in ("Ann", "Ben"):
        root.get_by_role("button", name=rater, exact=True).click()
        for count in range(3):
            expect(status).to_have_text(f"{count + 1} of 3")
            left, right = shown_picture(root, 0), shown_picture(root, 1)
            assert abs(left - right) == 3
            assert_blind(page)
            if count == 0:
                root.get_by_role("button", name="tie").click()
            elif rater == "Ann":  # Ann likes the first three
                root.get_by_role("button", name="left" if left < 3 else "right").click()
            else:  # and Ben the others
                page.keyboard.press("ArrowLeft" if left >= 3 else "ArrowRight")
        expect(status).to_have_text("All 3 are rated. Thank you!")
        if rater == "Ann":
            root.get_by_role("button", name="Somebody else").click()

    task = rate({"Q": paths[:3], "P": paths[3:]}, kind="pairs")
    first, second = task.results.rows
    assert (first["picture"], first["wins"], first["ties"], first["losses"]) == ("Q", 2, 2, 2)
    assert (second["picture"], second["wins"]) == ("P", 2)
    assert task.progress == {"Ann": 3, "Ben": 3}
    values = [answer.value for answer in task.results.answers if answer.rater == "Ann"]
    assert sorted(values) == [0, 1, 1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_both_themes_and_narrow_pages(
    widget_page: WidgetPage, tmp_path: Path, theme: str
) -> None:
    page, paths = widget_page.page, draw_pictures(tmp_path)
    widget_page.use_theme(theme)
    groups = {"Q": paths[:3], "P": paths[3:]}
    root = show(widget_page, rate(groups, ["Ann", "Ben"], kind="pairs", language="en"))
    assert axe.faults(page, ".zimg-rate") == []
    root.screenshot(path=tmp_path / f"rate_names_{theme}.png")
    root.get_by_role("button", name="Ann").click()
    shown_picture(root)
    page.keyboard.press("ArrowLeft")
    expect(root.get_by_role("status")).to_have_text("2 of 3")
    shown_picture(root)
    chinese = show(widget_page, rate(paths, "王芳", language="zh"), "评价图片")
    shown_picture(chinese)
    chinese.get_by_role("button", name="较好").focus()
    page.screenshot(path=tmp_path / f"rate_{theme}.png", full_page=True)
    assert axe.faults(page, "#areas") == []

    page.set_viewport_size({"width": 400, "height": 1000})
    for narrow in (root, chinese):
        narrow.scroll_into_view_if_needed()
        wide = narrow.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide[0] <= wide[1]
    page.screenshot(path=tmp_path / f"rate_narrow_{theme}.png", full_page=True)
