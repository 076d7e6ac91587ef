"""DoRA in other trainers' form, and forms that are refused, against matrices computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lora_changes import LAYER, NANO, WIDTH, change, close, weight_of
from lora_files import plain, write
from refusals import refused
from zimg_kernel import LocalEngine
from zimg_kernel.lora import inspect_lora
from zimg_kernel.lora.matched import match_lora
from zimg_kernel.models.catalog import get_card
from zimg_kernel.models.weights import require_weights

FUSED = ("layers.2.attention.to_q", "layers.2.attention.to_k", "layers.2.attention.to_v")


def pair(rows: int, alpha: float = 2.0) -> tuple[dict[str, Any], torch.Tensor]:
    """Return the parts of a LoRA of rank 4, and the change that it stands for without DoRA."""
    down, up = torch.randn(4, WIDTH) * 0.1, torch.randn(rows, 4) * 0.1
    parts = {"lora_down.weight": down, "lora_up.weight": up, "alpha": torch.tensor(alpha)}
    return parts, alpha / 4 * up @ down


def decomposed(weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Bring each row (scale (outputs, 1)) or column (scale (1, inputs)) to its length."""
    along = 1 if scale.shape[-1] == 1 else 0
    return weight * (scale / weight.norm(dim=along, keepdim=True))


@pytest.mark.parametrize("shape", [(WIDTH, 1), (1, WIDTH), (WIDTH,)])
@pytest.mark.parametrize("stem", [f"diffusion_model.{LAYER}", "lora_unet_layers_2_attention_to_q"])
def test_dora_scale(engine: LocalEngine, shelf: Path, shape: tuple[int, ...], stem: str) -> None:
    parts, added = pair(WIDTH)
    scale = torch.rand(shape) + 0.5
    write(
        shelf / "dora.safetensors",
        {f"{stem}.{k}": v for k, v in parts.items()} | {f"{stem}.dora_scale": scale},
    )
    assert (inspect_lora("dora", NANO).fits, inspect_lora("dora").dora) == ("yes", 1)
    weight = weight_of(engine, LAYER)
    wide = scale if scale.ndim == 2 else scale[:, None]
    expected = decomposed(weight + added, wide) - weight
    assert close(change(engine, "dora"), expected)
    assert close(change(engine, "dora", weight=0.5), expected / 2)
    assert torch.equal(weight_of(engine, LAYER), weight)


@pytest.mark.parametrize("shape", [(3 * WIDTH, 1), (1, WIDTH)])
def test_dora_scale_of_fused_layers(
    engine: LocalEngine, shelf: Path, shape: tuple[int, int]
) -> None:
    parts, added = pair(3 * WIDTH)
    scale = torch.rand(shape) + 0.5
    stem = "diffusion_model.layers.2.attention.qkv"
    held = {f"{stem}.{k}": v for k, v in parts.items()} | {f"{stem}.dora_scale": scale}
    write(shelf / "fused.safetensors", held)
    whole = torch.cat([weight_of(engine, name) for name in FUSED])
    expected = decomposed(whole + added, scale) - whole
    for name, rows in zip(FUSED, expected.chunk(3), strict=True):
        assert close(change(engine, "fused", name), rows)


def test_magnitudes_that_are_neither_rows_nor_columns_do_not_fit(shelf: Path) -> None:
    parts, _ = pair(WIDTH)
    stem = f"diffusion_model.{LAYER}"
    held = {f"{stem}.{k}": v for k, v in parts.items()} | {f"{stem}.dora_scale": torch.ones(1)}
    write(shelf / "odd.safetensors", held)
    assert (inspect_lora("odd", NANO).fits, len(inspect_lora("odd", NANO).misshapen)) == ("no", 1)


N, R = WIDTH, 4
OTHERS: dict[str, tuple[dict[str, tuple[int, ...]], str]] = {
    "a LoRA's": ({"lora_down.weight": (R, N), "lora_up.weight": (N, R)}
                 | {"lora_mid.weight": (R, R, 1, 1)}, "Tucker"),
    "a LoKr's": ({"lokr_w1": (4, 4), "lokr_w2_a": (R, 72), "lokr_w2_b": (R, 72)}
                 | {"lokr_t2": (R, R, 1, 1)}, "Tucker"),
    "a LoHa's": ({"hada_w1_a": (N, R), "hada_w1_b": (R, N), "hada_t1": (R, R, 1, 1)}
                 | {"hada_w2_a": (N, R), "hada_w2_b": (R, N)}, "Tucker"),
    "a LoKr's DoRA": ({"lokr_w1": (4, 4), "lokr_w2": (72, 72), "dora_scale": (N, 1)}, "DoRA"),
}  # fmt: skip


@pytest.mark.parametrize("form", OTHERS)
def test_forms_that_cannot_be_applied_are_refused_with_the_reason(
    form: str, shelf: Path, lesson: Path
) -> None:
    shapes, word = OTHERS[form]
    held = {f"diffusion_model.{LAYER}.{part}": torch.ones(shape) for part, shape in shapes.items()}
    write(shelf / "other.safetensors", held)
    card = get_card(NANO)
    with refused("lora-does-not-fit", "loras"):
        match_lora("other", 1.0, card, require_weights(card))
    assert word in inspect_lora("other", NANO).problem
    write(shelf / "beside.safetensors", {**plain(lesson), **held})
    report = inspect_lora("beside", NANO)
    assert (report.fits, report.unused) == ("partly", (f"diffusion_model.{LAYER}",))
    assert word in report.verdict
