"""Fingerprints of components: equal ones are shared in memory, others never."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from zimg_kernel import get_card
from zimg_kernel.models.diffusers_folder import weight_files
from zimg_kernel.models.fingerprints import fingerprints
from zimg_kernel.models.load_profile import profile_of
from zimg_kernel.models.weights import require_weights


def test_a_model_with_one_other_layer_is_another_one(tmp_path: Path) -> None:
    card = get_card("nano-turbo")
    folder = Path(shutil.copytree(require_weights(card), tmp_path / "model"))
    profile = profile_of(card, torch.device("cpu"))
    before = fingerprints(folder, profile)
    for file in weight_files(folder / "transformer"):
        weights = load_file(file)
        name = next((name for name in weights if "layers.2.attention.to_q.weight" in name), None)
        if name is not None:
            weights[name] = weights[name] * 1.5
            file.unlink()
            save_file(weights, file, {"format": "pt"})
    after = fingerprints(folder, profile)
    assert {name for name in before if before[name] != after[name]} == {"transformer"}
