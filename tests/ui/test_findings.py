"""Findings under a prompt: as one types, with their fixes, read aloud, and for other models."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_widgets import check_prompt

pytestmark = [pytest.mark.ui, pytest.mark.slow]

# From the key to the list in the page, in the page's own clock.
WATCH = """field => {
  const box = field.closest('.zimg-prompt').querySelector('.zimg-findings');
  window.zimgTimes = []; let pressed = 0;
  field.addEventListener('input', () => { pressed = performance.now(); });
  new MutationObserver(() => {
    if (pressed) window.zimgTimes.push(performance.now() - pressed);
    pressed = 0;
  }).observe(box, { childList: true });
}"""


def show(widget_page: WidgetPage, language: str = "en") -> Locator:
    widget_page.show(check_prompt(model="z-image-turbo", language=language))
    box = widget_page.page.locator(".zimg-prompt")
    expect(box.locator("textarea")).to_be_visible()
    return box


def test_findings_appear_under_the_typed_words_and_are_mended(widget_page: WidgetPage) -> None:
    prompt = check_prompt(model="z-image-turbo", language="en")
    widget_page.show(prompt)
    box = widget_page.page.locator(".zimg-prompt")
    field = box.locator("textarea")
    field.press_sequentially("😀 oak table, 8K")
    finding = box.get_by_role("listitem")
    expect(finding).to_have_count(1)
    expect(finding).to_contain_text("Warning: “8K” names nothing that can be drawn.")
    mark = box.locator(".zimg-mark")
    expect(mark).to_have_text("8K")
    field.press_sequentially(", (brass:1.2) lamp")
    expect(finding).to_have_count(2)
    expect(mark).to_have_text(["8K", "(brass:1.2)"])

    finding.nth(0).get_by_role("button", name="Show: (brass:1.2)").click()
    chosen = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert field.evaluate(chosen) == "(brass:1.2)"
    finding.nth(0).get_by_role("button", name="Fix: (brass:1.2)").press("Enter")
    expect(field).to_have_value("😀 oak table, 8K, brass lamp")
    expect(field).to_be_focused()
    expect(finding).to_have_count(1)
    finding.get_by_role("button", name="Fix: 8K").click()
    expect(field).to_have_value("😀 oak table, brass lamp")
    expect(finding).to_have_count(0)
    field.press("Control+z")
    expect(field).to_have_value("😀 oak table, 8K, brass lamp")
    expect(finding).to_have_count(1)
    wait_for(lambda: prompt.value, "😀 oak table, 8K, brass lamp")


def test_the_underline_lies_under_its_words(widget_page: WidgetPage) -> None:
    box = show(widget_page)
    field = box.locator("textarea")
    field.fill("oak table and wet slate in low side light, " * 8 + "8K, brass\n" * 3)
    mark = box.locator(".zimg-mark")
    expect(mark).to_have_count(3)
    sizes = "e => [e.scrollHeight, e.clientWidth]"
    behind = box.locator(".zimg-underlines-text")
    assert field.evaluate(sizes)[1] == behind.evaluate(sizes)[1]
    assert abs(field.evaluate(sizes)[0] - behind.evaluate(sizes)[0]) <= 2
    style = (
        "e => { const s = getComputedStyle(e); return [s.fontFamily, s.fontSize, s.lineHeight]; }"
    )
    assert field.evaluate(style) == behind.evaluate(style)
    field.evaluate("e => { e.scrollTop = 40; }")
    expect(behind).to_have_css("transform", "matrix(1, 0, 0, 1, 0, -40)")
    # What has changed is no longer underlined, what stands before it is.
    field.evaluate("e => e.setSelectionRange(e.value.length - 8, e.value.length)")
    widget_page.page.keyboard.type("x")
    expect(mark.first).to_have_text("8K")


def test_it_is_quick(widget_page: WidgetPage) -> None:
    box = show(widget_page)
    field = box.locator("textarea")
    field.evaluate(WATCH)
    for number in range(10):
        field.fill("")
        expect(box.get_by_role("listitem")).to_have_count(0)
        field.press_sequentially(f"oak table {number}, lamp light, masterpiece")
        expect(box.get_by_role("listitem")).to_have_count(1)
    times = sorted(widget_page.page.evaluate("window.zimgTimes"))
    median = statistics.median(times)
    print(f"\nfrom key to finding: median {median:.0f} ms, longest {times[-1]:.0f} ms")
    assert median < 2000  # 300 ms on a machine that does nothing else


def test_screen_readers_hear_how_many_and_axe_is_content(widget_page: WidgetPage) -> None:
    box = show(widget_page, "zh")
    box.locator("textarea").fill("杰作，(朱漆盒:1.3)，亚麻布")
    status = box.get_by_role("status")
    expect(status).to_have_text("提示词有 2 条意见")
    assert status.get_attribute("aria-live") == "polite"
    expect(box.get_by_role("listitem").first).to_contain_text("错误：")
    assert axe.faults(widget_page.page, ".zimg-prompt") == []


MAKE = """
from zimg_widgets import ParamsForm

form = ParamsForm(language="en")
form.model.show("z-image-turbo")
form
"""


def test_other_models_other_findings(page: Page, lab: str, tmp_path: Path) -> None:
    notebooks.write(tmp_path, "findings.ipynb", MAKE)
    notebooks.open_in(page, lab, "findings.ipynb")
    notebooks.run(page, 0)
    box = page.locator(".zimg-prompt").first
    box.locator("textarea").fill("a red circle")
    finding = box.get_by_role("listitem")
    expect(finding).to_contain_text("Hint: Nothing is said of material")
    model = page.get_by_role("combobox", name="Model")
    model.select_option(label="Z-Image miniature, Turbo")
    expect(finding).to_have_count(0)
