"""Weights with LoRAs in them, as a copy beside the model's own: no picture costs more with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .blocks import Resident, Weights
from .lora_factors import Factors
from .packed import BlockWeights, Linear, PackedBlock

if TYPE_CHECKING:
    import torch

_LEFT = 4e9  # bytes to leave free beside the copy: a larger picture, a recording


def room_for_copy(packed: Mapping[str, Sequence[PackedBlock]], free: float) -> bool:
    """Return whether a copy of the weights fits into so many free bytes."""
    blocks = [block for row in packed.values() for block in row]
    if any(block.fp8 for block in blocks):
        return False  # rounding a second time would cost precision
    return sum(block.storage.numel() for block in blocks) + _LEFT <= free


def merged(
    packed: Mapping[str, Sequence[PackedBlock]],
    factors: Mapping[str, Sequence[Mapping[str, Factors]]],
) -> dict[str, Weights]:
    """Return weights of all rows with ``B A`` added to each layer that has factors.

    The products are summed in float32 and rounded once to the model's format. Layers without
    factors are the model's own memory.
    """
    found: dict[str, Weights] = {}
    for name, blocks in packed.items():
        pairs = zip(blocks, factors[name], strict=True)
        found[name] = Resident([_with(block.weights, some) for block, some in pairs])
    return found


def _with(weights: BlockWeights, factors: Mapping[str, Factors]) -> BlockWeights:
    changed: dict[str, Any] = {
        name: _sum(getattr(weights, name), some) for name, some in factors.items()
    }
    return replace(weights, **changed)


def _sum(linear: Linear, factors: Factors) -> Linear:
    import torch

    total: torch.Tensor = torch.addmm(linear.weight, factors.up, factors.down)
    return Linear(total)
