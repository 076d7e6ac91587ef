"""The form of a request in a real JupyterLab: typing, sizes, guidance, seed, keyboard, themes.

JupyterLab is opened once for all of it; each part begins with a new form.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from ui import notebooks
from ui.harness import wait_for
from zimg_kernel import GenerationParams
from zimg_widgets._shared.commands import runnable

pytestmark = [pytest.mark.ui, pytest.mark.slow]

NAME = "form.ipynb"
MAKE = """
import time
from zimg_kernel import BadInput, GenerationParams
from zimg_widgets import ParamsForm

sent = []

def submit(form):
    try:
        sent.append(form.params())
    except BadInput as problem:
        form.problem = str(problem)

form = ParamsForm(language="{language}")
form.on_submit(submit)
form
"""
ASK = "print(form.params().to_json() if form.prompt.value else 'no prompt')"
SENT = "print(sent[-1].to_json() if sent else 'nothing')"
RESTORE = """
form.set(GenerationParams(
    prompt='a star', model='nano-base', negative_prompt='red', width=336, height=256, steps=9,
    guidance=1.5, seed=2**63 + 1, count=3, sampler='lcm', sigmas='beta', shift=2.5,
    cfg_normalization=True, cfg_truncation=0.5,
))
"""
PROBLEM = "form.problem = 'Too much & more.'"
OWN_SIZE = "form.size.control.label = 'own size'"
BUSY = """
end = time.monotonic() + 120
while not form.seed.control.value and time.monotonic() < end:
    time.sleep(0.05)
print('heard' if form.seed.control.value else 'not heard')
"""
FULL = """
form.prompt.value = 'a red circle above a blue square'
form.model.control.value = 'nano-base'; form.size.control.label = 'own size'
form.size.width.value = 250; form.seed.dice.click()
"""
REFUSED = "form.model.control.value = 'z-image-turbo'; form.problem = '提示词是空的。'"
CELLS = (ASK, SENT, RESTORE, PROBLEM, OWN_SIZE, BUSY, FULL, REFUSED)


def open_in(page: Page, lab: str, tmp_path: Path, language: str) -> None:
    """Open the notebook with the form's cell and those that ask and set it."""
    notebooks.write(tmp_path, NAME, MAKE.replace("{language}", language), *CELLS)
    notebooks.open_in(page, lab, NAME)


def run(page: Page, cell: str) -> str:
    """Run one of the cells after the form's and return what it printed."""
    return notebooks.run(page, 1 + CELLS.index(cell))


def new_form(page: Page) -> Locator:
    """Run the cell that shows a form and return the form."""
    notebooks.run(page, 0)
    form = page.locator(".zimg-form")
    expect(form.locator(".zimg-disclosure")).to_be_visible()
    expect(form.locator("textarea")).to_have_count(2)
    return form


def kernel_params(page: Page) -> GenerationParams:
    """Return the parameters of the form in the kernel."""
    # What was typed reaches the kernel beside the cells, and may come after this one.
    return GenerationParams.from_json(wait_for(lambda: run(page, ASK).replace("no prompt", "")))


def number_field(form: Locator, name: str) -> Locator:
    return form.get_by_role("spinbutton", name=name, exact=True)


def choose_model(form: Locator, title: str) -> None:
    form.get_by_role("combobox", name="Model").select_option(label=title)


def what_is_typed_is_what_is_sent(page: Page, form: Locator) -> None:
    choose_model(form, "Z-Image miniature, base")
    steps = number_field(form, "Steps")
    expect(steps).to_have_value("20")
    steps.fill("500")
    steps.press("Tab")
    expect(steps).to_have_value("200")
    expect(form.get_by_text("Set from 500 to 200: it lies between 1 and 200.")).to_be_visible()
    steps.fill("12")
    number_field(form, "Guidance").fill("3.5")
    number_field(form, "Pictures").fill("2")
    size = form.get_by_role("combobox", name="Size")
    size.select_option(label="256 × 192")
    form.get_by_role("button", name="Swap").click()
    expect(size).to_have_value("192 × 256")
    form.get_by_role("textbox", name="Negative prompt").fill("red")
    form.get_by_role("textbox", name="Seed").fill("18446744073709551615")
    prompt = form.get_by_role("textbox", name="Prompt", exact=True)
    prompt.fill("一个蓝色的圆")
    prompt.press("Control+Enter")
    expected = GenerationParams(
        model="nano-base", prompt="一个蓝色的圆", negative_prompt="red", width=192, height=256,
        steps=12, guidance=3.5, seed=2**64 - 1, count=2,
    )  # fmt: skip
    expect(form.get_by_role("checkbox", name="Keep this seed")).to_be_checked()
    # The key is handled beside the cell that asks for its effect, and may come after it.
    sent = wait_for(lambda: run(page, SENT).replace("nothing", ""))
    assert GenerationParams.from_json(sent) == expected


