"""The Studio in a real JupyterLab: typing, drawing, cancelling, coming back.

JupyterLab is opened once for all of it; each part begins with a new Studio in the same kernel.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import axe, notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "studio.ipynb"
MAKE = """
from zimg_widgets import Studio

studio = Studio({"prompt": "a red circle", "model": "nano-turbo"}, language="en")
studio
"""
WHICH = """
import json
print(json.dumps([i.params.model_dump(include={"prompt", "seed", "steps"}) for i in studio.images]))
"""
# A cell that is busy until the job has ended: heard of beside the cell, it is cancelled by then.
BUSY = """
import time
end = time.monotonic() + 120
while not job.finished and time.monotonic() < end:
    time.sleep(0.05)
beside = job.status
"""
# What is reported between the wish to cancel and the end.
WATCH = """
from zimg_kernel.engine.events import Step
[job] = [request.job for request in studio._session.requests]
late = []
job.on_event(lambda e: late.append(e) if job.cancel_requested and isinstance(e, Step) else None)
print(20 + 22)
"""
LATE = "print(beside, len(late), len(job.images))"
LONG = "studio.use(studio.form.params().replace(model='nano-base', steps=200, seed=3))"


def show(page: Page) -> Locator:
    notebooks.run(page, 0)
    studio = page.get_by_role("region", name="Studio")
    expect(button(studio, "Generate")).to_be_visible()
    return studio


def button(studio: Locator, name: str) -> Locator:
    return studio.get_by_role("button", name=name, exact=True)


def prompt_of(studio: Locator) -> Locator:
    return studio.get_by_role("textbox", name="Prompt", exact=True)


def picture_of(studio: Locator) -> Locator:
    return studio.locator(".zimg-stage-image")


def results(page: Page) -> list[dict[str, object]]:
    return json.loads(notebooks.run(page, 1))


def what_is_typed_is_drawn_with_previews_on_the_way(page: Page, studio: Locator) -> None:
    prompt_of(studio).fill("a green star")
    image = picture_of(studio)
    image.evaluate(
        """e => { window.seen = new Set();
        new MutationObserver(() => window.seen.add(e.alt + '|' + e.src))
          .observe(e, {attributes: true}); }"""
    )
    button(studio, "Generate").click()
    expect(image).to_have_attribute("alt", "a green star", timeout=120_000)
    previews = page.evaluate("[...window.seen].filter(s => s.startsWith('Preview: ')).length")
    assert previews >= 1
    expect(studio.locator(".zimg-stage-caption")).to_contain_text("256×256 · 8 steps")
    drawn = results(page)[0]
    assert (drawn["prompt"], drawn["steps"]) == ("a green star", 8)
    assert studio.get_by_role("textbox", name="Seed").input_value() == str(drawn["seed"])


def a_long_run_is_cancelled_within_a_step_while_cells_run(page: Page, studio: Locator) -> None:
    notebooks.run(page, 4)
    before = results(page)
    button(studio, "Generate").click()
    status = studio.locator(".zimg-stage-status")
    expect(status).to_have_text(re.compile(r"Step \d+ of 200"), timeout=120_000)
    assert notebooks.run(page, 3) == "42"  # another cell runs meanwhile
    notebooks.start(page, 2)
    expect(page.locator(".jp-CodeCell").nth(2).locator(".jp-InputPrompt")).to_have_text("[*]:")
    button(studio, "Cancel").click()
    expect(status).to_have_text("Cancelled.")
    expect(button(studio, "Cancel")).to_be_disabled()
    status, steps, images = notebooks.run(page, 5).split()
    assert status == "cancelled"
    assert int(steps) <= 1
    assert int(images) == 0
    assert results(page) == before


def requests_queue_and_one_that_waits_is_cancelled(page: Page, studio: Locator) -> None:
    notebooks.run(page, 4)
    button(studio, "Generate").click()
    for words in ("a blue square", "a yellow heart"):
        prompt_of(studio).fill(words)
        button(studio, "Generate").click()
    rows = studio.locator(".zimg-queue-row")
    expect(rows).to_have_count(3)
    button(studio, "Cancel: a blue square").click()
    expect(rows).to_have_count(2)
    button(studio, "Cancel: a red circle").click()
    expect(rows).to_have_count(1, timeout=60_000)  # its model may be loading
    button(studio, "Cancel: a yellow heart").click()
    expect(rows).to_have_count(0)


def a_page_that_is_reloaded_in_a_run_finds_the_result(page: Page, studio: Locator) -> None:
    notebooks.run(page, 4)
    steps = studio.get_by_role("spinbutton", name="Steps")
    steps.fill("60")
    steps.press("Tab")
    button(studio, "Generate").click()
    expect(studio.locator(".zimg-stage-status")).to_contain_text("of 60", timeout=120_000)
    page.reload()
    notebooks.wait_until_idle(page)
    studio = show(page)
    expect(picture_of(studio)).to_have_attribute("alt", "a red circle", timeout=120_000)
    newest = results(page)[0]
    assert (newest["steps"], newest["seed"]) == (60, 3)


def what_a_restarted_kernel_left_is_offered_and_drawn(page: Page, studio: Locator) -> None:
    notebooks.run(page, 4)
    button(studio, "Generate").click()
    expect(studio.locator(".zimg-stage-status")).to_contain_text("of 200", timeout=120_000)
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel…").click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebooks.wait_until_idle(page)
    studio = show(page)
    offer = button(studio, "Draw: a red circle")
    expect(offer).to_be_visible(timeout=60_000)
    offer.focus()
    offer.press("Enter")
    expect(studio.locator(".zimg-stage-status")).to_contain_text("of 200", timeout=120_000)
    expect(offer).to_be_hidden()
    button(studio, "Cancel").click()
    expect(studio.locator(".zimg-stage-status")).to_have_text("Cancelled.")


def the_keyboard_is_enough(page: Page, studio: Locator) -> None:
    prompt = prompt_of(studio)
    before = studio.locator(".zimg-results-button").count()
    prompt.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("two blue hearts")
    page.keyboard.press("Control+Enter")
    expect(picture_of(studio)).to_have_attribute("alt", "two blue hearts", timeout=120_000)
    page.keyboard.press("Tab")
    expect(button(studio, "Generate")).to_be_focused()
    page.keyboard.press("Enter")
    expect(studio.locator(".zimg-results-button")).to_have_count(before + 2, timeout=60_000)
    expect(button(studio, "Download")).to_be_enabled()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
    assert {"Use these settings", "Download", "More"} <= seen
    assert page.locator(".jp-CodeCell").count() == 6  # no key was taken for a command


def what_cannot_be_done_is_said_on_the_form(page: Page, studio: Locator) -> None:
    prompt_of(studio).fill("")
    button(studio, "Generate").click()
    expect(studio.get_by_role("alert").filter(has_text="The prompt is empty")).to_be_visible()
    assert axe.faults(page, ".zimg-studio") == []
    prompt_of(studio).fill("熊猫")
    button(studio, "Generate").click()
    expect(studio.get_by_role("alert").filter(has_text="熊猫")).to_be_visible()


def settings_and_file_of_a_picture(page: Page, studio: Locator, tmp_path: Path) -> None:
    from zimg_kernel import GeneratedImage

    prompt_of(studio).fill("a purple ring")
    button(studio, "Generate").click()
    expect(picture_of(studio)).to_have_attribute("alt", "a purple ring", timeout=120_000)
    with page.expect_download() as download:
        button(studio, "Download").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    image = GeneratedImage.open(file)
    assert image.params.prompt == "a purple ring"
    assert image.memory_gb
    prompt_of(studio).fill("something else")
    button(studio, "Use these settings").click()
    expect(prompt_of(studio)).to_have_value("a purple ring")
    expect(studio.get_by_role("textbox", name="Seed")).to_have_value(str(image.seed))
    expect(studio.get_by_role("checkbox", name="Keep this seed")).to_be_checked()
    expect(studio).to_be_focused()  # the last thing that the button does


def a_dropped_picture_restores_its_settings(page: Page, studio: Locator, tmp_path: Path) -> None:
    from PIL import Image

    from zimg_kernel import GeneratedImage, GenerationParams

    params = GenerationParams(
        model="nano-base", prompt="一只橙色的猫", seed=2**63 + 5, steps=33, width=192, height=256
    )
    file = GeneratedImage(Image.new("RGB", (192, 256), "white"), params).save(tmp_path / "a.png")
    studio.locator("input[type=file]").first.set_input_files(file)
    expect(prompt_of(studio)).to_have_value("一只橙色的猫")
    expect(studio.get_by_role("textbox", name="Seed")).to_have_value(str(2**63 + 5))
    expect(studio.get_by_role("spinbutton", name="Steps")).to_have_value("33")
    assert (
        studio.get_by_label("Size").first.evaluate(
            "e => e.selectedOptions[0].textContent.replace(/\\s/g, ' ')"
        )
        == "192 × 256"
    )


def test_a_studio_in_a_notebook(
    page: Page, lab: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    notebooks.write(tmp_path, NAME, MAKE, WHICH, BUSY, WATCH, LONG, LATE)
    notebooks.open_in(page, lab, NAME)
    for part in (
        what_is_typed_is_drawn_with_previews_on_the_way,
        what_cannot_be_done_is_said_on_the_form,
        the_keyboard_is_enough,
        requests_queue_and_one_that_waits_is_cancelled,
        a_long_run_is_cancelled_within_a_step_while_cells_run,
        a_page_that_is_reloaded_in_a_run_finds_the_result,
    ):
        with subtests.test(part.__name__):
            part(page, show(page))
    for given in (settings_and_file_of_a_picture, a_dropped_picture_restores_its_settings):
        with subtests.test(given.__name__):
            given(page, show(page), tmp_path)
    what_a_restarted_kernel_left_is_offered_and_drawn(page, show(page))
