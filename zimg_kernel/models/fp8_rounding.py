"""Rounding of weights to 8 bits (fp8, E4M3) with a scale for each output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

FP8_MAX = 448.0
"""The largest value of torch.float8_e4m3fn."""

SCALE_FLOOR = 1e-6
"""The least scale of a row in fp8: a row of zeros must not be divided by 0."""

_ROWS = 1024  # rounded at a time, which bounds what is held in float32


def quantise_weights(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a weight (outputs, inputs) in fp8, and its scales (outputs,) in float32.

    Every device gives the same bits: divisions are of tensors, which IEEE 754 rounds in one way
    only (torch multiplies by the reciprocal of a number on CUDA, and Triton's division is an
    approximation).
    """
    import torch

    parts = [_quantise(rows) for rows in weight.split(_ROWS)]
    values, scales = zip(*parts, strict=True)
    return torch.cat(values), torch.cat(scales)


def _quantise(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    exact = weight.float()
    largest = exact.abs().amax(1)
    scale = (largest / torch.full_like(largest, FP8_MAX)).clamp(min=SCALE_FLOOR)
    small = (exact / scale[:, None]).clamp(-FP8_MAX, FP8_MAX)
    return small.to(torch.float8_e4m3fn), scale
