"""The first notebook in a real JupyterLab: run all cells, see pictures, mend a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from zimg_kernel import Gallery

pytestmark = [pytest.mark.ui, pytest.mark.slow]
PROMPT = "左边一个红色的圆，右边一个蓝色的方块"


def open_notebook(page: Page, lab: str) -> None:
    page.goto(f"{lab}/lab/tree/01_generate.ipynb?reset")
    expect(page.locator(".jp-Notebook")).to_be_visible()
    wait_until_idle(page)


def wait_until_idle(page: Page) -> None:
    status = page.locator("#jp-bottom-panel").get_by_text("Python 3 (ipykernel) | Idle")
    expect(status).to_be_visible(timeout=120_000)


def run_all(page: Page) -> None:
    """Run all cells, by the menu, as a user does.

    Right after opening, JupyterLab may still be connecting to the kernel and drop all but
    the first cell; a user would choose it again, and so does this, once.
    """
    for _ in range(2):
        page.locator(".jp-Notebook").click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.wait_for_timeout(1000)
        second = page.locator(".jp-CodeCell .jp-InputPrompt").nth(1)
        if second.inner_text() != "[ ]:":
            return
        wait_until_idle(page)


def take_screenshots(page: Page, folder: Path) -> None:
    """Keep what a user sees, for whoever wants to look at it."""
    for number, heading in enumerate(("Draw a picture", "One picture", "The steps", "Same words")):
        page.get_by_role("heading", name=heading).first.scroll_into_view_if_needed()
        page.screenshot(path=folder / f"01_generate_{number}.png")


def test_running_all_cells_shows_pictures(page: Page, lab: str, own_home: Path) -> None:
    open_notebook(page, lab)
    run_all(page)
    last = page.locator(".jp-OutputArea-output").filter(has_text="Draw it again: zimg show")
    expect(last).to_be_visible(timeout=120_000)
    assert page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0

    pictures = page.locator(f'.jp-OutputArea-output figure img[alt="{PROMPT}"]')
    first = pictures.first
    first.scroll_into_view_if_needed()
    expect(first).to_be_visible()
    assert first.evaluate("image => image.naturalWidth") == 256
    assert page.get_by_text("step 8 of 8").count() == 1
    assert len(Gallery(own_home / "gallery")) == 9
    take_screenshots(page, own_home.parent)


def test_a_mistake_shows_one_sentence_and_no_traceback(page: Page, lab: str) -> None:
    open_notebook(page, lab)
    page.locator(".jp-Cell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nwidth = 250")
    run_all(page)
    error = page.locator(
        '[data-mime-type="application/vnd.jupyter.error"], .jp-RenderedText'
    ).filter(has_text="nearest valid one is 256 px")
    expect(error.first).to_be_visible(timeout=120_000)
    text = error.first.inner_text().strip()
    assert text.splitlines() == [
        "BadInput: A side of 250 px is not a multiple of 16: the nearest valid one is 256 px."
    ]
