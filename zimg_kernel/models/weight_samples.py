"""Samples of a transformer's weights, by which a later change of them in memory is seen.

A LoRA fused into a pipeline stays in its weights when the adapter is unloaded, and nothing on the
pipeline tells of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

if TYPE_CHECKING:
    import torch
    from torch import nn

_VALUES = 32  # of each layer; what a LoRA changes, it changes in whole layers


class WeightSamples:
    """A few values of every linear layer of a module, as they are when this is made.

    Parameters
    ----------
    module : Module
        A transformer. Values of 8 bits or fewer are left out, as are layers that are replaced
        later, or whose values are then of another type: of these nothing can be said.
    """

    def __init__(self, module: nn.Module) -> None:
        from torch import nn

        parts = (part for part in module.modules() if isinstance(part, nn.Linear))
        layers = [part for part in parts if "weight" in part._parameters]  # others make it anew
        self._layers = [(ref(layer), layer.weight.dtype) for layer in layers if _readable(layer)]
        self._values = _values([layer for layer in layers if _readable(layer)])

    def changed(self) -> bool:
        """Return whether any of the values is another one now."""
        import torch

        there = []
        for number, (found, dtype) in enumerate(self._layers):
            layer = found()
            if layer is not None and layer.weight.dtype == dtype and _readable(layer):
                there.append((number, layer))
        if not there:
            return False
        now = _values([layer for _, layer in there])
        before = self._values[[number for number, _ in there]]
        # Not a number is never equal to itself, but is no change.
        return not bool(torch.equal(now.nan_to_num(), before.nan_to_num()))


def _readable(layer: Any) -> bool:
    weight = layer.weight
    real = weight.is_floating_point() and weight.element_size() > 1
    return bool(real and weight.device.type != "meta" and min(weight.shape) >= _VALUES)


def _values(layers: list[nn.Linear]) -> torch.Tensor:
    """Return values of layers, as float32 on the CPU: (layers, values)."""
    import torch

    if not layers:
        return torch.zeros(0, _VALUES)
    with torch.no_grad():
        some = [_spread(layer.weight) for layer in layers]
        if len({(one.dtype, one.device) for one in some}) > 1:
            some = [one.float().cpu() for one in some]
        return torch.stack(some).float().cpu()


def _spread(weight: torch.Tensor) -> torch.Tensor:
    """Return values of a matrix from all over it."""
    if not weight.is_contiguous():  # a view of packed weights, which would be copied whole
        flat = weight.detach().diagonal()
        return flat[:: max(1, flat.numel() // _VALUES)][:_VALUES]
    flat = weight.detach().reshape(-1)
    return flat[:: flat.numel() // _VALUES][:_VALUES]


_known: WeakKeyDictionary[Any, WeightSamples] = WeakKeyDictionary()


def samples_of(module: nn.Module) -> WeightSamples:
    """Return the samples that were taken when a module was first asked about."""
    if module not in _known:
        _known[module] = WeightSamples(module)
    return _known[module]
