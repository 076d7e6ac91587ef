"""``zimg run`` with several notebooks: one engine for them all, and none left behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from zimg_kernel.cluster.borrowed import engine_for_several

from .running import ZIMG, RunningEngine

pytestmark = pytest.mark.slow

CELL = """import zimg_kernel as zimg
image = zimg.generate("a red circle", seed=seed, model="nano-turbo", width=128, height=128, steps=1)
print(type(zimg.default_engine()).__name__)"""


def notebook(folder: Path, name: str, code: str = CELL) -> Path:
    def cell(source: str, *tags: str) -> dict[str, Any]:
        return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source,
                "execution_count": None, "outputs": [], "id": str(abs(hash(source)))}  # fmt: skip

    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = folder / name
    cells = [cell("seed = 1", "parameters"), cell(code)]
    path.write_text(
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


def test_several_notebooks_share_an_engine_that_ends_with_them(tmp_path: Path) -> None:
    engine = RunningEngine(tmp_path)  # its home; it is not started
    paths = [notebook(tmp_path, "one.ipynb"), notebook(tmp_path, "bad.ipynb", "1 / 0")]
    out = tmp_path / "out"
    done = subprocess.run(
        [*ZIMG, "run", *map(str, [*paths, paths[0]]), "-p", "seed", "7", "-o", str(out)],
        env=engine.environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 1
    assert "1 of 3 notebooks failed" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    made = done.stdout.split()
    assert len(made) == 2
    assert all('"ClusterEngine\\n"' in Path(path).read_text() for path in made)
    assert engine.processes() == []


def test_an_engine_that_runs_is_used_and_goes_on(
    at_home: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = at_home.pids()
    with engine_for_several(5) as there:
        assert there
    assert at_home.pids() == before
    monkeypatch.setenv("ZIMG_ENGINE", "local")
    with engine_for_several(5) as there:
        assert not there


def test_one_job_alone_starts_none() -> None:
    with engine_for_several(1) as there:
        assert not there


def test_several_results_need_a_folder(tmp_path: Path) -> None:
    path = notebook(tmp_path, "one.ipynb")
    command = [*ZIMG, "run", str(path), str(path), "-o", str(tmp_path / "x.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "name a folder" in done.stderr


def test_a_batch_of_prompts_has_an_engine_that_ends_with_it(tmp_path: Path) -> None:
    engine = RunningEngine(tmp_path)  # its home; it is not started
    prompts = [part for colour in ("red", "blue") for part in ("-p", f"a {colour} circle")]
    size = ["--model", "nano-turbo", "--width", "128", "--height", "128", "--steps", "1"]
    done = subprocess.run(
        [*ZIMG, "batch", *prompts, "-p", "", *size, "-o", str(tmp_path / "out")],
        env=engine.environment, capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "1 of 3 lines" in done.stderr
    assert len(done.stdout.split()) == 2
    audit = [json.loads(line) for file in tmp_path.rglob("audit.jsonl") for line in file.open()]
    assert [told["outcome"] for told in audit if told["what"] == "end"] == ["done", "done"]
    assert engine.processes() == []
