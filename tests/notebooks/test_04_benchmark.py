"""The benchmark notebook, headless under papermill: it measures, and ends in the report."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from zimg_kernel.cli.run import run_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "04_benchmark.ipynb"


def outputs_of(path: Path) -> list[Any]:
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    return outputs


def test_it_is_stored_without_outputs_and_with_one_parameters_cell() -> None:
    code = [c for c in nbformat.read(NOTEBOOK, as_version=4).cells if c.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    [tagged] = [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]
    assert {"models", "suites", "rounds", "params"} <= set(papermill.inspect_notebook(NOTEBOOK))
    assert "zimg" not in re.sub(r"#.*", "", tagged.source)  # plain literals


@pytest.mark.slow
def test_three_suites_end_in_the_report(tmp_path: Path, own_home: Path) -> None:
    out = run_notebook(
        NOTEBOOK,
        {"models": ["nano-turbo"], "suites": ["latency", "steps", "gpu"],
         "rounds": {"latency": 2, "steps": 1, "gpu": 1}, "output_dir": str(tmp_path / "bench")},
        tmp_path / "out.ipynb",
    )  # fmt: skip
    outputs = outputs_of(out)
    said = "\n".join(o.text for o in outputs if o.output_type == "stream")
    assert re.search(r"suite 1 of 3, latency: run 1 of \d+, about .+ left: nano-turbo", said)
    shown = "\n".join(o["data"].get("text/html", "") for o in outputs if "data" in o)
    for anchor in ("models", "latency", "steps", "gpu", "people", "environment", "glossary"):
        assert f'id="bench-{anchor}"' in shown
    assert "<svg" in shown
    told = json.loads((tmp_path / "bench" / "report.json").read_text(encoding="utf-8"))
    assert {one["suite"] for one in told["results"]} == {"latency", "steps", "gpu"}
    assert (tmp_path / "bench" / "report.html").is_file()
    assert out.stat().st_size < 2_000_000


@pytest.mark.nightly
@pytest.mark.timeout(1200)
def test_all_suites_on_the_miniature_take_less_than_ten_minutes(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    began = time.monotonic()
    papermill.execute_notebook(NOTEBOOK, tmp_path / "out.ipynb", progress_bar=False)
    assert time.monotonic() - began < 600
    shown = "\n".join(
        o["data"].get("text/html", "") for o in outputs_of(tmp_path / "out.ipynb") if "data" in o
    )
    for suite in ("latency", "complexity", "sizes", "steps", "batch", "stability", "cold",
                  "papermill", "quality", "checklist", "gpu"):  # fmt: skip
        assert f'id="bench-{suite}"' in shown
