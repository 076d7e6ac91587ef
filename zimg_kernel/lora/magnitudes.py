"""DoRA's magnitudes as other trainers write them (``dora_scale``), by rows or by columns.

DoRA (arXiv 2402.09353) trains a matrix's direction and its lengths apart: what is applied is
(W + BA) with every row, or every column, brought to a learned length (``weight_decompose`` of
LyCORIS; its ``wd_on_out`` says which). peft has rows alone, and diffusers leaves this form out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from peft.tuners.lora.layer import Linear
from safetensors import safe_open
from torch import nn

from .in_place import InPlaceLinear
from .inspect import Look
from .load import as_computable


@dataclass
class _Lengths:
    """By how much more than 1 rows or columns are stretched: (outputs,) or (inputs,)."""

    more: torch.Tensor
    rows: bool
    scaling: float  # of the adapter at weight 1


class LinearWithLengths(Linear):
    """peft's LoRA layer, which also stretches the rows or columns of the layer's own matrix.

    The change counts in proportion to the adapter's weight.
    """

    lengths: dict[str, _Lengths]

    @classmethod
    def note(cls, module: nn.Module, adapter: str, lengths: _Lengths) -> None:
        """Let an adapter of a layer stretch its matrix."""
        layer: Any = module
        if type(layer) not in (Linear, InPlaceLinear, cls):
            raise ValueError(f"DoRA needs weights that are not quantized, not {type(layer)}")
        layer.__class__ = cls
        vars(layer).setdefault("lengths", {})[adapter] = lengths

    def forward(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Return what the layer makes of values: (..., inputs) to (..., outputs)."""
        result: torch.Tensor = super().forward(x, *args, **kwargs)
        if self.disable_adapters or self.merged:
            return result
        for adapter in self.active_adapters:
            if adapter in self.lengths:
                lengths = self.lengths[adapter]
                weight = self.scaling[adapter] / lengths.scaling
                result = result + weight * self._stretched(x, lengths)
        return result

    def _stretched(self, x: torch.Tensor, lengths: _Lengths) -> torch.Tensor:
        base = self.get_base_layer()
        more = lengths.more = lengths.more.to(x.device)
        made = base(x) if lengths.rows else base(x * more.to(x.dtype))
        if base.bias is not None:
            made = made - base.bias
        return made * more.to(made.dtype) if lengths.rows else made


def put_magnitudes(look: Look, transformer: nn.Module, adapter: str) -> None:
    """Complete a LoRA that diffusers has put into a transformer by the magnitudes of its file.

    Parameters
    ----------
    look : Look
        Made with the model's folder.
    transformer : Module
        Has peft's layers.
    adapter : str
        Its name there.
    """
    assert look.fit is not None
    with safe_open(look.path, framework="pt") as file, torch.no_grad():
        for layer, target in look.fit.matched:
            if "dora" in layer.keys:
                scale = as_computable(file.get_tensor(layer.keys["dora"]))
                rows = is_by_rows(tuple(scale.shape), target.size[0])
                layers = [transformer.get_submodule(name) for name in target.parts]
                for one, more in _stretch(layers, adapter, scale.flatten().float(), rows):
                    LinearWithLengths.note(one, adapter, more)


def is_by_rows(shape: tuple[int, ...], outputs: int) -> bool:
    """Return whether magnitudes of this shape are those of a matrix's rows, not its columns."""
    return shape in ((outputs,), (outputs, 1))


def _stretch(
    layers: list[Any], adapter: str, lengths: torch.Tensor, rows: bool
) -> Iterator[tuple[Any, _Lengths]]:
    """Bring the factors of layers that were trained as one to these lengths."""
    changed = []
    for layer in layers:
        down, up = (part[adapter].weight.float() for part in (layer.lora_A, layer.lora_B))
        whole = layer.get_base_layer().weight.float() + layer.scaling[adapter] * (up @ down)
        changed.append(whole)
    norm = torch.cat(changed).norm(dim=1 if rows else 0)
    factor = lengths.to(norm.device) / norm.clamp_min(torch.finfo(norm.dtype).tiny)
    parts = factor.split([len(one) for one in changed]) if rows else [factor] * len(layers)
    for layer, part in zip(layers, parts, strict=True):
        held = layer.lora_B[adapter] if rows else layer.lora_A[adapter]
        value = held.weight.float() * (part[:, None] if rows else part)
        held.weight = nn.Parameter(value.to(held.weight.dtype), requires_grad=False)
        yield layer, _Lengths(part - 1, rows, layer.scaling[adapter])
