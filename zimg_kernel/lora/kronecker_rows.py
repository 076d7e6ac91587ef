"""A third of the rows of a Kronecker product, for LoKr on fused queries, keys and values.

A third of a product of matrices is mostly no product of smaller ones. Written out, those of
Z-Image's 34 blocks would take 3 GB in bf16; kept as factors they take a few megabytes.
"""

from __future__ import annotations

from typing import Any

import torch
from peft.tuners.lokr.layer import Linear


class ThirdOfLoKr(Linear):
    """peft's LoKr layer, whose change may be a third of the rows of its factors' product."""

    thirds: dict[str, int]  # by adapter; one that is not in it has the whole product

    @classmethod
    def note(cls, layer: Any, adapter: str, third: int) -> None:
        """Let an adapter of a layer be the third of this number: 0, 1 or 2."""
        if not isinstance(layer, cls):
            layer.__class__ = cls
            layer.thirds = {}
        layer.thirds[adapter] = third

    def get_delta_weight(
        self, adapter_name: str, *, apply_rank_dropout: bool = False
    ) -> torch.Tensor:
        """Return an adapter's change of the layer's matrix: (outputs, inputs)."""
        third = self.thirds.get(adapter_name)
        if third is None:
            whole: torch.Tensor = super().get_delta_weight(
                adapter_name, apply_rank_dropout=apply_rank_dropout
            )
            return whole
        one, two = (self._factor(part, adapter_name) for part in ("lokr_w1", "lokr_w2"))
        return third_of_product(one, two, third) * self.scaling[adapter_name]

    def _factor(self, part: str, adapter: str) -> torch.Tensor:
        held = getattr(self, part)
        if adapter in held:
            whole: torch.Tensor = held[adapter]
            return whole
        return getattr(self, f"{part}_a")[adapter] @ getattr(self, f"{part}_b")[adapter]


def third_of_product(one: torch.Tensor, two: torch.Tensor, third: int) -> torch.Tensor:
    """Return a third of the rows of the Kronecker product of two matrices.

    Parameters
    ----------
    one, two : Tensor
        (a, b) and (c, d), with a * c a multiple of 3.
    third : int
        0, 1 or 2.

    Returns
    -------
    Tensor
        (a * c / 3, b * d), equal to ``torch.kron(one, two).chunk(3)[third]``.
    """
    rows = one.shape[0]
    if rows % 3 == 0:
        return torch.kron(one.chunk(3)[third], two)
    # The product's rows in blocks of a third of the second factor's, of which each third has a.
    blocks = torch.arange(third * rows, (third + 1) * rows, device=one.device)
    left = one[blocks // 3]
    right = two.reshape(3, two.shape[0] // 3, two.shape[1])[blocks % 3]
    return torch.einsum("ab,acd->acbd", left, right).reshape(-1, one.shape[1] * two.shape[1])
