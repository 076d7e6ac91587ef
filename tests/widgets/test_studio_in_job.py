"""In a notebook that runs as a job the Studio is a line of text, until somebody uses it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import zimg_widgets
from zimg_widgets.studio.job import StudioInJob
from zimg_widgets.studio.widget import Studio


@pytest.fixture(autouse=True)
def _not_imported_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(zimg_widgets), "Studio", raising=False)


def test_it_is_the_panel_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_UNATTENDED", "0")
    assert zimg_widgets.Studio is Studio


def test_it_is_a_line_in_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_UNATTENDED", "1")
    assert zimg_widgets.Studio is StudioInJob
    studio = zimg_widgets.Studio({"prompt": "a red circle"}, language="zh")
    assert "JupyterLab" in studio._repr_mimebundle_()["text/plain"]
    assert studio.form.params().prompt == "a red circle"
    assert "application/vnd.jupyter.widget-view+json" in studio._repr_mimebundle_()


@pytest.mark.parametrize(
    ("name", "expected"), [("papermill", "True"), ("jupyter-nbconvert", "True"), ("lab", "False")]
)
def test_the_program_above_decides(
    name: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZIMG_UNATTENDED", raising=False)
    child = "from zimg_kernel.engine.unattended import unattended; print(unattended())"
    program = tmp_path / name
    program.write_text(
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}], check=True)\n"
    )
    found = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == expected
