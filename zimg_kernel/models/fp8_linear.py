"""Linear layer over weights in fp8, for whatever calls a block's layers one by one."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


class Fp8Linear(nn.Linear):
    """Stands where a layer stood whose weights are packed in fp8; slow, and right.

    Parameters
    ----------
    values : Tensor
        (outputs, inputs) in fp8, a view of the packed weights.
    scale : Tensor
        (outputs,) float32.
    dtype : torch.dtype
        The model's format.
    """

    def __init__(self, values: torch.Tensor, scale: torch.Tensor, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)
        self.out_features, self.in_features = values.shape
        self._packed: Any = (values, scale)
        self._dtype = dtype
        self.register_parameter("bias", None)

    @property
    def packed(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Values and scales."""
        found: tuple[torch.Tensor, torch.Tensor] = self._packed
        return found

    @property
    def dtype(self) -> torch.dtype:
        """The model's format."""
        return self._dtype

    def show(self, values: torch.Tensor, scale: torch.Tensor) -> None:
        """Use other packed weights that hold the same."""
        self._packed = (values, scale)

    @property
    def weight(self) -> torch.Tensor:  # type: ignore[override]
        """The weights in the model's format, made anew."""
        values, scale = self._packed
        return (values.float() * scale[:, None]).to(self._dtype)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the product with (..., inputs)."""
        return F.linear(input, self.weight)
