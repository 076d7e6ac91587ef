"""RAM for weights that wait: held by whoever holds a view of it."""

from __future__ import annotations

import gc

import torch

from zimg_kernel.speed.locked import WaitingMemory, to_device


def test_memory_lives_as_long_as_a_view_of_it() -> None:
    memory = WaitingMemory(3 << 20)
    assert memory.tensor.shape == (3 << 20,)
    memory.tensor.fill_(7)
    view = memory.tensor[1024:2048].view(torch.float32)
    wanted = view.clone()
    memory.lock()
    del memory
    gc.collect()
    others = [torch.zeros(1 << 20) for _ in range(4)]
    assert torch.equal(view, wanted)
    assert len(others) == 4


def test_a_weight_comes_to_its_device() -> None:
    weight = torch.randn(4, 8).bfloat16()
    assert torch.equal(to_device(weight, torch.device("cpu")), weight)
