"""Files of weights in 8 bits: the bits that loading makes, and of no other weights."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from refusals import refused
from small_transformer import caption, latents, make_transformer
from zimg_kernel import get_card
from zimg_kernel.errors import ZimgError
from zimg_kernel.models import embedded
from zimg_kernel.models.component_loading import Components, module_class
from zimg_kernel.models.diffusers_folder import weighted_components
from zimg_kernel.models.fp8_file import find_fp8, fp8_path, make_fp8
from zimg_kernel.models.fp8_linear import Fp8Linear
from zimg_kernel.models.fp8_rounding import quantise_weights
from zimg_kernel.speed.forward import FastForward
from zimg_kernel.speed.fused import quantise_rows

CPU = torch.device("cpu")
BF16 = torch.bfloat16


def nano(_: Path) -> Path:
    return embedded.folder("nano-turbo")


def small(folder: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Write a folder of a small transformer alone, in several files."""
    make_transformer().to(dtype).save_pretrained(folder / "transformer", max_shard_size="400KB")
    index = {"transformer": ["diffusers", "ZImageTransformer2DModel"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def small_bf16(folder: Path) -> Path:
    return small(folder, BF16)


def silent(_: str) -> None:
    pass


def loaded(folder: Path, fp8: Any) -> Any:
    with Components(folder, ["transformer"], BF16, CPU, fp8) as components:
        return components.modules["transformer"].requires_grad_(False)


@pytest.mark.parametrize("resident", [None, 0, 2])
@pytest.mark.parametrize("make", [nano, small, small_bf16])
def test_packed_weights_are_those_that_loading_makes(
    tmp_path: Path, make: Callable[[Path], Path], resident: int | None
) -> None:
    card, folder = get_card("nano-turbo"), make(tmp_path / "model")
    make_fp8(card, folder, silent)
    fp8 = find_fp8(card, folder)
    assert fp8
    kind = module_class(*weighted_components(folder)["transformer"])
    stock = kind.from_pretrained(folder / "transformer", dtype=BF16).requires_grad_(False)
    module = loaded(folder, fp8)
    small_layers = {name for name, part in module.named_modules() if isinstance(part, Fp8Linear)}
    assert small_layers == set(fp8)
    made = [FastForward(one, CPU, fp8=True, resident=resident) for one in (stock, module)]
    for name, blocks in made[0].packed.items():
        for one, other in zip(blocks, made[1].packed[name], strict=True):
            assert one.fp8 == other.fp8 == (name != "context_refiner")
            for part in ("qkv", "out", "gate_up", "down"):
                first, second = (getattr(block.weights, part) for block in (one, other))
                assert torch.equal(first.weight.float(), second.weight.float())
                if one.fp8:
                    assert torch.equal(first.scale, second.scale)
    pairs = zip(stock.parameters(), module.parameters(), strict=True)
    assert all(torch.equal(*pair) for pair in pairs)
    if make is nano:
        return
    times, texts = torch.tensor([0.3]), [caption(20).bfloat16()]
    with torch.inference_mode():
        seen = [one([latents(16, 16).bfloat16()], times, texts, return_dict=False)[0][0]
                for one in (stock, module)]  # fmt: skip
    assert torch.equal(*seen)


def test_rounding_is_that_of_rows() -> None:
    """The same as for activations, also where quotients lie halfway between two numbers."""
    weight = torch.randn(2500, 96, generator=torch.Generator().manual_seed(0)).bfloat16()
    weight[0] = 0
    weight[1:300] = (torch.arange(96) - 48) / 64
    values, scale = quantise_weights(weight)
    wanted, scales = quantise_rows(weight)
    assert torch.equal(values.float(), wanted.float())
    assert torch.equal(scale, scales[:, 0])


def change_numbers(folder: Path) -> None:
    path = next(path for path in folder.rglob("*.safetensors") if _has(path, "layers.0"))
    tensors = load_file(path)
    save_file({key: value * 2 for key, value in tensors.items()}, path, metadata={"format": "pt"})


def _has(path: Path, name: str) -> bool:
    return any(key.startswith(name) for key in load_file(path))


def change_time(folder: Path) -> None:
    path = next((folder / "transformer").glob("*.safetensors"))
    later = path.stat().st_mtime_ns + 10**9
    os.utime(path, ns=(later, later))


def damage(_: Path) -> None:
    path = fp8_path(get_card("nano-turbo"))
    path.write_bytes(path.read_bytes()[:-1])


def write_nonsense(_: Path) -> None:
    fp8_path(get_card("nano-turbo")).write_bytes(b"\x08" + bytes(7) + b'{"a": 1}')


def remove(_: Path) -> None:
    fp8_path(get_card("nano-turbo")).unlink()


@pytest.mark.parametrize("change", [change_numbers, change_time, damage, write_nonsense, remove])
def test_only_a_whole_file_of_these_weights_is_used(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    card, folder = get_card("nano-turbo"), small(tmp_path / "model")
    make_fp8(card, folder, silent)
    assert find_fp8(card, folder)
    change(folder)
    assert find_fp8(card, folder) is None
    make_fp8(card, folder, silent)
    assert find_fp8(card, folder)
    assert [path.name for path in fp8_path(card).parent.iterdir()] == ["fp8.safetensors"]


def test_a_file_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    card, folder = get_card("nano-turbo"), small(tmp_path / "model")
    path = make_fp8(card, folder, silent)
    before = path.stat().st_mtime_ns
    said: list[str] = []
    assert make_fp8(card, folder, said.append) == path
    assert path.stat().st_mtime_ns == before
    assert len(said) == 1


def test_it_is_refused_where_it_would_be_of_no_use(tmp_path: Path) -> None:
    card, folder = get_card("nano-turbo"), small(tmp_path / "model")
    path = folder / "transformer" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**config, "quantization_config": {"quant_method": "gguf"}}))
    with refused("model-not-convertible", "fp8"):
        make_fp8(card, folder, silent)
    assert not fp8_path(card).exists()


def test_room_on_the_disk_is_asked_for_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, folder = get_card("nano-turbo"), small(tmp_path / "model")
    monkeypatch.setattr("zimg_kernel.models.fp8_file.free_disk", lambda _: 10**9)
    with refused("disk-full", "ZIMG_HOME", ZimgError):
        make_fp8(card, folder, silent)
    assert not fp8_path(card).exists()
