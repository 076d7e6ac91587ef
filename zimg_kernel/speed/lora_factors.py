"""LoRAs as factors of packed products, so that a picture with them runs the same kernels.

peft computes ``W x + s B (A x)`` for each layer. Here the factors of a packed product are stacked,
``A`` of the layers below each other and ``s B`` as blocks on a diagonal, and ``[W, B] [x; A x]``
is one product over a few more columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from torch import nn

_LAYERS = "_zimg_peft_layers"
_COLUMNS = 16  # a product's width is a multiple, as tensor cores want it


@dataclass(frozen=True)
class Factors:
    """The LoRAs of one packed product.

    Attributes
    ----------
    down : Tensor
        (columns, inputs), ``A`` of all layers and files.
    up : Tensor
        (outputs, columns), ``B`` times strength, zero outside its own layer's outputs.
    """

    down: torch.Tensor
    up: torch.Tensor


class NotPlain(Exception):
    """A layer is changed in another way than by factors of low rank."""


def signature(transformer: Any) -> tuple[Any, ...] | None:
    """Return what tells LoRAs in use, and their strengths, from others; None if there are none.

    Where their weights lie belongs to it: recordings read those of the layers that are not packed,
    and a LoRA that was unloaded and is read again may lie elsewhere.
    """
    config = vars(transformer).get("peft_config")
    if config is None:
        return None
    known = (id(config), tuple(config))
    kept = vars(transformer).get(_LAYERS)
    if kept is None or kept[0] != known:
        # Looking through thousands of modules takes milliseconds, and this is asked at each step.
        kept = (known, list(_peft_layers(transformer)))
        vars(transformer)[_LAYERS] = kept
    found = []
    for layer in kept[1]:
        names = tuple(layer.active_adapters)
        scales = tuple(layer.scaling.get(name, 0.0) for name in names)
        places = tuple(
            part[name].weight.data_ptr()
            for part in (getattr(layer, "lora_A", {}), getattr(layer, "lora_B", {}))
            for name in names
            if name in part
        )
        found.append((id(layer), names, scales, places))
    return tuple(found)


def _peft_layers(transformer: nn.Module) -> Iterator[Any]:
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in transformer.modules():
        if isinstance(module, BaseTunerLayer):
            yield module


def factors_of(layers: Sequence[nn.Module], dtype: torch.dtype) -> Factors | None:
    """Return the factors in the layers of one product, or None if there are none.

    Raises
    ------
    NotPlain
        A layer holds something that factors cannot say, such as DoRA's magnitudes.
    """
    import torch

    downs: list[torch.Tensor] = []
    ups: list[torch.Tensor] = []
    outputs = [int(layer.out_features) for layer in layers]  # type: ignore[arg-type]
    for number, layer in enumerate(layers):
        for down, up in _pairs(layer):
            above, below = sum(outputs[:number]), sum(outputs[number + 1 :])
            downs.append(down)
            ups.append(torch.nn.functional.pad(up, (0, 0, above, below)))
    if not downs:
        return None
    down, up = torch.cat(downs), torch.cat(ups, 1)
    spare = -len(down) % _COLUMNS
    down = torch.nn.functional.pad(down, (0, 0, 0, spare))
    up = torch.nn.functional.pad(up, (0, spare))
    return Factors(down.to(dtype), up.to(dtype))


def _pairs(layer: Any) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield A and s B of each adapter in use in a layer."""
    from peft.tuners.lora import Linear
    from peft.tuners.tuners_utils import BaseTunerLayer

    if not isinstance(layer, BaseTunerLayer):
        return
    if not isinstance(layer, Linear) or layer.merged or layer.disable_adapters:
        raise NotPlain
    for name in layer.active_adapters:
        if name not in layer.lora_A:
            continue
        if name in layer.lora_variant or layer.lora_bias.get(name, False):
            raise NotPlain
        weights: Any = layer.lora_A[name].weight.data, layer.lora_B[name].weight.data
        yield weights[0], weights[1].float() * layer.scaling[name]
