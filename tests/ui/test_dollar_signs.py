"""Prompts with dollar signs in a notebook: words, not formulas."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ui import notebooks

pytestmark = [pytest.mark.ui, pytest.mark.slow]

CODE = """
from IPython.display import HTML, display
from PIL import Image
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.images import GeneratedImages
params = GenerationParams(prompt="$5 coffee and $3 tea", width=64, height=64, seed=1)
picture = GeneratedImage(Image.new("RGB", (64, 64)), params)
gallery = Gallery()
path = gallery.add(picture)
display(HTML("<p>$x^2$</p>"), picture, GeneratedImages([picture]), gallery.lineage(path))
"""


def test_prices_are_no_formulas(page: Page, lab: str, tmp_path: Path) -> None:
    notebooks.write(tmp_path, "prices.ipynb", CODE)
    notebooks.open_in(page, lab, "prices.ipynb")
    shown = notebooks.run(page, 0)
    expect(page.locator("mjx-container")).to_have_count(1)  # the formula above the pictures
    assert shown.count("$5 coffee and $3 tea") == 2
