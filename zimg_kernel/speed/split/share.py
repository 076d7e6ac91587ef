"""A process's share of a block's weights: half of the heads and of the feed-forward's features.

Rows of the first products (qkv, gate and up) and columns of the second ones (out, down) are split,
so that one sum after each second product is all that the processes exchange (Shoeybi et al.,
"Megatron-LM", 2019). In fp8 each output keeps the scale of its whole row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.speed.packed import BlockWeights, Linear

if TYPE_CHECKING:
    import torch

RANKS = 2

Plan = list[tuple[tuple[int, ...], str] | None]
"""Shape and dtype of each tensor of a block, in the order of :func:`tensors`; None for none."""


def share_of(weights: BlockWeights, rank: int) -> BlockWeights:
    """Return a copy of a process's share."""
    return BlockWeights(
        _rows(weights.qkv, 3, rank),
        _columns(weights.out, rank),
        _rows(weights.gate_up, 2, rank),
        _columns(weights.down, rank),
        weights.norms,
        weights.norm_q,
        weights.norm_k,
    )


def _rows(linear: Linear, parts: int, rank: int) -> Linear:
    """Return a share of the rows of each of several layers that are packed below each other."""
    import torch

    rows = linear.weight.shape[0] // parts
    own = _half(rows, rank)
    places = [slice(part * rows + own.start, part * rows + own.stop) for part in range(parts)]
    # Through bytes: not every operation knows fp8.
    weight = torch.cat([linear.weight[at].view(torch.uint8) for at in places])
    scale = linear.scale
    if scale is not None:
        scale = torch.cat([scale[:, at] for at in places], 1)
    return Linear(weight.view(linear.weight.dtype), scale)


def _columns(linear: Linear, rank: int) -> Linear:
    own = linear.weight[:, _half(linear.weight.shape[1], rank)].contiguous()
    return Linear(own, linear.scale)


def _half(count: int, rank: int) -> slice:
    """Return the first or the second half; of an odd count the first is longer."""
    middle = -(-count // RANKS)
    return slice(0, middle) if rank == 0 else slice(middle, count)


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
