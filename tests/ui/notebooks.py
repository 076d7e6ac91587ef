"""Small notebooks for the browser: written, opened and run cell by cell, as a user does."""

from __future__ import annotations

from pathlib import Path

import nbformat
from playwright.sync_api import Page, expect

from ui.harness import wait_for

_KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def write(tmp_path: Path, name: str, *cells: str) -> Path:
    """Put a notebook with these cells into the folder that the ``lab`` fixture serves."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata.kernelspec = _KERNEL
    path = tmp_path / "notebooks" / name
    nbformat.write(notebook, path)
    return path


def open_in(page: Page, lab: str, name: str) -> None:
    """Open a notebook and wait for its kernel."""
    page.goto(f"{lab}/lab/tree/{name}?reset")
    wait_until_idle(page)


def wait_until_idle(page: Page) -> None:
    """Wait for the notebook to be there and its kernel to be ready, also after a reload."""
    expect(page.locator(".jp-Notebook")).to_be_visible(timeout=120_000)
    status = page.locator("#jp-bottom-panel").get_by_text("Python 3 (ipykernel) | Idle")
    expect(status).to_be_visible(timeout=120_000)


def save(page: Page, path: Path) -> None:
    """Save the notebook and wait until it is on the disk as the page shows it."""
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    wait_for(lambda: path.stat().st_mtime_ns > before)
    page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")


def start(page: Page, number: int) -> None:
    """Start a cell (from 0) without waiting for its end."""
    page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")


def run(page: Page, number: int) -> str:
    """Run a cell and return what it printed."""
    cell = page.locator(".jp-CodeCell").nth(number)
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    start(page, number)
    expect(prompt).not_to_have_text(before)
    expect(prompt).not_to_have_text("[*]:", timeout=120_000)
    outputs = cell.locator(".jp-OutputArea-output")
    return "\n".join(outputs.all_inner_texts()).strip()
