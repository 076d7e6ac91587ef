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
from zimg_kernel.experiments.grid import Grid
from zimg_kernel.images import GeneratedImages
from zimg_kernel.prompts import enhance, lint
prompt = "a red circle for $5 and a star for $3"
params = GenerationParams(prompt=prompt, seed=1)
picture = GeneratedImage(Image.new("RGB", (64, 64)), params)
gallery = Gallery()
path = gallery.add(picture)
fields = {"prompt": "a blue heart", "model": "nano-turbo", "steps": 1}
grid = Grid(fields, x={"prompt": [prompt, "a blue heart"]})
display(HTML("<p>$x^2$</p>"), picture, GeneratedImages([picture]), gallery.lineage(path))
display(lint(params.prompt), enhance(params.prompt, 1, model="nano-turbo"), grid)
"""


def test_prices_are_no_formulas(page: Page, lab: str, tmp_path: Path) -> None:
    notebooks.write(tmp_path, "prices.ipynb", CODE)
    notebooks.open_in(page, lab, "prices.ipynb")
    shown = notebooks.run(page, 0)
    expect(page.locator("mjx-container")).to_have_count(1)  # the formula above the pictures
    assert shown.count("a red circle for $5 and a star for $3") > 4
