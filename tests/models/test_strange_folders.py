"""Model folders of strangers: no module of their choice is imported."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from refusals import refused
from zimg_kernel.errors import WeightsMissing
from zimg_kernel.models import embedded
from zimg_kernel.models.diffusers_folder import check_folder
from zimg_kernel.models.loading import load_transformer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a miniature, and a module beside the notebook that must not be imported."""
    (tmp_path / "strange").mkdir()
    marker = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\nThing = object"
    (tmp_path / "strange" / "beside.py").write_text(marker)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Path(shutil.copytree(embedded.folder("nano-turbo"), tmp_path / "model"))


def name_class(folder: Path, part: str, wanted: Any) -> None:
    path = folder / "model_index.json"
    index = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**index, part: wanted}), encoding="utf-8")


@pytest.mark.parametrize("part", ["transformer", "vae", "text_encoder", "tokenizer", "scheduler"])
@pytest.mark.parametrize(
    "wanted",
    [
        ["strange.beside", "Thing"],
        ["strange.beside", "ZImageTransformer2DModel"],
        ["os", "system"],
        ["diffusers.utils", "Thing"],
        ["diffusers", "utils.Thing"],
    ],
)
def test_a_class_of_another_module_makes_a_folder_faulty(
    folder: Path, part: str, wanted: list[str]
) -> None:
    assert check_folder(folder) == ""
    name_class(folder, part, wanted)
    assert part in check_folder(folder)
    assert "strange.beside" not in sys.modules


@pytest.mark.parametrize(
    "wanted", [["strange.beside", "Thing"], ["diffusers", "DiffusionPipeline"], ["diffusers", "x"]]
)
def test_only_a_model_is_loaded_as_one(folder: Path, wanted: list[str]) -> None:
    name_class(folder, "transformer", wanted)
    with refused("unknown-class", "model", WeightsMissing):
        load_transformer(folder, torch.float32)
    assert not (folder.parent / "strange" / "ran").exists()
