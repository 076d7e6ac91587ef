"""Products of packed weights and rows: in the model's format, in fp8, with LoRAs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .fused import Rows
from .lora_factors import Factors
from .packed import Linear

if TYPE_CHECKING:
    import torch


def fits(linear: Linear, factors: Factors) -> bool:
    """Return whether the memory behind a weight has room for the factors."""
    if linear.room is None:
        return False
    return factors.down.shape[0] <= linear.room.shape[1] - linear.weight.shape[1]


def product(
    rows: Rows, linear: Linear, factors: Factors | None = None, into: torch.Tensor | None = None
) -> torch.Tensor:
    """Return the product (rows, outputs) with a weight, and with the LoRAs on it.

    ``into`` is contiguous memory of as many numbers, for a product without scales and LoRAs; the
    others leave it alone. Where the factors lie behind the weight (:func:`put_factors`) and the
    rows have free columns for them, one product does both; elsewhere a second one is added to the
    first.
    """
    import torch

    x, weight = rows.values, linear.weight
    if rows.scale is not None:
        assert linear.scale is not None
        out = scaled_product(x, rows.scale, weight, linear.scale)
    elif factors is not None and fits(linear, factors) and x.stride(0) > x.shape[1]:
        assert linear.room is not None
        inputs, columns = x.shape[1], factors.down.shape[0]
        wide = x.as_strided((x.shape[0], inputs + columns), x.stride())
        torch.mm(x, factors.down.t(), out=wide[:, inputs:])
        return wide @ linear.room[:, : inputs + columns].t()
    elif into is not None and factors is None:
        return torch.mm(x, weight.t(), out=into.view(x.shape[0], -1))
    else:
        out = x @ weight.t()
    if factors is not None:
        plain = x if rows.plain is None else rows.plain
        out.addmm_(plain @ factors.down.t(), factors.up.t())
    return out


def put_factors(linear: Linear, factors: Factors) -> None:
    """Copy the factors of LoRAs behind a weight, where there is room for them."""
    if fits(linear, factors):
        assert linear.room is not None
        inputs = linear.weight.shape[1]
        linear.room[:, inputs : inputs + factors.up.shape[1]].copy_(factors.up)


def scaled_product(
    x: torch.Tensor, x_scale: torch.Tensor, weight: torch.Tensor, weight_scale: torch.Tensor
) -> torch.Tensor:
    """Return the product of fp8 rows (rows, inputs) with fp8 weights, scaled by row and output."""
    import torch

    if not x.is_cuda:
        exact = (x.float() * x_scale) @ (weight.float() * weight_scale.t()).t()
        return exact.to(torch.bfloat16)
    return torch._scaled_mm(
        x,
        weight.t(),
        scale_a=x_scale,
        scale_b=weight_scale,
        out_dtype=torch.bfloat16,
        use_fast_accum=True,
    )
