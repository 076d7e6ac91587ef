"""The Studio in both themes and languages: checked with axe-core, narrow, and photographed.

``ZIMG_SCREENSHOTS=folder`` keeps the photographs that the README shows.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from ui import axe, notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

PROMPTS = {
    "en": ["neon art of a city with falling rain at night", "four green hexagons"],
    "zh": ["水墨画：远山，湖上有一叶扁舟", "一块招牌，上面写着“春夏秋冬”"],
}
MAKE = """
from zimg_widgets import Studio

studio = Studio({{"prompt": "{prompt}", "model": "nano-turbo", "seed": 1}}, language="{language}")
studio
"""
WORDS = {
    "en": {
        "studio": "Studio",
        "prompt": "Prompt",
        "generate": "Generate",
        "more": "More",
        "gallery": "Gallery",
    },
    "zh": {
        "studio": "工作室",
        "prompt": "提示词",
        "generate": "生成",
        "more": "更多",
        "gallery": "图库",
    },
}


def keep(page: Page, name: str, tmp_path: Path) -> None:
    """Photograph the Studio; small enough for the README."""
    folder = Path(os.environ.get("ZIMG_SCREENSHOTS") or tmp_path)
    path = folder / name
    page.locator(".zimg-studio").screenshot(path=path)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(
            256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    small.save(path, optimize=True)
    assert path.stat().st_size < 250_000


# Each theme and each language once, the second look at night (test_studio.py uses it); all four
# where pictures of them are wanted.
LOOKS = [("Dark", "zh"), pytest.param("Light", "en", marks=pytest.mark.nightly)]
if os.environ.get("ZIMG_SCREENSHOTS"):
    LOOKS += [("Light", "zh"), ("Dark", "en")]


@pytest.mark.parametrize(("theme", "language"), LOOKS)
def test_everybody_can_use_it(
    page: Page, lab: str, tmp_path: Path, theme: str, language: str
) -> None:
    folder = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab" / "apputils-extension"
    (folder / "themes.jupyterlab-settings").write_text(f'{{"theme": "JupyterLab {theme}"}}')
    word = WORDS[language]
    first, second = PROMPTS[language]
    notebooks.write(tmp_path, "looks.ipynb", MAKE.format(prompt=second, language=language))
    page.set_viewport_size({"width": 1440, "height": 1300})
    notebooks.open_in(page, lab, "looks.ipynb")
    page.keyboard.press("Control+b")  # without the list of files
    notebooks.run(page, 0)
    studio = page.get_by_role("region", name=word["studio"])
    prompt = studio.get_by_role("textbox", name=word["prompt"], exact=True)
    generate = studio.get_by_role("button", name=word["generate"], exact=True)
    prompt.fill("")
    generate.click()  # the sentence that refuses it is checked too
    alert = studio.get_by_role("alert").filter(visible=True)
    expect(alert).to_have_count(1)
    assert axe.faults(page, ".zimg-studio") == []
    for number, words in enumerate((second, first), 1):
        prompt.fill(words)
        generate.click()
        expect(studio.locator(".zimg-results-button")).to_have_count(number, timeout=120_000)
    expect(studio.locator(".zimg-queue-row")).to_have_count(0)
    expect(alert).to_have_count(0)
    prompt.focus()
    page.wait_for_timeout(500)  # colours fade in
    keep(page, f"studio_{language}_{theme}.png".lower(), tmp_path)
    for heading in (word["more"], word["gallery"]):
        studio.locator(".zimg-disclosure").filter(has_text=heading).click()
    expect(studio.locator(".zimg-gallery [role=option] img")).to_have_count(2)
    studio.locator(".zimg-stage-facts summary").click()
    page.wait_for_timeout(500)
    assert axe.faults(page, ".zimg-studio") == []
    studio.evaluate("e => (e.style.width = '340px')")
    page.wait_for_timeout(300)
    over = studio.evaluate(
        """root => [...root.querySelectorAll('input, select, textarea, button, img')]
        .filter(e => e.offsetParent && !e.closest('.zimg-results-list'))
        .filter(e => e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
        .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert over == []
    page.set_viewport_size({"width": 1440, "height": 2600})
    page.wait_for_timeout(500)
    keep(page, f"studio_narrow_{language}_{theme}.png".lower(), tmp_path)
