"""Weights read straight to a CUDA device: those of ``from_pretrained``, in either format."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from zimg_kernel import get_card
from zimg_kernel.models.component_loading import Components, module_class
from zimg_kernel.models.diffusers_folder import weighted_components
from zimg_kernel.models.fp8_file import find_fp8, fp8_path, make_fp8
from zimg_kernel.models.fp8_rounding import quantise_weights
from zimg_kernel.models.load_profile import LoadProfile
from zimg_kernel.models.loading import load_model
from zimg_kernel.models.weights import require_weights

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
CUDA = torch.device("cuda")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_all_numbers_are_those_of_the_usual_way(dtype: torch.dtype) -> None:
    small = require_weights(get_card("nano-turbo"))
    names = weighted_components(small)
    with Components(small, names, dtype, CUDA) as components:
        modules = dict(components.modules)
    assert set(modules) == set(names)
    for name, module in modules.items():
        other = module_class(*names[name]).from_pretrained(small / name, dtype=dtype).to(CUDA)
        for part in ("named_parameters", "named_buffers"):
            found, wanted = dict(getattr(module, part)()), dict(getattr(other, part)())
            assert list(found) == list(wanted)
            for key, value in wanted.items():
                assert found[key].device == value.device, key
                assert found[key].dtype == value.dtype, key
                assert torch.equal(found[key], value), key


@pytest.mark.skipif(
    not torch.cuda.is_available() or torch.cuda.mem_get_info()[1] < 40e9, reason="needs 40 GB"
)
def test_a_full_size_models_numbers_are_those_of_its_files(folder: Path) -> None:
    names = weighted_components(folder)
    with Components(folder, names, torch.bfloat16, CUDA) as components:
        modules = dict(components.modules)
    assert set(modules) == set(names)
    for name, module in modules.items():
        other = module_class(*names[name]).from_pretrained(folder / name, dtype=torch.bfloat16)
        for key, value in other.state_dict().items():
            assert torch.equal(module.state_dict()[key], value.to(CUDA)), key


def test_weights_that_wait_are_page_locked() -> None:
    from zimg_kernel.speed.residence import Residence
    from zimg_kernel.z_image.sizes import sizes_of

    card = get_card("nano-turbo")
    small = require_weights(card)
    profile = LoadProfile("bfloat16", speed="exact")
    sizes = sizes_of(small, profile)
    residence = Residence(1, 0, 64 * 64, 1e9, 1e9, 128 * 160, sizes)
    model = load_model(card, small, CUDA, {}, offload=True, profile=profile, residence=residence)
    for part in (model.speed.transformer, model.speed.encoder):
        assert all(piece.is_pinned() for piece in part.stream.pieces)


def test_weights_are_rounded_to_the_same_bits_everywhere() -> None:
    weight = torch.randn(2500, 3840, generator=torch.Generator().manual_seed(0)).bfloat16()
    weight[1:300] = (torch.arange(3840) - 1920) / 64
    values, scales = quantise_weights(weight)
    found = quantise_weights(weight.to(CUDA))
    assert torch.equal(found[0].view(torch.uint8).cpu(), values.view(torch.uint8))
    assert torch.equal(found[1].cpu(), scales)


@pytest.mark.skipif(
    not torch.cuda.is_available() or torch.cuda.get_device_capability() < (8, 9), reason="no fp8"
)
@pytest.mark.parametrize("waits", [False, True])
def test_fast_is_the_same_with_a_file_and_without(waits: bool) -> None:
    from zimg_kernel.speed.residence import Residence
    from zimg_kernel.z_image.sizes import sizes_of

    card = get_card("nano-turbo")
    small, profile = require_weights(card), LoadProfile("bfloat16", speed="fast")
    residence = None
    if waits:
        sizes = sizes_of(small, profile)
        residence = Residence(1, 0, 64 * 64, 1e9, 1e9, 128 * 160, sizes)
    fp8_path(card).unlink(missing_ok=True)
    made = []
    for _ in range(2):
        made.append(
            load_model(card, small, CUDA, {}, offload=waits, profile=profile, residence=residence)
        )
        make_fp8(card, small, lambda _: None)
        assert find_fp8(card, small)
    for name, blocks in made[0].speed.transformer.packed.items():
        for one, other in zip(blocks, made[1].speed.transformer.packed[name], strict=True):
            for part in ("qkv", "out", "gate_up", "down"):
                first, second = (getattr(block.weights, part) for block in (one, other))
                assert torch.equal(first.weight.float(), second.weight.float())
                if one.fp8:
                    assert torch.equal(first.scale, second.scale)


def test_locked_memory_is_filled_first_and_unlocked_when_nobody_holds_it() -> None:
    from zimg_kernel.speed.locked import WaitingMemory, to_device

    memory = WaitingMemory(64 << 20)
    memory.tensor.copy_(torch.arange(64 << 20).to(torch.uint8))
    assert not memory.tensor.is_pinned()
    memory.lock()
    tensor = memory.tensor
    assert tensor.is_pinned()
    assert tensor[1000:2000].is_pinned()
    there = tensor.to(CUDA, non_blocking=True)
    assert torch.equal(there.cpu(), tensor)
    del memory, tensor  # what is on its way arrives
    again = [WaitingMemory(64 << 20) for _ in range(4)]
    for one in again:
        one.tensor.fill_(1)
        one.lock()
        assert one.tensor.is_pinned()
    weight = torch.randn(300, 500).bfloat16()
    assert torch.equal(to_device(weight, CUDA).cpu(), weight)
