"""The fast forward agrees with diffusers' own, in float32 on the CPU."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed.forward import FastForward

CASES = {
    "square": ([(16, 16)], [20]),
    "tokens that need padding": ([(10, 14)], [33]),
    "batch of equals": ([(16, 16)] * 2, [40, 40]),
    "batch of unequal prompts": ([(16, 16)] * 3, [7, 40, 9]),
    "batch of unequal sizes": ([(16, 16), (8, 24)], [7, 40]),
}


@pytest.fixture
def pair() -> tuple[Any, Any]:
    stock = make_transformer()
    fast = copy.deepcopy(stock)
    FastForward(fast)
    return stock, fast


@pytest.mark.parametrize("case", CASES)
def test_same_prediction(pair: tuple[Any, Any], case: str) -> None:
    sizes, tokens = CASES[case]
    x = [latents(*size, seed=i) for i, size in enumerate(sizes)]
    texts = [caption(count, seed=9 + i) for i, count in enumerate(tokens)]
    with torch.inference_mode():
        for time in (0.0, 0.3, 1.0):
            times = torch.full((len(x),), time)
            expected = pair[0](x, times, texts, return_dict=False)[0]
            found = pair[1](x, times, texts, return_dict=False)[0]
            for a, b in zip(expected, found, strict=True):
                assert a.shape == b.shape
                assert (a - b).abs().max() <= 1e-4 * a.abs().max()
