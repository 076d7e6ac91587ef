"""Several suites into one folder: one report, nothing twice, the others go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.experiments.bench import run_suites


@pytest.mark.slow
def test_suites_are_told_measured_once_and_reported_together(
    tmp_path: Path, own_home: Path
) -> None:
    said: list[str] = []
    few = {"latency": 1, "gpu": 1}

    def run() -> list[str]:
        report = run_suites(["latency", "gpu"], ["nano-turbo"], tmp_path / "out", rounds=few,
                            on_progress=said.append, params={"steps": 4})  # fmt: skip
        return [one.suite for one in report.results]

    assert run() == ["latency", "gpu"]
    assert re.match(r"suite 1 of 2, latency: run 1 of 2, about .* left", said[0])
    assert said[-1].startswith("suite 2 of 2, gpu: run")
    said.clear()
    assert run() == ["latency", "gpu"]
    assert said == ["latency: measured already", "gpu: measured already"]


def test_an_unknown_suite_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with refused("unknown-suite", "suite"):
        run_suites(["latency", "speed"], ["nano-turbo"], tmp_path)
    assert not list(tmp_path.iterdir())
