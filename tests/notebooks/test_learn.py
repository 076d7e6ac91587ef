"""The teaching notebook runs headless in a reduced budget, and what it says comes out."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from zimg_kernel.cli.run import run_notebook
from zimg_kernel.nano.train import lesson

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "learn" / "01_train_a_miniature.ipynb"


def test_it_is_stored_without_outputs_and_with_one_parameters_cell() -> None:
    code = [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    tagged = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    assert re.search(r"^minutes = 2.0$", tagged[0].source, re.MULTILINE)


@pytest.mark.nightly
def test_it_runs_in_a_reduced_budget(tmp_path: Path) -> None:
    folder = tmp_path / "trained"
    out = run_notebook(
        NOTEBOOK, {"minutes": 0.3, "seed": 5, "folder": str(folder)}, tmp_path / "out.ipynb"
    )
    cells = nbformat.read(out, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    drawn = [o for o in outputs if "image/png" in o.get("data", {})]
    assert len(drawn) >= 14  # a sheet or a curve for each part of the story
    printed = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stdout")
    assert re.search(r"mirrored: +\{.*False", printed), "the judge sees the planted fault"
    assert re.search(r"PSNR (3\d|4\d)\.\d dB", printed)
    assert len(re.findall(r"yours \d+/12, 95 % interval", printed)) == 2
    assert out.stat().st_size < 3_000_000
    for stage, least in (("base", 5), ("turbo", 2)):
        losses = [loss for _, _, loss in lesson.losses(folder, stage)]
        assert len(losses) >= least
    base = [loss for _, _, loss in lesson.losses(folder, "base")]
    assert min(base[-3:]) < base[0], "it has learnt something"
    for name in ("nano-base", "nano-turbo"):
        picture = lesson.pipeline(folder, name)(
            "red", width=128, height=128, num_inference_steps=1, guidance_scale=0.0
        ).images[0]
        assert picture.size == (128, 128)
