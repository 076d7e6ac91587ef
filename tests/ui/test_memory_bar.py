"""Memory bar: values that change, and no readings while the page does not show it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks
from ui.harness import WidgetPage, wait_for
from zimg_widgets.memory import widget as memory
from zimg_widgets.memory.widget import MemoryBar, Reading

pytestmark = [pytest.mark.ui, pytest.mark.slow]

HIDE = """hidden => {
  Object.defineProperty(document, "visibilityState",
    { configurable: true, get: () => (hidden ? "hidden" : "visible") });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def bar(widget_page: WidgetPage) -> Iterator[MemoryBar]:
    bar = MemoryBar(interval=0.2, language="en")
    widget_page.show(bar)
    yield bar
    bar.close()


@pytest.fixture
def meter(widget_page: WidgetPage, bar: MemoryBar) -> Locator:
    meter = widget_page.page.get_by_role("meter", name="RAM")
    expect(meter).to_be_visible()
    return meter


def value(meter: Locator, name: str) -> float:
    return float(meter.get_attribute(f"aria-value{name}") or "nan")


def threads() -> int:
    return sum(thread.name == "zimg-memory" for thread in threading.enumerate())


def test_its_numbers_change_and_are_said(
    widget_page: WidgetPage, meter: Locator, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = widget_page.page
    [real] = [reading for reading in memory.read_memory() if reading.name == "RAM"]
    assert 0 == value(meter, "min") < value(meter, "now") < value(meter, "max")
    more = Reading("RAM", real.own + 600_000_000, real.used + 600_000_000, real.total)
    before, own = value(meter, "now"), page.locator(".zimg-memory-part-own").inner_text()
    monkeypatch.setattr(memory, "read_memory", lambda: [more])
    expect(page.locator(".zimg-memory-part-own")).not_to_have_text(own)
    wait_for(lambda: value(meter, "now") > before + 0.3)
    text = meter.get_attribute("aria-valuetext") or ""
    assert text.startswith(page.locator(".zimg-memory-label").inner_text())
    assert " GB, this process " in text
    expect(page.locator(".zimg-memory-stale")).to_be_empty()


def test_it_rests_while_nobody_can_see_it(
    widget_page: WidgetPage, bar: MemoryBar, meter: Locator
) -> None:
    page = widget_page.page
    wait_for(lambda: (bar.watched, threads()), (True, 1))
    page.evaluate(HIDE, True)
    wait_for(lambda: (bar.watched, threads()), (False, 0))
    page.evaluate(HIDE, False)
    wait_for(lambda: (bar.watched, threads()), (True, 1))

    # Scrolled out of sight is as good as hidden, and no answer is missed there.
    page.evaluate("document.body.style.paddingBottom = '5000px'; scrollTo(0, 5000)")
    expect(meter).not_to_be_in_viewport()
    wait_for(lambda: (bar.watched, threads()), (False, 0))
    last = meter.get_attribute("aria-valuetext")
    page.wait_for_timeout(6000)  # longer than the 5 s after which a missing answer is said
    assert meter.get_attribute("aria-valuetext") == last
    expect(page.locator(".zimg-memory-stale")).to_be_empty()


def test_readings_that_stay_away_are_said(
    widget_page: WidgetPage, meter: Locator, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()

    def stuck() -> list[Reading]:
        end.wait(60)
        return []

    monkeypatch.setattr(memory, "read_memory", stuck)
    stale = widget_page.page.locator(".zimg-memory-stale")
    expect(stale).to_have_text("no answer from the kernel")
    end.set()


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "zh")])
def test_it_fits_both_themes(
    widget_page: WidgetPage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    theme: str,
    language: str,
) -> None:
    page = widget_page.page
    readings = [
        Reading("GPU 0", int(21.4e9), int(23.1e9), int(80e9)),
        Reading("GPU 1", 0, int(61.7e9), int(80e9)),
        Reading("RAM", int(3.1e9), int(14.2e9), int(64e9)),
    ]
    monkeypatch.setattr(memory, "read_memory", lambda: readings)
    widget_page.use_theme(theme)
    bar = MemoryBar(language=language)
    area = widget_page.show(bar)
    expect(page.get_by_role("meter")).to_have_count(3)
    assert axe.faults(page, ".zimg-memory") == []
    for width in (1280, 520, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        scroll, client = area.locator(".zimg-memory").evaluate(
            "e => [e.scrollWidth, e.clientWidth]"
        )
        assert scroll <= client
        page.screenshot(path=tmp_path / f"memory_{theme}_{width}.png")
    bar.close()


SHOW = 'from zimg_widgets import MemoryBar\nbar = MemoryBar(interval=0.5, language="en")\nbar'
ASK = "import threading; bar.watched, sum(t.name == 'zimg-memory' for t in threading.enumerate())"


def test_in_a_notebook_it_rests_when_scrolled_out_of_sight(
    page: Page, lab: str, tmp_path: Path
) -> None:
    notebooks.write(tmp_path, "memory.ipynb", SHOW, ASK, *["1"] * 30, ASK)
    notebooks.open_in(page, lab, "memory.ipynb")
    notebooks.run(page, 0)
    meter = page.get_by_role("meter", name="RAM")
    expect(meter).to_be_visible()
    assert notebooks.run(page, 1) == "(True, 1)"
    page.locator(".jp-CodeCell").last.scroll_into_view_if_needed()
    expect(meter).not_to_be_in_viewport()
    page.wait_for_timeout(1000)
    assert notebooks.run(page, 32) == "(False, 0)"
