"""Group norm with SiLU over pictures in channels-last memory: Triton on CUDA, torch elsewhere.

The statistics are taken apart from their use, so that a picture worked on in bands comes out as in
one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .fused import has_triton

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Normed:
    """How the channels of a picture are normed: ``x * factor + shift``, (batch, channels) each."""

    factor: torch.Tensor
    shift: torch.Tensor


def statistics(x: torch.Tensor, norm: nn.GroupNorm, bias: torch.Tensor | None = None) -> Normed:
    """Return how a group norm would norm ``x + bias``.

    Parameters
    ----------
    x : Tensor
        (batch, channels, height, width) in channels-last memory.
    norm : GroupNorm
        With weights.
    bias : Tensor or None
        (channels,) that is to be added to x, such as that of the convolution before it.
    """
    import torch

    batch, channels, height, width = x.shape
    if x.is_cuda and has_triton():
        from .group_norm_triton import sums

        total, squares = sums(x, bias)
    else:
        y = x.double() if bias is None else x.double() + bias.double()[None, :, None, None]
        total, squares = y.sum((2, 3)), y.square().sum((2, 3))
    count = height * width * (channels // norm.num_groups)
    shape = (batch, norm.num_groups, -1)
    mean = total.view(shape).sum(-1) / count
    variance = (squares.view(shape).sum(-1) / count - mean.square()).clamp(min=0)
    scale = torch.rsqrt(variance + norm.eps)
    repeat = channels // norm.num_groups
    factor = scale.repeat_interleave(repeat, 1) * norm.weight.double()
    shift = norm.bias.double() - mean.repeat_interleave(repeat, 1) * factor
    if bias is not None:
        shift = shift + bias.double() * factor
    return Normed(factor.float(), shift.float())


def apply(x: torch.Tensor, normed: Normed, *, silu: bool = True) -> torch.Tensor:
    """Return ``silu(x * factor + shift)`` in x's format and in channels-last memory."""
    import torch

    if x.is_cuda and has_triton():
        from .group_norm_triton import use

        return use(x, normed.factor, normed.shift, silu)
    y = x.float() * normed.factor[:, :, None, None] + normed.shift[:, :, None, None]
    if silu:
        y = torch.nn.functional.silu(y)
    return y.to(x.dtype).contiguous(memory_format=torch.channels_last)


def double(x: torch.Tensor) -> torch.Tensor:
    """Return a picture at twice the size, each pixel repeated, in channels-last memory."""
    import torch

    if x.is_cuda and has_triton():
        from .group_norm_triton import double as fast

        return fast(x)
    wide = torch.nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
    return wide.contiguous(memory_format=torch.channels_last)


def add_biased(into: torch.Tensor, x: torch.Tensor, bias: Any) -> torch.Tensor:
    """Add x and a bias (channels,) to a picture in place; return it."""
    if into.is_cuda and has_triton():
        from .group_norm_triton import add

        return add(into, x, bias)
    total = into.float() + x.float() + bias.float()[None, :, None, None]
    return into.copy_(total)
