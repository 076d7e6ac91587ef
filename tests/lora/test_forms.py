"""LoRAs of other trainers, against weights merged by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from lora_changes import LAYER, NANO, WIDTH, change, close
from lora_files import as_kohya, plain, tensors, write
from refusals import refused
from zimg_kernel import LocalEngine
from zimg_kernel.lora import inspect_lora, list_loras


def pair(rank: int = 4, scale: float = 0.1) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the factors of a LoRA of one square layer: down, up."""
    return torch.randn(rank, WIDTH) * scale, torch.randn(WIDTH, rank) * scale


def test_names_with_two_underscores(engine: LocalEngine, lesson: Path, shelf: Path) -> None:
    doubled = {k.replace("lora_unet_", "lora_unet__"): v for k, v in as_kohya(lesson).items()}
    write(shelf / "two.safetensors", doubled)
    factors = tensors(lesson)
    layer = "layers.3.attention.to_q"
    down, up = (factors[f"transformer.{layer}.lora_{part}.weight"] for part in "AB")
    assert close(change(engine, "two", layer), 2 * up @ down)


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2])
@pytest.mark.parametrize("alpha", [None, 2.0])
def test_float8(engine: LocalEngine, shelf: Path, kind: torch.dtype, alpha: float | None) -> None:
    down, up = (factor.to(kind) for factor in pair(scale=0.5))
    stem = f"diffusion_model.{LAYER}"
    held = {f"{stem}.lora_A.weight": down, f"{stem}.lora_B.weight": up}
    if alpha is not None:
        held[f"{stem}.alpha"] = torch.tensor(alpha, dtype=torch.bfloat16)
    write(shelf / "eight.safetensors", held)
    scale = 1.0 if alpha is None else alpha / 4
    assert close(change(engine, "eight"), scale * up.float() @ down.float())


@pytest.mark.parametrize("rslora", [False, True])
def test_settings_of_peft_scale_each_layer(engine: LocalEngine, shelf: Path, rslora: bool) -> None:
    other = "layers.3.attention.to_k"
    (down, up), (down2, up2) = pair(), pair(rank=8)
    held = {}
    for layer, a, b in ((LAYER, down, up), (other, down2, up2)):
        held[f"transformer.{layer}.lora_A.weight"] = a
        held[f"transformer.{layer}.lora_B.weight"] = b
    facts = {"r": 4, "lora_alpha": 2, "use_rslora": rslora}
    facts |= {"rank_pattern": {other: 8}, "alpha_pattern": {other: 12}}
    told = {f"transformer.{name}": value for name, value in facts.items()}
    write(shelf / "set.safetensors", held, lora_adapter_metadata=told)
    scales = (2 / 4**0.5, 12 / 8**0.5) if rslora else (2 / 4, 12 / 8)
    assert close(change(engine, "set"), scales[0] * up @ down)
    assert close(change(engine, "set", other), scales[1] * up2 @ down2)


def test_settings_beside_the_file(engine: LocalEngine, shelf: Path) -> None:
    down, up = pair()
    name = f"base_model.model.{LAYER}"
    file = shelf / "peft" / "adapter_model.safetensors"
    file.parent.mkdir()
    write(file, {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up})
    beside = file.with_name("adapter_config.json")
    for alpha, rslora, scale in ((2, False, 0.5), (2, True, 1.0)):
        beside.write_text(
            json.dumps({"peft_type": "LORA", "r": 4, "lora_alpha": alpha, "use_rslora": rslora})
        )
        assert close(change(engine, "peft/adapter_model"), scale * up @ down)
    beside.write_text("{")
    assert inspect_lora(file).alphas == ()


def test_a_lora_that_is_no_number_is_refused(engine: LocalEngine, shelf: Path) -> None:
    down, up = pair()
    stem = f"diffusion_model.{LAYER}"
    lora = {f"{stem}.lora_A.weight": down * float("nan"), f"{stem}.lora_B.weight": up}
    lokr = {f"{stem}.lokr_w1": torch.full((4, 4), float("inf"))}
    lokr[f"{stem}.lokr_w2"] = torch.zeros(WIDTH // 4, WIDTH // 4)
    for held in (lora, lokr):
        write(shelf / "ran_away.safetensors", held)
        with refused("lora-not-loaded", "loras"):
            change(engine, "ran_away")


def test_what_is_not_used_is_told(lesson: Path, tmp_path: Path) -> None:
    bias = {f"transformer.{LAYER}.lora_B.bias": torch.zeros(WIDTH)}
    report = inspect_lora(write(tmp_path / "bias.safetensors", {**tensors(lesson), **bias}))
    assert next(iter(bias)) in report.notes[-1]


def test_dora_of_peft(engine: LocalEngine, shelf: Path) -> None:
    down, up = pair()
    weight = engine.pipeline(NANO).transformer.get_submodule(LAYER).weight.detach().float()
    whole = weight + up @ down
    magnitude = torch.rand(WIDTH) + 0.5
    held = {
        f"transformer.{LAYER}.lora_A.weight": down,
        f"transformer.{LAYER}.lora_B.weight": up,
        f"transformer.{LAYER}.lora_magnitude_vector": magnitude,
    }
    write(shelf / "dora.safetensors", held)
    # DoRA (arXiv 2402.09353), eq. 5: each output's row is brought to its learned length.
    expected = whole * (magnitude / whole.norm(dim=1))[:, None] - weight
    assert close(change(engine, "dora"), expected)
    assert inspect_lora("dora").dora == 1


def test_full_differences_are_named_as_the_reason(lesson: Path, tmp_path: Path) -> None:
    odd = {**plain(lesson), "transformer.layers.0.attention.to_q.diff": torch.ones(WIDTH, WIDTH)}
    report = inspect_lora(write(tmp_path / "odd.safetensors", odd), NANO)
    assert (report.fits, report.misshapen) == ("partly", ())
    assert report.unused == ("transformer.layers.0.attention.to_q",)


def test_folders_behind_links_once_and_without_end(
    lesson: Path, shelf: Path, tmp_path: Path
) -> None:
    away = tmp_path / "elsewhere"
    away.mkdir()
    write(away / "linked.safetensors", plain(lesson))
    (shelf / "comfy").symlink_to(away)
    (away / "back").symlink_to(shelf)
    assert [report.name for report in list_loras()] == ["comfy/linked"]