def an_own_size_is_snapped_when_left(page: Page, form: Locator) -> None:
    form.get_by_role("textbox", name="Prompt", exact=True).fill("x")
    choose_model(form, "Z-Image miniature, Turbo")
    expect(number_field(form, "Width")).to_be_hidden()
    form.get_by_role("combobox", name="Size").select_option(label="own size")
    expect(form.get_by_role("combobox", name="Size").locator("option:checked")).to_have_text(
        "own size"
    )
    number_field(form, "Width").fill("250")
    number_field(form, "Height").fill("5000")
    expect(number_field(form, "Width")).to_have_value("256")
    note = form.get_by_text("Set from 250 to 256 px: sides are multiples of 16")
    expect(note).to_be_visible()
    number_field(form, "Height").press("Tab")
    expect(number_field(form, "Height")).to_have_value("384")
    expect(form.get_by_text("Set from 5000 to 384 px")).to_be_visible()
    form.get_by_role("button", name="Swap").click()
    expect(number_field(form, "Width")).to_have_value("384")
    params = kernel_params(page)
    assert (params.width, params.height) == (384, 256)


def guidance_is_off_with_the_reason_tied_to_it(page: Page, form: Locator) -> None:
    guidance = number_field(form, "Guidance")
    negative = form.get_by_role("textbox", name="Negative prompt")
    choose_model(form, "Z-Image miniature, base")
    expect(guidance).to_be_enabled()
    expect(negative).to_be_enabled()
    choose_model(form, "Z-Image miniature, Turbo")
    reason = "Z-Image miniature, Turbo is made to run without guidance."
    for control in (guidance, negative):
        expect(control).to_be_disabled()
        expect(control).to_have_accessible_description(reason)
    expect(guidance).to_have_value("0")
    choose_model(form, "Z-Image base – not here")
    expect(guidance).to_have_value("4")
    model = form.get_by_role("combobox", name="Model")
    expect(model).to_have_accessible_description(
        "Z-Image base is not on this machine; get it in a terminal with: "
        + runnable("zimg pull z-image")
    )


def seeds_are_drawn_kept_and_let_go(page: Page, form: Locator) -> None:
    form.get_by_role("textbox", name="Prompt", exact=True).fill("x")
    seed = form.get_by_role("textbox", name="Seed")
    lock = form.get_by_role("checkbox", name="Keep this seed")
    assert kernel_params(page).seed == -1
    form.get_by_role("button", name="New seed").click()
    expect(lock).to_be_checked()
    expect(seed).not_to_have_value("")
    first = seed.input_value()
    assert kernel_params(page).seed == int(first)
    form.get_by_role("button", name="New seed").click()
    expect(seed).not_to_have_value(first)
    lock.uncheck()
    assert kernel_params(page).seed == -1
    seed.fill("seven")
    seed.press("Tab")
    expect(seed).to_have_accessible_description(re.compile("take a whole number from 0 to"))


def a_picture_is_restored_and_a_problem_is_said(page: Page, form: Locator) -> None:
    run(page, RESTORE)
    values = {"Width": "336", "Height": "256", "Steps": "9", "Guidance": "1.5", "Pictures": "3"}
    for name, value in values.items():
        expect(number_field(form, name)).to_have_value(value)
    expect(form.get_by_role("textbox", name="Seed")).to_have_value("9223372036854775809")
    expect(form.get_by_role("checkbox", name="Keep this seed")).to_be_checked()
    form.get_by_role("button", name="More").click()
    expect(form.get_by_role("combobox", name="Sampler")).to_have_value("lcm")
    expect(form.get_by_role("textbox", name="Shift")).to_have_value("2.5")
    expect(form.get_by_role("checkbox", name="Normalize guidance")).to_be_checked()
    expect(number_field(form, "Guidance up to")).to_have_value("0.5")
    alert = form.get_by_role("alert")
    expect(alert).to_be_hidden()
    run(page, PROBLEM)
    expect(alert).to_have_text("Too much & more.")
    number_field(form, "Steps").fill("10")
    number_field(form, "Steps").press("Tab")
    expect(alert).to_be_hidden()


def focused(page: Page) -> str:
    """Return the label, or else the text, of the focused element."""
    return str(
        page.evaluate(
            """() => {
              const e = document.activeElement;
              const label = e.labels?.[0]?.textContent || e.textContent;
              return label.trim();
            }"""
        )
    )


