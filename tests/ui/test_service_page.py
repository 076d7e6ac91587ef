"""The page of ``zimg serve``: a prompt becomes a picture in the gallery, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from service.running import RunningService
from ui import axe

pytestmark = pytest.mark.ui


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("page"), tokens=("alice",)) as running:
        # Else the first picture imports torch, which a busy machine takes long for.
        running.context.engine.run(lambda model, stop: None).result(300)
        yield running


def test_a_form_that_is_sent_before_the_models_are_known_ends_with_done_and_a_warning(
    browser: Browser, service: RunningService
) -> None:
    with _page(browser, "en-GB") as page:  # the service's first picture: its warning is told once
        page.route("**/v1/models", lambda route: None)  # never answered
        page.goto(f"{service.url}/t/{service.token}/")
        page.locator("#prompt").fill("a blue square")
        page.get_by_role("button", name="Draw", exact=True).click()
        said = re.compile("^Done. Drawing with the built-in miniature")
        expect(page.locator("#said")).to_have_text(said, timeout=120_000)


@pytest.mark.parametrize(
    ("language", "prompt", "draw", "done", "failed"),
    [
        ("en-GB", "a red circle", "Draw", "Done.", "Failed: "),
        ("zh-CN", "红色的圆", "生成", "完成。", "失败："),
    ],
)
def test_a_prompt_becomes_a_picture_in_the_gallery(
    browser: Browser, service: RunningService, language: str, prompt: str, draw: str, done: str,
    failed: str,
) -> None:  # fmt: skip
    with _page(browser, language) as page:
        page.goto(f"{service.url}/t/{service.token}/")
        button = page.get_by_role("button", name=draw, exact=True)
        expect(page.locator("#total")).not_to_be_empty()  # the gallery was looked at
        before = page.locator("#pictures li").count()
        page.locator("#prompt").fill(prompt)
        page.evaluate(
            """() => {
                window.previews = 0;
                new MutationObserver(() => {
                    window.previews += document.getElementById("picture").src.startsWith("data:");
                }).observe(document.getElementById("picture"), { attributeFilter: ["src"] });
            }"""
        )
        button.click()
        expect(page.locator("#said")).to_contain_text(done, timeout=120_000)
        assert page.evaluate("() => window.previews") > 0
        expect(page.locator("#picture")).to_have_attribute("src", re.compile("/static/"))
        expect(page.locator("#pictures li")).to_have_count(before + 1)
        assert axe.faults(page, "body") == []
        page.locator("#pictures button").first.click()
        expect(page.locator("#parameters")).to_contain_text(prompt)
        page.keyboard.press("Escape")
        page.locator("#prompt").fill("xyzzy")
        button.click()
        expect(page.locator("#said")).to_contain_text(failed)
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390


@contextmanager
def _page(browser: Browser, language: str) -> Iterator[Page]:
    """Open a page of a visitor of a language; its scripts must not fail."""
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
