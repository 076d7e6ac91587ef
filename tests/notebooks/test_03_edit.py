"""The editing notebook, headless: its story with the defaults, and a folder without hands."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image, ImageDraw

from zimg_kernel import Gallery, GeneratedImage
from zimg_kernel.cli.run import run_notebook
from zimg_kernel.nano.judge.detection import detect

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_edit.ipynb"


def things(picture: GeneratedImage) -> set[tuple[str, str]]:
    return {(found.colour, found.shape) for found in detect(picture.image)}


def of_kind(gallery: Gallery, kind: str) -> list[GeneratedImage]:
    """What the notebook made in one way, the first first."""
    pictures = [entry.open() for entry in reversed(gallery.search())]
    return [p for p in pictures if p.params.edit is not None and p.params.edit.kind == kind]


def test_it_is_stored_without_outputs_and_with_one_parameters_cell() -> None:
    code = [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    [tagged] = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert re.search(r'^instruction = ".*[\u4e00-\u9fff]', tagged.source, re.MULTILINE)


@pytest.mark.slow
def test_the_story_with_its_defaults(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = run_notebook(NOTEBOOK, {})
    outputs = [o for c in nbformat.read(out, as_version=4).cells for o in c.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    gallery = Gallery(own_home / "gallery")
    [repainted] = of_kind(gallery, "inpaint")
    assert things(repainted) == {("red", "circle"), ("yellow", "star")}
    reworded = of_kind(gallery, "instruct")[0]
    assert things(reworded) == {("green", "circle"), ("yellow", "star")}
    assert of_kind(gallery, "outpaint")[0].image.size == (320, 256)
    assert of_kind(gallery, "upscale")[0].image.size == (512, 512)
    shown = "\n".join(o["data"]["text/html"] for o in outputs if "text/html" in o.get("data", {}))
    assert "把圆变成绿色" in shown  # the tree tells how each version came about
    assert out.stat().st_size < 1_000_000


@pytest.mark.slow
def test_a_folder_is_changed_without_hands(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in (("a.png", "red"), ("b.jpg", "blue")):
        image = Image.new("RGB", (200, 160), (240, 240, 230))
        ImageDraw.Draw(image).ellipse((20, 40, 90, 110), fill=colour)
        image.save(photos / name, quality=95)
    (photos / "broken.png").write_text("no picture")
    mask = Image.new("L", (100, 80), 0)
    mask.paste(255, (55, 10, 95, 70))
    mask.save(tmp_path / "mask.png")
    given = {"source": str(photos), "mask": str(tmp_path / "mask.png"), "prompt": "a green star",
             "instruction": "make the background grey", "output_dir": str(tmp_path / "out"),
             "model": "nano-turbo"}  # fmt: skip
    out = run_notebook(NOTEBOOK, given, tmp_path / "out.ipynb")
    text = out.read_text(encoding="utf-8")
    assert "broken.png cannot be read as a picture" in text
    assert "2 of 3 changed" in text
    results = of_kind(Gallery(tmp_path / "out"), "inpaint")[-2:]
    outside = np.asarray(mask.resize((200, 160), Image.Resampling.BILINEAR)) == 0
    for result, name in zip(results, ("a.png", "b.jpg"), strict=True):
        before = np.asarray(Image.open(photos / name).convert("RGB"))
        assert (np.asarray(result.image)[outside] == before[outside]).all()
