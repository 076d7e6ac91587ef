"""Tests of LoRA layers that add in place: peft's values but for rounding, where they may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig
from peft.tuners.lora.layer import Linear
from torch import nn

from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.lora.apply import _adapters_of, unload_loras
from zimg_kernel.lora.in_place import InPlaceLinear, let_add_in_place
from zimg_kernel.lora.magnitudes import LinearWithLengths, _Lengths


def make(**settings: Any) -> Linear:
    """Return a layer with two adapters at work, of ranks 4 and 2."""
    torch.manual_seed(3)
    layer = Linear(nn.Linear(12, 20), "a", LoraConfig(r=4, lora_alpha=8, **settings), r=4)
    layer.update_layer("b", 2, lora_alpha=1, config=LoraConfig(r=2, lora_alpha=1))
    for product in (*layer.lora_A.values(), *layer.lora_B.values()):
        nn.init.normal_(product.weight)
    layer.set_adapter(["a", "b"])
    layer.set_scale("b", -0.7)
    return layer


@torch.inference_mode()
def test_it_gives_what_peft_gives() -> None:
    layer, x = make(), torch.randn(2, 5, 12)
    expected = layer(x)
    let_add_in_place(layer)
    assert type(layer) is InPlaceLinear
    assert torch.equal(layer(x), expected)  # on a CPU peft's own way, to the byte
    torch.testing.assert_close(layer.add_in_place(x), expected)
    torch.testing.assert_close(layer.add_in_place(x.transpose(0, 1)), expected.transpose(0, 1))
    layer.set_adapter(["b"])
    torch.testing.assert_close(layer.add_in_place(x), layer(x))


def grads(layer: Linear, x: torch.Tensor) -> bool:
    with torch.enable_grad():
        return InPlaceLinear._is_plain(layer, x)


def change(do: Callable[[Linear], object]) -> Callable[[Linear, torch.Tensor], bool]:
    def changed(layer: Linear, x: torch.Tensor) -> bool:
        do(layer)
        return InPlaceLinear._is_plain(layer, x)

    return changed


@pytest.mark.parametrize(
    "judge",
    [
        grads,
        change(lambda layer: layer.merge()),
        change(lambda layer: layer.enable_adapters(False)),
        change(lambda layer: layer.lora_A.double()),
        change(lambda layer: layer.lora_dropout.update({"a": nn.Dropout(0.1)})),
        lambda layer, x: InPlaceLinear._is_plain(layer, x.half()),
    ],
)
@torch.inference_mode()
def test_anything_else_is_left_to_peft(judge: Callable[[Linear, torch.Tensor], bool]) -> None:
    layer, x = make(), torch.randn(2, 12)
    let_add_in_place(layer)
    assert InPlaceLinear._is_plain(layer, x)
    assert not judge(layer, x)


def test_a_layer_of_another_kind_stays_what_it_is() -> None:
    layer = make()
    let_add_in_place(layer)
    LinearWithLengths.note(layer, "a", _Lengths(torch.zeros(20), True, 2.0))
    let_add_in_place(layer)
    assert type(layer) is LinearWithLengths
    plain = nn.Linear(2, 2)
    let_add_in_place(plain)
    assert type(plain) is nn.Linear


def test_the_layers_of_a_file_that_is_drawn_with_are_of_this_kind(
    engine: LocalEngine, lesson: Path
) -> None:
    unload_loras()
    params = GenerationParams(
        model="nano-turbo", prompt="a red circle", steps=1, width=128, height=128,
        loras=[(str(lesson), 1.0)],
    )  # fmt: skip
    engine.submit(params).result(60)
    (adapters,) = _adapters_of.values()
    assert adapters.layers
    assert {type(layer) for layer in adapters.layers.values()} == {InPlaceLinear}
