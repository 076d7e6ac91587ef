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
from zimg_kernel.lora.apply import _adapters_of
from zimg_kernel.lora.kronecker_rows import third_of_product


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


@pytest.mark.parametrize("kind", ["loha", "24", "16", "8"])
def test_fused_queries_keys_and_values(engine: LocalEngine, shelf: Path, kind: str) -> None:
    stem = "diffusion_model.layers.2.attention.qkv"
    if kind == "loha":
        held, expected = loha(stem, 3 * WIDTH)
    else:
        rows = int(kind)
        one, a, b = noise(rows, 16), noise(3 * WIDTH // rows, 5), noise(5, 18)
        held = {f"{stem}.lokr_w1": one, f"{stem}.lokr_w2_a": a, f"{stem}.lokr_w2_b": b}
        expected = torch.kron(one, a @ b)
    write(shelf / "fused.safetensors", held)
    for part, rows_of in zip("qkv", expected.chunk(3), strict=True):
        assert close(change(engine, "fused", f"layers.2.attention.to_{part}"), rows_of)


def test_fused_lokr_stays_factors(engine: LocalEngine, shelf: Path) -> None:
    one, two = noise(16, 16), noise(54, 18)  # as with a factor of 8 on the full-size model
    held = {"diffusion_model.layers.2.attention.qkv.lokr_w1": one}
    held["diffusion_model.layers.2.attention.qkv.lokr_w2"] = two
    write(shelf / "fused.safetensors", held)
    change(engine, "fused")
    (kept,) = _adapters_of.values()
    parameters = [p for layer in kept.layers.values() for p in adapter_parameters(layer)]
    assert sum(p.numel() for p in parameters) == 3 * (one.numel() + two.numel())


def adapter_parameters(layer: torch.nn.Module) -> list[torch.nn.Parameter]:
    return [p for name, p in layer.named_parameters() if not name.startswith("base_layer")]


@pytest.mark.parametrize("shapes", [((3, 5), (4, 2)), ((4, 2), (9, 5)), ((8, 8), (6, 7))])
def test_thirds_of_a_product(shapes: tuple[tuple[int, int], tuple[int, int]]) -> None:
    one, two = (torch.randn(*shape, dtype=torch.float64) for shape in shapes)
    for number, third in enumerate(torch.kron(one, two).chunk(3)):
        assert torch.equal(third_of_product(one, two, number), third)


def test_fused_and_plain_lokr_of_one_layer_act_together(engine: LocalEngine, shelf: Path) -> None:
    one, two, three, four = noise(16, 16), noise(54, 18), noise(4, 4), noise(72, 72)
    stem = "diffusion_model.layers.2.attention"
    fused = {f"{stem}.qkv.lokr_w1": one, f"{stem}.qkv.lokr_w2": two}
    write(shelf / "fused.safetensors", fused)
    write(
        shelf / "plain.safetensors", {f"{stem}.to_q.lokr_w1": three, f"{stem}.to_q.lokr_w2": four}
    )
    first, second = torch.kron(one, two)[:WIDTH], torch.kron(three, four)
    assert close(change(engine, "fused", LAYER), first)
    assert close(change(engine, "plain", LAYER), second)
    assert close(change(engine, "fused", LAYER), first)
