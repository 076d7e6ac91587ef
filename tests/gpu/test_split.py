"""Two CUDA GPUs of one machine: steps split over both are those of one; the second can be lost.

Skipped elsewhere.

    python -m pytest -o addopts= tests/gpu/test_split.py
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed.forward import FastForward
from zimg_kernel.speed.graphs import StepGraphs

pytestmark = pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA GPUs")
SIZES = [(16, 16), (10, 14), (32, 32)]


@pytest.fixture
def split() -> Iterator[tuple[Any, FastForward]]:
    """The stock module in float32, and one in bf16 that is split."""
    device = torch.device("cuda")
    stock = make_transformer().to(device)
    fast = FastForward(copy.deepcopy(stock).bfloat16(), device, graphs=StepGraphs())
    fast.split_with(torch.device("cuda", 1))
    yield stock, fast
    fast.remove()
    assert fast.split is not None
    assert fast.split.partner.process.poll() is not None


def _error(pair: tuple[Any, FastForward], size: tuple[int, int]) -> float:
    stock, fast = pair
    x, text = latents(*size).cuda(), caption(20).cuda()
    times = torch.tensor([0.3], device="cuda")
    with torch.inference_mode():
        expected = stock([x], times, [text], return_dict=False)[0][0]
        found = fast.module([x.bfloat16()], times, [text.bfloat16()], return_dict=False)[0][0]
    return float((found - expected).norm() / expected.norm())


@pytest.mark.timeout(90)
def test_eager_recorded_and_played(split: tuple[Any, FastForward]) -> None:
    for _ in range(4):
        for size in SIZES:
            assert _error(split, size) <= 0.05
    assert split[1].split is not None
    assert not split[1].split.partner.lost


@pytest.mark.timeout(60)
def test_the_first_goes_on_alone(split: tuple[Any, FastForward]) -> None:
    assert split[1].split is not None
    for _ in range(3):
        assert _error(split, SIZES[0]) <= 0.05
    split[1].split.partner.process.kill()
    for _ in range(3):
        assert _error(split, SIZES[0]) <= 0.05
    assert split[1].split.partner.lost
