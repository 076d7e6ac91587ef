"""Saved notebooks without a kernel: in JupyterLab, as HTML, and beside a kernel that lives."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, Locator, Page, expect

from ui import notebooks
from ui.conftest import watched_page

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "static.ipynb"
EDITOR = """
import zimg_kernel as zimg
from zimg_widgets import Editor, Studio, compare

picture = zimg.generate("a red circle and a blue square", seed=1, model="nano-turbo")
editor = Editor(picture, language="{language}")
editor
"""
EDIT = """
import time
editor.ways.value = "vary"
editor.run()
while editor.job is not None:
    time.sleep(0.1)
compare(picture, editor.result, language="{language}")
"""
STUDIO = """
studio = Studio({{"prompt": "a green star", "model": "nano-turbo", "steps": 2}},
                language="{language}")
studio
"""
DRAW = """
studio.generate()
while studio.image is None or studio.image.params.prompt != "a green star":
    time.sleep(0.1)
time.sleep(1)
"""
CELLS = (EDITOR, EDIT, STUDIO, DRAW.replace("{", "{{").replace("}", "}}"))
NOT_FOUND = "Error displaying widget"


def shot(page: Page, name: str) -> None:
    folder = os.environ.get("ZIMG_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def end_kernels(lab: str) -> None:
    with urllib.request.urlopen(f"{lab}/api/sessions", timeout=30) as answer:
        sessions = json.loads(answer.read())
    for session in sessions:
        address = f"{lab}/api/sessions/{session['id']}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE"), timeout=30)


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea").first


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.nightly)])
def test_a_reopened_notebook_shows_the_last_results_and_no_error(
    browser: Browser, lab: str, tmp_path: Path, language: str
) -> None:
    path = notebooks.write(tmp_path, NAME, *(one.format(language=language) for one in CELLS))
    with watched_page(browser) as page:
        notebooks.open_in(page, lab, NAME)
        for number in range(len(CELLS)):
            notebooks.run(page, number)
        for number, live in ((0, ".zimg-editor"), (1, ".zimg-compare-stage"), (2, ".zimg-studio")):
            expect(cell(page, number).locator(live)).to_be_visible()
            expect(cell(page, number).locator(".zimg-static")).to_have_count(1)
            expect(cell(page, number).locator(".zimg-static")).to_be_hidden()
        notebooks.save(page, path)
    end_kernels(lab)

    context = browser.new_context(viewport={"width": 1280, "height": 2400})
    page = context.new_page()
    page.goto(f"{lab}/lab/tree/{NAME}?reset")
    notebooks.wait_until_idle(page)
    for number, pictures in ((0, 2), (1, 2), (2, 1)):
        static = cell(page, number).locator(".zimg-static")
        expect(static).to_be_visible()
        expect(static.locator("img")).to_have_count(pictures)
        expect(cell(page, number).get_by_text(NOT_FOUND)).to_be_hidden()
    shot(page, f"reopened_{language}")
    # A cell that runs again hides its own saved form, and only that.
    notebooks.run(page, 0)
    expect(cell(page, 0).locator(".zimg-editor")).to_be_visible()
    expect(cell(page, 0).locator(".zimg-static")).to_be_hidden()
    expect(cell(page, 1).locator(".zimg-static")).to_be_visible()
    context.close()


def test_html_that_is_read_offline_shows_the_last_results(
    browser: Browser, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    sources = [one.format(language="en") for one in CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in sources])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    NotebookClient(notebook, timeout=300, store_widget_state=True).execute()
    assert "widgets" in notebook.metadata
    with subtests.test("saved with the widgets' state"):
        shows_the_last_results(browser, tmp_path, notebook)
    del notebook.metadata["widgets"]
    with subtests.test("saved without it"):
        shows_the_last_results(browser, tmp_path, notebook)


def shows_the_last_results(
    browser: Browser, tmp_path: Path, notebook: nbformat.NotebookNode
) -> None:
    html, _ = HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "static.html").write_text(html)
    context = browser.new_context(viewport={"width": 1280, "height": 2400}, offline=True)
    page = context.new_page()
    page.goto((tmp_path / "static.html").as_uri())
    static = page.locator(".zimg-static")
    expect(static).to_have_count(3)
    for number, pictures in enumerate((2, 2, 1)):
        expect(static.nth(number)).to_be_visible()
        expect(static.nth(number).locator("img")).to_have_count(pictures)
    shot(page, "offline")
    context.close()
