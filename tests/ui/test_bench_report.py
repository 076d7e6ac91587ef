"""The report of a benchmark as a page: it fits, can be read in both schemes, needs no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from experiments.bench.written_results import made
from ui import axe
from zimg_kernel.experiments.bench.report.report import BenchReport
from zimg_kernel.experiments.bench.result import Case

pytestmark = pytest.mark.ui


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 420])
def test_the_page(browser: Browser, tmp_path: Path, scheme: str, width: int) -> None:
    prompt = {"prompt": "一个很长的提示词" * 12}
    made(tmp_path, "latency", [Case(name="default", params=prompt)],
         {"turbo": [1.2], "a-model-with-quite-a-long-name": [4.8]})  # fmt: skip
    ladder = [Case(name=f"{side}x{side}") for side in range(512, 2560, 256)]
    made(tmp_path, "sizes", ladder, {"turbo": [1.0 * n for n in range(8)]}, rounds=2)
    page_file = BenchReport(tmp_path).to_html(tmp_path / "report.html")
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
    )
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert axe.faults(page, "body") == []
    dark = page.evaluate("getComputedStyle(document.querySelector('figure svg')).fill")
    assert dark == ("rgb(255, 255, 255)" if scheme == "dark" else "rgb(0, 0, 0)")
    pictures = page.locator("section img")
    assert pictures.count() > 4
    assert all(pictures.nth(n).evaluate("img => img.naturalWidth") > 0 for n in range(4))
    context.close()


def test_nothing_is_cut_on_paper(browser: Browser, tmp_path: Path) -> None:
    times = {f"a-model-with-quite-a-long-name-{n}": [4.8] for n in range(5)}
    made(tmp_path, "latency", [Case(name="default", params={"prompt": "a circle"})], times)
    made(tmp_path, "stability", [Case(name=f"{n:02}") for n in range(20)],
         {name: [1.0] * 20 for name in times}, rounds=1)  # fmt: skip
    page_file = BenchReport(tmp_path).to_html(tmp_path / "report.html")
    width = 718  # A4 less its margins
    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.emulate_media(media="print")
    page.goto(page_file.as_uri())
    beyond = """width => [...document.querySelectorAll("table, svg, img")]
        .filter(one => one.getBoundingClientRect().right > width + 1)
        .map(one => one.textContent.slice(0, 40))"""
    assert page.evaluate(beyond, width) == []
    page.close()
