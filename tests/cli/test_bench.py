"""``zimg bench``: a suite, and the report of what it measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Run
from experiments.bench.written_results import made
from zimg_kernel.experiments.bench.result import Case


def test_the_report_of_a_folder(zimg: Run, tmp_path: Path) -> None:
    made(tmp_path / "bench", "latency", [Case(name="default")], {"turbo": [1.2], "base": [4.8]})
    assert "One picture, run by run" in zimg("bench", "report", tmp_path / "bench").stdout
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    zimg("bench", "report", tmp_path / "bench", "-o", page, "-o", data)
    assert "<svg" in page.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["format"] == "zimg-bench-report"
    zimg("bench", "report", tmp_path / "bench", "-o", tmp_path / "r.pdf", code=2)
    zimg("bench", "report", tmp_path, "-o", page)  # a folder above it will do
    zimg("bench", "report", tmp_path / "none", code=2)


@pytest.mark.slow
def test_a_judged_suite(zimg: Run, tmp_path: Path) -> None:
    done = zimg("bench", "checklist", "--model", "nano-turbo", "--case", "phrase-书店",
                "-o", tmp_path / "bench")  # fmt: skip
    assert "items right" in done.stdout
    result = json.loads((tmp_path / "bench" / "result.json").read_text(encoding="utf-8"))
    [run] = [run for run in result["runs"] if not run["warmup"]]
    assert run["values"]["check: characters"] == 1
    assert run["notes"]["lettering asked for"] == "书店"


def test_a_suite_of_which_nothing_can_be_drawn_ends_in_one_sentence(
    zimg: Run, tmp_path: Path
) -> None:
    done = zimg("bench", "latency", "--model", "nano-turbo", "-p", "width", "4096",
                "-o", tmp_path / "bench", "--rounds", "1", code=2)  # fmt: skip
    [said] = [line for line in done.stderr.splitlines() if "Nothing could be measured" in line]
    assert "4096" in said
