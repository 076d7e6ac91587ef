"""Prompt field: typing, sending, focus; in JupyterLab also while a cell runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_widgets import PromptBox

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture
def box(widget_page: WidgetPage) -> PromptBox:
    box = PromptBox("a red circle", language="en")
    widget_page.show(box)
    return box


@pytest.fixture
def field(widget_page: WidgetPage, box: PromptBox) -> Locator:
    return field_of(widget_page.page)


def field_of(page: Page) -> Locator:
    field = page.get_by_role("textbox", name="Prompt", exact=True)
    expect(field).to_have_value("a red circle")
    return field


def test_typing_reaches_python_and_ctrl_enter_sends(
    widget_page: WidgetPage, box: PromptBox, field: Locator
) -> None:
    sent: list[str] = []
    box.on_submit(sent.append)
    field.fill("")
    field.press_sequentially("一只猫")
    field.press("Enter")
    field.press_sequentially("in the snow")
    expect(field).to_have_value("一只猫\nin the snow")
    wait_for(lambda: box.value, "一只猫\nin the snow")
    assert sent == []
    field.click()
    field.press("Control+End")
    field.press_sequentially(", neon")
    field.press("Control+Enter")
    expect(field).to_have_value("一只猫\nin the snow, neon")
    wait_for(lambda: sent, ["一只猫\nin the snow, neon"])
    assert box.value == sent[0]
    assert widget_page.leaked_keys() == []


def test_the_keyboard_reaches_it_and_its_focus_shows(
    widget_page: WidgetPage, field: Locator
) -> None:
    page = widget_page.page
    field.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    assert field.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    assert field.evaluate("e => e.labels[0].textContent") == "Prompt"
    assert axe.faults(page, ".zimg-prompt") == []


MAKE = """
import time
from zimg_widgets import PromptBox

sent = []
box = PromptBox("a red circle", language="en")
box.on_submit(lambda text: sent.append((time.monotonic(), text)))
box
"""
BUSY = """
end = time.monotonic() + 120
while not sent and time.monotonic() < end:
    time.sleep(0.05)
time.sleep(1)  # were the key to run cells, too, it would say so by now
end = time.monotonic()
"""
WHEN = "print(len(sent), sent[-1][0] < end)"


def test_sending_works_while_a_cell_runs_and_runs_none(
    page: Page, lab: str, tmp_path: Path
) -> None:
    notebooks.write(tmp_path, "prompt_box.ipynb", MAKE, BUSY, WHEN)
    notebooks.open_in(page, lab, "prompt_box.ipynb")
    notebooks.run(page, 0)
    field = field_of(page)
    notebooks.start(page, 1)
    running = page.locator(".jp-CodeCell").nth(1).locator(".jp-InputPrompt")
    expect(running).to_have_text("[*]:")
    field.click()
    field.press("Control+Enter")
    expect(running).to_have_text("[2]:", timeout=120_000)
    expect(page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt")).to_have_text("[1]:")
    assert notebooks.run(page, 2) == "1 True"
