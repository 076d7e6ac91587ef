"""LoRA layers of peft that add their product in place on a GPU, in two kernels an adapter.

peft computes W x + s B (A x) with four passes over the outputs: B's product, its scaling, the sum
and W's own. At 1024 px and rank 16 that makes a picture of Z-Image 15 % slower on an H200; here
cuBLAS adds the product while it computes it (``addmm``), which makes it 9 % (measured by
tests/benchmarks/lora_cost.py), and rounds once instead of three times. On a CPU peft's own way is
kept, so that pictures stay the same bytes.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from peft.tuners.lora.layer import Linear
from torch import nn


class InPlaceLinear(Linear):
    """peft's LoRA layer on a linear layer, with the sum in place where nothing else is asked."""

    def forward(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Return what the layer makes of values: (..., inputs) to (..., outputs)."""
        if x.device.type == "cpu" or args or kwargs or not self._is_plain(x):
            result: torch.Tensor = super().forward(x, *args, **kwargs)
            return result
        return self.add_in_place(x)

    def add_in_place(self, x: torch.Tensor) -> torch.Tensor:
        """Return the same as peft's ``forward`` but for rounding."""
        result: torch.Tensor = self.base_layer(x)
        inputs, outputs = x.reshape(-1, x.shape[-1]), result.view(-1, result.shape[-1])
        for name in self.active_adapters:
            if name in self.lora_A:
                down = cast(torch.Tensor, self.lora_A[name].weight)
                up = cast(torch.Tensor, self.lora_B[name].weight)
                outputs.addmm_(inputs @ down.t(), up.t(), alpha=self.scaling[name])
        return result

    def _is_plain(self, x: torch.Tensor) -> bool:
        """Tell whether all that acts are plain LoRAs in the values' own number format."""
        if self.disable_adapters or self.merged or torch.is_grad_enabled():
            return False
        weight = getattr(self.base_layer, "weight", None)
        if weight is None or weight.dtype != x.dtype:
            return False
        return all(
            name not in self.lora_variant
            and isinstance(self.lora_dropout[name], nn.Identity)
            and self.lora_A[name].weight.dtype == x.dtype == self.lora_B[name].weight.dtype
            and self.lora_A[name].bias is None
            and self.lora_B[name].bias is None
            for name in self.active_adapters
            if name in self.lora_A
        )


def let_add_in_place(layer: nn.Module) -> None:
    """Let a layer add in place if it is peft's own LoRA layer, and no kind of it."""
    if type(layer) is Linear:
        layer.__class__ = InPlaceLinear
