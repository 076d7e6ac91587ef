"""The prompt lab, headless under papermill with its defaults: each step comes out."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from zimg_kernel import Gallery
from zimg_kernel.cli.run import run_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "02_prompt_lab.ipynb"
MENDED = "一盏红色的灯笼，下面的招牌写着“新年快乐”"


def test_it_is_stored_without_outputs_and_with_one_parameters_cell() -> None:
    code = [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1


@pytest.mark.slow
def test_each_step_of_the_story_comes_out(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZIMG_LANGUAGE", "en")
    out = run_notebook(NOTEBOOK, {"pictures": 2, "candidates": 2})
    cells = nbformat.read(out, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    shown = "\n".join(o["data"].get("text/html", "") for o in outputs if "data" in o)
    said = "\n".join(o.text for o in outputs if o.output_type == "stream")
    # Checked: the weight is marked. Mended: it is gone, and the lettering is in quotes.
    assert ">(一盏红色的灯笼:1.3)</mark>" in shown
    assert MENDED in said
    # Varied: three methods on two prompts. Drawn as a grid: 4 words by 2 seeds.
    assert {"seeds", "embedding_noise", "far_noise"} <= set(re.findall(r">([a-z_]+)</th>", shown))
    gallery = Gallery(own_home / "gallery")
    words = {
        entry.prompt.partition("，")[0] for entry in gallery.search("下面的招牌写着“新年快乐”")
    }
    assert {"一盏红色的灯笼", "一盏红色的花", "一盏红色的蘑菇", "一盏红色的小汽车"} <= words
    # Tested and chosen: the draft's sign cannot be read, the mended prompt's can.
    assert "2 passed  draft" in said
    assert f"-> 4 passed  mended: {MENDED}" in said
    assert (gallery.folder / "prompt_lab_grid.html").is_file()
    assert out.stat().st_size < 1_000_000
