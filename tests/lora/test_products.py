"""LoKr and LoHa against products computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lora_changes import LAYER, NANO, WIDTH, change, close
from lora_files import write
from zimg_kernel import LocalEngine
from zimg_kernel.lora import inspect_lora


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape) * 0.2


@pytest.mark.parametrize("stem", [f"diffusion_model.{LAYER}", "lycoris_layers_2_attention_to_q"])
def test_full_matrices_have_no_alpha(engine: LocalEngine, shelf: Path, stem: str) -> None:
    one, two = noise(4, 4), noise(72, 72)
    held = {f"{stem}.lokr_w1": one, f"{stem}.lokr_w2": two, f"{stem}.alpha": torch.tensor(1e10)}
    write(shelf / "full.safetensors", held)
    assert inspect_lora("full", NANO).fits == "yes"
    assert close(change(engine, "full"), torch.kron(one, two))


def test_factors_of_several_sizes_and_ranks(engine: LocalEngine, shelf: Path) -> None:
    other = "layers.2.attention.to_k"
    one, two, three, a, b = noise(4, 4), noise(72, 72), noise(16, 9), noise(18, 2), noise(2, 32)
    held = {f"diffusion_model.{LAYER}.lokr_w1": one, f"diffusion_model.{LAYER}.lokr_w2": two}
    held |= {
        f"diffusion_model.{other}.lokr_w1": three,
        f"diffusion_model.{other}.lokr_w2_a": a,
        f"diffusion_model.{other}.lokr_w2_b": b,
        f"diffusion_model.{other}.alpha": torch.tensor(1.0),
    }
    write(shelf / "mixed.safetensors", held)
    assert close(change(engine, "mixed"), torch.kron(one, two))
    assert close(change(engine, "mixed", other), torch.kron(three, a @ b) / 2)


def test_settings_of_peft_scale_a_lokr(engine: LocalEngine, shelf: Path) -> None:
    one, two = noise(16, 16), noise(18, 18)
    held = {f"transformer.{LAYER}.lokr_w1": one, f"transformer.{LAYER}.lokr_w2": two}
    told = {"transformer.alpha": 2, "transformer.r": 4}
    write(shelf / "told.safetensors", held, lora_adapter_metadata=told)
    assert close(change(engine, "told"), torch.kron(one, two) / 2)


def loha(stem: str, rows: int) -> tuple[dict[str, Any], torch.Tensor]:
    """Return a LoHa of rank 4 and alpha 2, and the change that it stands for."""
    parts = {"w1_a": noise(rows, 4), "w1_b": noise(4, WIDTH)}
    parts |= {"w2_a": noise(rows, 4), "w2_b": noise(4, WIDTH)}
    held = {f"{stem}.hada_{part}": value for part, value in parts.items()}
    whole = (parts["w1_a"] @ parts["w1_b"]) * (parts["w2_a"] @ parts["w2_b"])
    return {**held, f"{stem}.alpha": torch.tensor(2.0)}, whole / 2


def test_loha(engine: LocalEngine, shelf: Path) -> None:
    held, expected = loha("lora_unet_layers_2_attention_to_q", WIDTH)
    write(shelf / "hada.safetensors", held)
    assert inspect_lora("hada", NANO).fits == "yes"
    assert close(change(engine, "hada"), expected)


@pytest.mark.parametrize("kind", ["loha", "24", "16"])
def test_fused_queries_keys_and_values(engine: LocalEngine, shelf: Path, kind: str) -> None:
    stem = "diffusion_model.layers.2.attention.qkv"
    if kind == "loha":
        held, expected = loha(stem, 3 * WIDTH)
    else:
        rows = int(kind)
        one, two = noise(rows, 16), noise(3 * WIDTH // rows, 18)
        held = {f"{stem}.lokr_w1": one, f"{stem}.lokr_w2": two}
        expected = torch.kron(one, two)
    write(shelf / "fused.safetensors", held)
    for part, rows_of in zip("qkv", expected.chunk(3), strict=True):
        assert close(change(engine, "fused", f"layers.2.attention.to_{part}"), rows_of)
