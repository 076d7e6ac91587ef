"""The first notebook, headless under papermill with its defaults and with parameters."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from zimg_kernel import Gallery, GeneratedImage
from zimg_kernel.cli.run import run_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_generate.ipynb"


def html_of(notebook: Path) -> list[str]:
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    return [
        output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {})
    ]


def test_it_is_stored_without_outputs_and_with_one_parameters_cell() -> None:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert re.search(r'^prompt = ".*[\u4e00-\u9fff]', tagged[0].source, re.MULTILINE)


@pytest.mark.slow
def test_it_runs_with_its_defaults(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = run_notebook(NOTEBOOK, {})
    shown = "\n".join(html_of(out))
    gallery = Gallery(own_home / "gallery")
    prompt = "左边一个红色的圆，右边一个蓝色的方块"
    # One picture, its strip, three wordings, four seeds: each kept.
    assert len(gallery) == 1 + 1 + 3 + 4
    assert {entry.seed for entry in gallery.search(prompt)} == {42}
    assert {entry.seed for entry in gallery.search("剪纸")} == {42, 43, 44, 45}
    assert f'alt="{prompt}"' in shown
    assert len(re.findall(r"step \d of 8</figcaption>", shown)) == 8
    assert out.stat().st_size < 1_000_000


@pytest.mark.slow
def test_its_parameters_reach_the_picture(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    given = {"prompt": "a green star", "seed": 9, "steps": 2, "count": 1, "width": 192,
             "height": 128, "output_dir": str(tmp_path / "pictures")}  # fmt: skip
    run_notebook(NOTEBOOK, given, out)
    first = Gallery(tmp_path / "pictures").search("green star")[-1]
    image = GeneratedImage.open(first.path)
    assert (image.params.prompt, image.seed, image.params.steps) == ("a green star", 9, 2)
    assert image.image.size == (192, 128)
