"""A block's weights on their way to the second process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.speed.packed import BlockWeights, Linear

if TYPE_CHECKING:
    import torch

Plan = list[tuple[tuple[int, ...], str] | None]
"""Shape and dtype of each tensor of a block, in the order of :func:`tensors`; None for none."""


def tensors(weights: BlockWeights) -> list[torch.Tensor | None]:
    """Return all tensors of a block in a fixed order."""
    products = (weights.qkv, weights.out, weights.gate_up, weights.down)
    found: list[Any] = [part for one in products for part in (one.weight, one.scale)]
    return [*found, *weights.norms, weights.norm_q, weights.norm_k]


def plan_of(weights: BlockWeights) -> Plan:
    """Return what the other process needs to know to receive a block."""
    return [
        None if x is None else (tuple(x.shape), str(x.dtype).removeprefix("torch."))
        for x in tensors(weights)
    ]


def received(
    plan: Plan, device: torch.device, receive: Callable[[torch.Tensor], torch.Tensor]
) -> BlockWeights:
    """Return a block whose tensors are received in turn."""
    import torch

    found: list[Any] = []
    for one in plan:
        if one is None:
            found.append(None)
        else:
            place = torch.empty(one[0], dtype=getattr(torch, one[1]), device=device)
            found.append(receive(place))
    qkv, out, gate_up, down = (Linear(found[at], found[at + 1]) for at in (0, 2, 4, 6))
    return BlockWeights(qkv, out, gate_up, down, tuple(found[8:12]), found[12], found[13])
