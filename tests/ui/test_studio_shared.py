"""The Studio in a real JupyterLab whose kernels draw by the shared engine.

The parts are those of the Studio that draws in its kernel; what differs is that jobs go on
without the kernel that asked, and that every tab shows them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import surroundings
from ui import notebooks
from ui.conftest import watched_page
from ui.test_studio import (
    BUSY,
    LATE,
    LONG,
    MAKE,
    NAME,
    WATCH,
    WHICH,
    a_dropped_picture_restores_its_settings,
    a_long_run_is_cancelled_within_a_step_while_cells_run,
    a_page_that_is_reloaded_in_a_run_finds_the_result,
    button,
    prompt_of,
    requests_queue_and_one_that_waits_is_cancelled,
    settings_and_file_of_a_picture,
    show,
    the_keyboard_is_enough,
    what_cannot_be_done_is_said_on_the_form,
    what_is_typed_is_drawn_with_previews_on_the_way,
)

pytestmark = [pytest.mark.ui, pytest.mark.slow]

ENGINE = "import zimg_kernel; print(type(zimg_kernel.default_engine()).__name__)"
OTHER = "other.ipynb"


@pytest.fixture
def shared_lab(lab: str, server: tuple[str, Path]) -> Iterator[str]:
    """JupyterLab beside a shared engine of its kernels' home."""
    environment = surroundings.environment(server[1])

    def zimg(*words: str) -> None:
        command = [sys.executable, "-m", "zimg_kernel", *words]
        subprocess.run(command, env=environment, check=True, timeout=120)

    zimg("up", "--workers=1")
    try:
        yield lab
    finally:
        zimg("down")


@pytest.fixture
def studio_page(page: Page, shared_lab: str, tmp_path: Path) -> Page:
    """A notebook with the Studio's cells, in a kernel that uses the shared engine."""
    notebooks.write(tmp_path, NAME, MAKE, WHICH, BUSY, WATCH, LONG, LATE)
    notebooks.write(tmp_path, OTHER, MAKE, ENGINE)
    notebooks.open_in(page, shared_lab, NAME)
    return page


def status_of(studio: Locator) -> Locator:
    return studio.locator(".zimg-stage-status")


def another_tab_shows_what_runs_and_cancels_it(
    browser: Browser, page: Page, studio: Locator, lab: str
) -> None:
    notebooks.run(page, 4)
    prompt_of(studio).fill("a shared ring")
    button(studio, "Generate").click()
    expect(status_of(studio)).to_have_text(re.compile(r"Step \d+ of 200"), timeout=120_000)
    with watched_page(browser) as tab:
        notebooks.open_in(tab, lab, OTHER)
        other = show(tab)
        assert notebooks.run(tab, 1) == "ClusterEngine"
        expect(status_of(other)).to_have_text(re.compile(r"Step \d+ of 200"), timeout=60_000)
        button(other, "Cancel").click()
        expect(status_of(other)).to_have_text("Cancelled.")
    expect(status_of(studio)).to_have_text("Cancelled.")


def what_a_restarted_kernel_asked_for_goes_on(page: Page, studio: Locator) -> None:
    notebooks.run(page, 4)
    steps = studio.get_by_role("spinbutton", name="Steps")
    steps.fill("100")
    steps.press("Tab")
    prompt_of(studio).fill("a lasting star")
    button(studio, "Generate").click()
    expect(status_of(studio)).to_contain_text("of 100", timeout=120_000)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebooks.wait_until_idle(page)
    studio = show(page)
    picture = studio.get_by_role("img", name="a lasting star").first
    expect(picture).to_be_visible(timeout=120_000)


def test_a_studio_draws_by_the_shared_engine(
    browser: Browser, studio_page: Page, shared_lab: str, subtests: pytest.Subtests
) -> None:
    for part in (
        what_is_typed_is_drawn_with_previews_on_the_way,
        a_long_run_is_cancelled_within_a_step_while_cells_run,
        a_page_that_is_reloaded_in_a_run_finds_the_result,
    ):
        with subtests.test(part.__name__):
            part(studio_page, show(studio_page))
    another_tab_shows_what_runs_and_cancels_it(browser, studio_page, show(studio_page), shared_lab)


@pytest.mark.nightly
def test_all_of_a_studio_works_by_the_shared_engine(
    studio_page: Page, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for part in (
        what_cannot_be_done_is_said_on_the_form,
        the_keyboard_is_enough,
        requests_queue_and_one_that_waits_is_cancelled,
    ):
        with subtests.test(part.__name__):
            part(studio_page, show(studio_page))
    for given in (settings_and_file_of_a_picture, a_dropped_picture_restores_its_settings):
        with subtests.test(given.__name__):
            given(studio_page, show(studio_page), tmp_path)
    what_a_restarted_kernel_asked_for_goes_on(studio_page, show(studio_page))
