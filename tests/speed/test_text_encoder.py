"""The fast text encoder agrees with transformers' own."""

from __future__ import annotations

import copy

import pytest
import torch
from transformers import Qwen3Config, Qwen3Model

from zimg_kernel.speed.text_encoder import FastEncoder


@pytest.mark.parametrize("resident", [None, 0, 2])
@pytest.mark.parametrize("count", [1, 31, 70])
def test_same_embeddings(resident: int | None, count: int) -> None:
    torch.manual_seed(0)
    sizes = {"vocab_size": 200, "hidden_size": 64, "intermediate_size": 96, "head_dim": 32}
    heads = {"num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2}
    stock = Qwen3Model(Qwen3Config(**sizes, **heads)).eval()
    for name, value in stock.named_parameters():
        if "norm" in name:
            value.data.uniform_(0.5, 1.5)
    fast = FastEncoder(copy.deepcopy(stock), torch.device("cpu"), resident=resident)
    ids = torch.randint(0, 200, (1, count))
    with torch.inference_mode():
        states = stock(input_ids=ids, output_hidden_states=True).hidden_states
        found = fast(ids)
    assert found.shape == (count, 64)
    assert (found - states[-2][0]).abs().max() <= 1e-5 * states[-2].abs().max()


def test_eight_bits_are_near() -> None:
    torch.manual_seed(0)
    sizes = {"vocab_size": 200, "hidden_size": 64, "intermediate_size": 96, "head_dim": 32}
    heads = {"num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2}
    stock = Qwen3Model(Qwen3Config(**sizes, **heads)).eval()
    fast = FastEncoder(copy.deepcopy(stock), torch.device("cpu"), resident=1, small=True)
    ids = torch.randint(0, 200, (1, 40))
    with torch.inference_mode():
        states = stock(input_ids=ids, output_hidden_states=True).hidden_states[-2][0]
        assert (fast(ids) - states).norm() <= 0.03 * states.norm()
        assert torch.equal(fast.encoder(input_ids=ids, output_hidden_states=True)[0], stock(ids)[0])