def the_keyboard_alone_reaches_everything(page: Page, form: Locator) -> None:
    ran = page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt").inner_text()
    prompt = form.get_by_role("textbox", name="Prompt", exact=True)
    prompt.focus()
    page.keyboard.type("a star")
    page.keyboard.press("Tab")
    # Letters and arrows choose in the list; none of them is a command of the notebook.
    page.keyboard.type("Z-Image miniature, b")
    expect(number_field(form, "Steps")).to_have_value("20")
    page.keyboard.press("Tab")
    page.keyboard.press("End")  # own size
    expect(number_field(form, "Width")).to_be_visible()
    reached = [focused(page)]
    rings = {}
    for _ in range(11):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        style = "getComputedStyle(document.activeElement).outline"
        rings[reached[-1]] = "solid 2px" in page.evaluate(style)
    assert reached == [
        "Size", "⇄ Swap", "Width", "Height", "Steps", "Pictures", "Guidance", "Negative prompt",
        "Seed", "New seed", "Keep this seed", "More",
    ]  # fmt: skip
    assert [name for name, ring in rings.items() if not ring] == []
    page.keyboard.press("Enter")
    expect(form.get_by_role("button", name="More")).to_have_attribute("aria-expanded", "true")
    names = ["Sampler", "Sigmas", "Shift", "Normalize guidance", "Guidance up to"]
    for name in names:
        page.keyboard.press("Tab")
        assert focused(page) == name
    for _ in names:
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(form.get_by_role("combobox", name="Sampler")).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")  # keep the seed
    expect(form.get_by_role("textbox", name="Seed")).not_to_have_value("")
    page.keyboard.press("Shift+Tab")
    before = form.get_by_role("textbox", name="Seed").input_value()
    page.keyboard.press("Enter")  # draw another
    expect(form.get_by_role("textbox", name="Seed")).not_to_have_value(before)
    expect(page.locator(".jp-CodeCell")).to_have_count(1 + len(CELLS))
    expect(page.locator(".jp-CodeCell").first.locator(".jp-InputPrompt")).to_have_text(ran)


def every_control_has_a_visible_label_of_its_own(page: Page, form: Locator) -> None:
    run(page, OWN_SIZE)
    form.get_by_role("button", name="More").click()
    expect(number_field(form, "Width")).to_be_visible()
    found = form.locator("input, select, textarea").evaluate_all(
        """all => all.map(e => {
          const label = [...e.labels].find(l => l.textContent.trim() && l.offsetWidth > 0);
          return label ? label.textContent.trim() : `NONE: ${e.outerHTML}`;
        })"""
    )
    assert sorted(found) == sorted([
        "Prompt", "Model", "Size", "Width", "Height", "Steps", "Pictures", "Guidance",
        "Negative prompt", "Seed", "Keep this seed", "Sampler", "Sigmas", "Shift",
        "Normalize guidance", "Guidance up to", "Prompt noise", "LoRA",
    ])  # fmt: skip
    assert form.locator("button").all_inner_texts() == ["⇄ Swap", "New seed", "More"]


def it_answers_while_a_cell_runs(page: Page, form: Locator) -> None:
    number_of_cell = 1 + CELLS.index(BUSY)
    notebooks.start(page, number_of_cell)
    prompt = page.locator(".jp-CodeCell").nth(number_of_cell).locator(".jp-InputPrompt")
    expect(prompt).to_have_text("[*]:")
    choose_model(form, "Z-Image miniature, base")
    expect(number_field(form, "Steps")).to_have_value("20")
    form.get_by_role("button", name="New seed").click()
    expect(form.get_by_role("textbox", name="Seed")).not_to_have_value("")
    expect(prompt).not_to_have_text("[*]:", timeout=180_000)
    outputs = page.locator(".jp-CodeCell").nth(number_of_cell).locator(".jp-OutputArea-output")
    expect(outputs).to_have_text("heard")


def it_fits_wide_and_narrow_cells(page: Page, form: Locator, tmp_path: Path, name: str) -> None:
    form.locator(".zimg-disclosure").click()
    expect(form.locator(".zimg-more")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 1500})
    form.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=tmp_path / f"form_{name}.png")
    # 320 px for the form itself.
    form.evaluate("e => (e.style.width = '320px')")
    page.wait_for_timeout(300)
    scroll, client = form.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert client == 320
    assert scroll <= client
    over = form.evaluate(
        """form => [...form.querySelectorAll('input, select, textarea, button')]
        .filter(e => e.getBoundingClientRect().right > form.getBoundingClientRect().right + 0.5)
        .map(e => e.outerHTML)"""
    )
    assert over == []
    form.screenshot(path=tmp_path / f"form_narrow_{name}.png")


def test_a_form_in_a_notebook(
    page: Page, lab: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    open_in(page, lab, tmp_path, "en")
    for part in (
        what_is_typed_is_what_is_sent,
        an_own_size_is_snapped_when_left,
        guidance_is_off_with_the_reason_tied_to_it,
        seeds_are_drawn_kept_and_let_go,
        a_picture_is_restored_and_a_problem_is_said,
        the_keyboard_alone_reaches_everything,
        every_control_has_a_visible_label_of_its_own,
        it_answers_while_a_cell_runs,
    ):
        with subtests.test(part.__name__):
            part(page, new_form(page))
    form = new_form(page)
    run(page, FULL)
    it_fits_wide_and_narrow_cells(page, form, tmp_path, "light_en")


def test_a_dark_form_in_chinese(page: Page, lab: str, tmp_path: Path) -> None:
    folder = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    (folder / "themes.jupyterlab-settings").write_text('{"theme": "JupyterLab Dark"}')
    open_in(page, lab, tmp_path, "zh")
    form = new_form(page)
    run(page, REFUSED)
    it_fits_wide_and_narrow_cells(page, form, tmp_path, "dark_zh")
