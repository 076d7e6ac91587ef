"""The fast forward agrees with diffusers' own, in float32 on the CPU."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed import forward
from zimg_kernel.speed.forward import FastForward

CASES = {
    "square": ([(16, 16)], [20]),
    "tokens that need padding": ([(10, 14)], [33]),
    "batch of equals": ([(16, 16)] * 2, [40, 40]),
    "batch of unequal prompts": ([(16, 16)] * 3, [7, 40, 9]),
    "batch of unequal sizes": ([(16, 16), (8, 24)], [7, 40]),
}


CPU = torch.device("cpu")


@pytest.fixture(params=[None, 0, 2], ids=["resident", "from RAM", "partly from RAM"])
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    stock = make_transformer()
    fast = copy.deepcopy(stock)
    FastForward(fast, CPU, resident=request.param)
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


def test_controls_and_gradients_go_to_the_stock_forward(pair: tuple[Any, Any]) -> None:
    x, times, texts = [latents(16, 16)], torch.tensor([0.3]), [caption(20)]
    more = {"controlnet_block_samples": {1: torch.ones(1, 96, 128)}, "return_dict": False}
    with torch.inference_mode():
        expected = pair[0](x, times, texts, **more)[0][0]
        found = pair[1](x, times, texts, **more)[0][0]
    assert (expected - found).abs().max() <= 1e-5 * expected.abs().max()
    assert pair[1](x, times, texts, return_dict=False)[0][0].shape == x[0].shape


@pytest.mark.parametrize("rank", [4, 40])
@pytest.mark.parametrize("copied", [False, True])
def test_loras(
    pair: tuple[Any, Any], rank: int, copied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peft import LoraConfig

    monkeypatch.setattr(forward, "room_for_copy", lambda *_: copied)
    x, times, texts = [latents(16, 16)], torch.tensor([0.3]), [caption(20)]
    names = ["to_q", "to_k", "to_v", "to_out.0", "w1", "w2", "w3"]
    names += ["layers.1.adaLN_modulation.0", "adaLN_modulation.1", "cap_embedder.1"]

    def predict() -> list[torch.Tensor]:
        with torch.inference_mode():
            return [module(x, times, texts, return_dict=False)[0][0] for module in pair]

    before = predict()
    for number in range(2):
        for module in pair:
            torch.manual_seed(number)
            config = LoraConfig(r=rank, lora_alpha=rank, target_modules=names)
            module.add_adapter(config, adapter_name=f"a{number}")
            for key, value in module.named_parameters():
                if f"lora_B.a{number}" in key:
                    value.data.normal_(0, 0.05)
    for chosen, weights in ((["a0"], [0.7]), (["a0", "a1"], [1.0, -0.5]), (["a1"], [1.0])):
        for module in pair:
            module.set_adapters(chosen, weights)
        expected, found = predict()
        assert (expected - before[0]).abs().max() > 1e-2 * expected.abs().max()
        assert (expected - found).abs().max() <= 1e-4 * expected.abs().max()
    for module in pair:
        module.unload_lora()
    assert torch.equal(predict()[1], before[1])


def test_dora_goes_to_the_stock_forward(pair: tuple[Any, Any]) -> None:
    from peft import LoraConfig

    x, times, texts = [latents(16, 16)], torch.tensor([0.3]), [caption(20)]
    found = []
    for module in pair:
        torch.manual_seed(0)
        config = LoraConfig(r=4, target_modules=["to_q"], use_dora=True, init_lora_weights=False)
        module.add_adapter(config)
        with torch.inference_mode():
            found.append(module(x, times, texts, return_dict=False)[0][0])
    assert (found[0] - found[1]).abs().max() <= 1e-4 * found[0].abs().max()


def test_fp8_is_near(pair: tuple[Any, Any]) -> None:
    stock = pair[0]
    fast = copy.deepcopy(stock).to(torch.bfloat16)
    FastForward(fast, CPU, fp8=True)
    times, texts = torch.tensor([0.3]), [caption(20)]
    with torch.inference_mode():
        expected = stock([latents(16, 16)], times, texts, return_dict=False)[0][0]
        small = [[latents(16, 16).bfloat16()], times, [texts[0].bfloat16()]]
        for more in ({}, {"controlnet_block_samples": {}}):  # ours, and the stock forward on fp8
            found = fast(*small, return_dict=False, **more)[0][0]
            assert (found - expected).norm() <= 0.15 * expected.norm()
