"""Folders whose tensors are not those of their config: refused when checked, not when drawing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine, ModelCard, WeightsMissing
from zimg_kernel.models import embedded
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.convert import convert_to_bf16
from zimg_kernel.models.diffusers_folder import check_folder
from zimg_kernel.models.weights import require_weights

Tensors = dict[str, torch.Tensor]
Q = "layers.0.attention.to_q"
ONE = torch.ones(1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole folder of the miniature: its transformer, text encoder and VAE can be written to."""
    source, made = embedded.stored_folder("nano-base"), tmp_path / "mine"
    made.mkdir()
    (made / "model_index.json").write_text((source / "model_index.json").read_text())
    for part in ("scheduler", "tokenizer"):
        (made / part).symlink_to(source / part)
    for part in ("transformer", "text_encoder", "vae"):
        (made / part).mkdir()
        for path in (source / part).iterdir():
            (made / part / path.name).symlink_to(path)
    return made


def rewrite(folder: Path, part: str, change: Callable[[Tensors], Tensors]) -> None:
    tensors: Tensors = {}
    for path in sorted((folder / part).glob("*.safetensors*")):
        if path.suffix == ".safetensors":
            tensors |= load_file(path)
        path.unlink()
    name = "model" if part == "text_encoder" else "diffusion_pytorch_model"
    save_file(change(tensors), folder / part / f"{name}.safetensors", metadata={"format": "pt"})


def without(name: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {key: value for key, value in tensors.items() if key != name}


def with_one(name: str, value: torch.Tensor) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {**tensors, name: value}


def below(prefix: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {prefix + key: value for key, value in tensors.items()}


def as_kind(kind: torch.dtype) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {k: v.to(kind) if v.ndim > 1 else v for k, v in tensors.items()}


REFUSED: dict[str, tuple[str, Callable[[Tensors], Tensors], str]] = {
    "absent": ("transformer", without(f"{Q}.weight"), f"lacks 1 of its 148 tensors: {Q}.weight"),
    "absent text": ("text_encoder", without("norm.weight"), "lacks 1 of its 46 tensors"),
    "absent vae": ("vae", without("decoder.conv_out.bias"), "tensors: decoder.conv_out.bias"),
    "other names": ("text_encoder", below("text_model."), "lacks 46 of its 46 tensors"),
    "one block more": ("transformer", with_one("layers.7.ffn_norm1.weight", ONE), "layers.7.ffn"),
    "bias": ("transformer", with_one(f"{Q}.bias", ONE), f"asks for: {Q}.bias"),
    "shape": ("transformer", with_one(f"{Q}.weight", torch.ones(144, 288)), "144×288, for which"),
    "shape vae": ("vae", with_one("decoder.conv_out.bias", torch.ones(4)), "config.json asks 3)"),
    "prefix": ("transformer", below("diffusion_model."), "as in ComfyUI"),
    "long prefix": ("transformer", below("model.diffusion_model."), "as in ComfyUI"),
    "fused": ("transformer", with_one("layers.0.attention.qkv.weight", ONE), "as in ComfyUI"),
    "scales": ("transformer", with_one(f"{Q}.scale_weight", ONE), f"such as {Q}.scale_weight"),
    "newer scales": ("text_encoder", with_one("layers.0.x.weight_scale", ONE), "holds scales"),
    "whole numbers": ("transformer", as_kind(torch.int8), "as I8"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_loaded_rightly_is_said_by_the_check(case: str, folder: Path) -> None:
    assert check_folder(folder) == ""
    part, change, words = REFUSED[case]
    rewrite(folder, part, change)
    problem = check_folder(folder)
    assert f"{part}/" in problem
    assert words in problem
    with refused("weights-missing", "model", WeightsMissing):
        require_weights(card_of(folder))


def card_of(folder: Path) -> ModelCard:
    own = get_card("nano-turbo").model_dump()
    return ModelCard.model_validate({**own, "id": "mine", "source": {"folder": str(folder)}})


def draw(folder: Path) -> np.ndarray:
    models = Path(folder).parent / "zimg" / "models.yaml"
    models.parent.mkdir(exist_ok=True)
    models.write_text(f"mine: {{like: nano-base, source: {{folder: '{folder}'}}}}")
    engine = LocalEngine()
    try:
        params = GenerationParams(prompt="a red circle", model="mine", steps=2, seed=3)
        done = engine.submit(params.replace(width=256, height=256), save=False).result()
    finally:
        engine.close()
    return np.asarray(done.image, np.float32)


SAME: dict[str, tuple[str, Callable[[Tensors], Tensors], float]] = {
    "a language model's names": ("text_encoder", below("model."), 0),
    "a head for words": ("text_encoder", with_one("lm_head.weight", ONE), 0),
    "a loss beside": ("vae", with_one("loss.logvar", ONE), 0),
    "plain float8": ("transformer", as_kind(torch.float8_e4m3fn), 20),
}


@pytest.mark.parametrize("case", SAME)
def test_what_makes_no_other_model_stays_ready(
    case: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "zimg"))
    before = draw(folder)
    part, change, most = SAME[case]
    rewrite(folder, part, change)
    assert check_folder(folder) == ""
    assert np.abs(draw(folder) - before).mean() <= most


def quantized(folder: Path, part: str, settings: object) -> None:
    path = folder / part / "config.json"
    config = json.loads(path.read_text())
    path.unlink()
    path.write_text(json.dumps({**config, "quantization_config": settings}))


@pytest.mark.parametrize("part", ["transformer", "text_encoder"])
@pytest.mark.parametrize("method", ["sdnq", "bitsandbytes", "quanto"])
def test_quantization_needs_its_package(
    part: str, method: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quantized(folder, part, {"quant_method": method})
    module = {"quanto": "optimum"}.get(method, method)
    monkeypatch.setitem(sys.modules, module, None)
    problem = check_folder(folder)
    assert f"{part}/config.json says {method}" in problem
    assert "pip install" in problem


def test_quantization_whose_package_is_there_is_left_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    quantized(folder, "transformer", {"quant_method": "sdnq"})
    (tmp_path / "sdnq.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert check_folder(folder) == ""
    with refused("model-not-convertible", "model"):
        convert_to_bf16(card_of(folder), folder, print)


def test_quantization_without_a_method_is_damaged(folder: Path) -> None:
    quantized(folder, "vae", ["sdnq"])
    assert "not how" in check_folder(folder)


def test_json_without_end_and_odd_kinds_of_numbers_are_faults(folder: Path) -> None:
    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["decoder.conv_out.bias"]["dtype"] = ["F32"]
    text = json.dumps(header).encode()
    path.unlink()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    assert "decoder.conv_out.bias as" in check_folder(folder)
    (folder / "vae" / "diffusion_pytorch_model.safetensors.index.json").write_text("[" * 100_000)
    assert "not valid JSON" in check_folder(folder)
