"""Tests that panels speak of their own fields and of commands that can be run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.models.device import pick_device
from zimg_widgets import ParamsForm
from zimg_widgets._shared.commands import runnable
from zimg_widgets._shared.kernel_sentences import table, translated
from zimg_widgets.editor.labels import LABELS as EDITOR_LABELS
from zimg_widgets.form.labels import LABELS as FORM_LABELS


def test_labels_and_sentences_name_fields_not_arguments() -> None:
    pairs = [*FORM_LABELS.values(), *EDITOR_LABELS.values()]
    said = [*table().values(), *(text for pair in pairs for text in pair)]
    argument = re.compile(r"!r\}|\b(?:model|left|right|top|bottom|factor|strength)=")
    assert [text for text in said if argument.search(text)] == []


def test_a_command_can_be_run_where_zimg_is_not_on_the_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    said = runnable("The model z has not been downloaded yet; run: zimg pull z.")
    command = said.partition("run: ")[2].removesuffix(" pull z.")
    assert shutil.which("zimg") is None
    done = subprocess.run(f"{command} --version", shell=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (
        runnable("as zimg_kernel.edit and zimg edit do") == "as zimg_kernel.edit and zimg edit do"
    )


def test_a_command_on_the_path_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert runnable("run: zimg pull z") == "run: zimg pull z"


def test_a_form_takes_a_mapping_and_a_prompt() -> None:
    form = ParamsForm({"prompt": "a star", "steps": 3}, language="en")
    assert (form.params().prompt, form.params().steps) == ("a star", 3)
    assert ParamsForm("a circle").params().prompt == "a circle"
    form.set({"prompt": "a heart"})
    assert form.params() == GenerationParams(prompt="a heart")
    with refused("wrong-type", "prompt"):
        ParamsForm(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["mps", "gpu", "xpu", "cuda:99"])
def test_why_a_device_cannot_be_used_is_told_in_plain_words(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    if device == "cuda:99" and not torch.cuda.is_available():
        device = "cuda"
    monkeypatch.setenv("ZIMG_DEVICE", device)
    with refused("device-unusable", "ZIMG_DEVICE") as caught:
        pick_device()
    assert len(str(caught.value)) < 150
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", translated(caught.value, "zh"))


def test_a_model_that_is_not_whole_is_told_in_the_form_s_language(own_home: Path) -> None:
    cards = "mine:\n  like: nano-turbo\n  source: {folder: /nowhere/at/all}\n"
    own_home.mkdir()
    (own_home / "models.yaml").write_text(cards, encoding="utf-8")
    form = ParamsForm({"prompt": "x", "model": "mine"}, language="zh")
    assert "该文件夹不存在" in form.model.note.value
