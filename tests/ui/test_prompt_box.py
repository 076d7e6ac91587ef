"""The box for prompts in a real JupyterLab: typing, sending, also while a cell runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ui import notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "prompt_box.ipynb"
MAKE = """
import time
from zimg_widgets.prompt_box.widget import PromptBox

heard = []
box = PromptBox("a red circle", language="en")
box.on_submit(lambda text: heard.append((time.monotonic(), text)))
box
"""
ASK = "print(heard[-1][1] if heard else 'nothing', '|', box.value)"
BUSY = "time.sleep(6); end = time.monotonic()"
WHEN = "print(len(heard), heard[-1][0] < end)"


@pytest.fixture
def field(page: Page, lab: str, tmp_path: Path):
    notebooks.write(tmp_path, NAME, MAKE, ASK, BUSY, WHEN)
    notebooks.open_in(page, lab, NAME)
    notebooks.run(page, 0)
    field = page.get_by_role("textbox", name="Prompt", exact=True)
    expect(field).to_have_value("a red circle")
    return field


def test_typing_reaches_python_and_ctrl_enter_sends(page: Page, field) -> None:
    field.fill("")
    field.press_sequentially("一只猫")
    field.press("Enter")
    field.press_sequentially("in the snow")
    expect(field).to_have_value("一只猫\nin the snow")
    assert notebooks.run(page, 1) == "nothing | 一只猫\nin the snow"
    field.click()
    field.press("Control+End")
    field.press_sequentially(", neon")
    field.press("Control+Enter")
    expect(field).to_have_value("一只猫\nin the snow, neon")  # sent, and no cell was run by it
    sent = "一只猫\nin the snow, neon"
    assert notebooks.run(page, 1) == f"{sent} | {sent}"


def test_sending_works_while_a_cell_runs(page: Page, field) -> None:
    notebooks.start(page, 2)
    expect(page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    field.click()
    field.press("Control+Enter")
    expect(page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")).to_have_text(
        "[2]:", timeout=20_000
    )
    assert notebooks.run(page, 3) == "1 True"


def test_the_keyboard_reaches_it_and_its_focus_shows(page: Page, field) -> None:
    field.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    assert field.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert field.evaluate("e => e.labels[0].textContent") == "Prompt"
