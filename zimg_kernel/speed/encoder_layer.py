"""Layer of a Qwen3 text encoder over packed weights, of few and large operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from .fused import Rows, add_norm, norm_rope, norm_scale, silu_up
from .locked import WaitingMemory, to_device

_ALIGNED = 256  # bytes
_LEVELS = 127  # of 8 bits, on either side of zero


@dataclass(frozen=True)
class _Matrix:
    """Where a packed weight lies: bytes of its values and, in 8 bits, of its rows' scales."""

    start: int
    shape: tuple[int, int]
    scales: int | None


class PackedLayer:
    """What a ``Qwen3DecoderLayer`` of transformers computes for one prompt without padding.

    Parameters
    ----------
    layer : Qwen3DecoderLayer
        In the model's format its weights become views of packed ones.
    device : torch.device
        Where the layer computes; its norms lie there.
    small : bool
        Whether weights are kept in 8 bits with a scale for each output, to cross a bus in half
        the time; they are brought back to the model's format for use. The layer's own stay.
    place : torch.device
        Where the packed weights lie.
    """

    def __init__(
        self, layer: Any, device: torch.device, place: torch.device, *, small: bool = False
    ) -> None:
        at, feed = layer.self_attn, layer.mlp
        config = at.config
        self.heads, self.key_heads = config.num_attention_heads, config.num_key_value_heads
        self.size = at.head_dim
        self.eps = layer.input_layernorm.variance_epsilon
        norms = (layer.input_layernorm, layer.post_attention_layernorm, at.q_norm, at.k_norm)
        self.first_norm, self._norm, self._norm_q, self._norm_k = (
            norm.weight.data.to(device) for norm in norms
        )
        self._device = device
        self._small, self._dtype = small, at.q_proj.weight.dtype
        self._parts = [
            [at.q_proj, at.k_proj, at.v_proj],
            [at.o_proj],
            [feed.gate_proj, feed.up_proj],
            [feed.down_proj],
        ]
        self._matrices: list[_Matrix] = []
        end = 0
        for part in self._parts:
            shape = (sum(one.out_features for one in part), part[0].in_features)
            start, end = end, _after(end, shape[0] * shape[1] * (1 if small else self._width))
            scales = end if small else None
            end = _after(end, shape[0] * 4) if small else end
            self._matrices.append(_Matrix(start, shape, scales))
        locked = place.type == "cpu" and device.type == "cuda"  # to cross at the bus's full speed
        waiting = WaitingMemory(end) if locked else None
        if waiting is not None:
            self.storage = waiting.tensor
        else:
            self.storage = torch.empty(end, dtype=torch.uint8, device=place)
        for number, part in enumerate(self._parts):
            self._take(number, part)
        if waiting is not None:
            waiting.lock()

    @property
    def _width(self) -> int:
        return self._dtype.itemsize

    def _take(self, number: int, part: list[Any]) -> None:
        at = 0
        values, scales = self._views(self.storage, number)
        for one in part:
            rows = slice(at, at + one.out_features)
            at += one.out_features
            weight = one.weight.data
            if scales is not None:
                exact = to_device(weight, self._device).float()
                scale = (exact.abs().amax(1) / _LEVELS).clamp(min=1e-12)
                values[rows].copy_((exact / scale[:, None]).round().to(torch.int8))
                scales[rows].copy_(scale)
            else:
                values[rows].copy_(weight)
                one.weight.data = values[rows]

    def move(self, storage: torch.Tensor) -> None:
        """Let the weights lie in another piece of memory that holds the same bytes."""
        self.storage = storage
        if self._small:
            return
        for number, part in enumerate(self._parts):
            values, at = self._views(storage, number)[0], 0
            for one in part:
                one.weight.data = values[at : at + one.out_features]
                at += one.out_features

    def _views(self, storage: torch.Tensor, number: int) -> tuple[Any, Any]:
        """Return values and, in 8 bits, scales of a matrix in a piece of memory."""
        matrix = self._matrices[number]
        count = matrix.shape[0] * matrix.shape[1] * (1 if self._small else self._width)
        flat = storage[matrix.start : matrix.start + count]
        values = flat.view(torch.int8 if self._small else self._dtype).view(matrix.shape)
        if matrix.scales is None:
            return values, None
        scales = storage[matrix.scales : matrix.scales + matrix.shape[0] * 4]
        return values, scales.view(torch.float32)

    def _weight(self, storage: torch.Tensor, number: int) -> torch.Tensor:
        """Return a matrix in the model's format."""
        values, scales = self._views(storage, number)
        if scales is None:
            found: torch.Tensor = values
            return found
        return values.to(self._dtype) * scales[:, None].to(self._dtype)

    def run(
        self,
        x: torch.Tensor,
        rows: Rows,
        cos: torch.Tensor,
        sin: torch.Tensor,
        after: torch.Tensor | None,
        storage: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, Rows | None]:
        """Return the states behind the layer, and these after the next layer's first norm.

        Parameters
        ----------
        x : Tensor
            (1, tokens, features).
        rows : Rows
            x after this layer's first norm.
        cos, sin : Tensor
            (tokens, head size / 2).
        after : Tensor or None
            Weight of the next layer's first norm.
        storage : Tensor, optional
            The packed weights on the device, if they lie elsewhere.
        """
        storage = self.storage if storage is None else storage
        tokens = x.shape[1]
        qkv = (rows.values @ self._weight(storage, 0).t()).view(1, tokens, -1)
        heads = (self.heads, self.key_heads)
        norm_rope(qkv, self._norm_q, self._norm_k, self.eps, cos, sin, *heads, halves=True)
        parts = qkv.view(1, tokens, -1, self.size).transpose(1, 2)
        q, k, v = parts.split([self.heads, self.key_heads, self.key_heads], 1)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        mixed = mixed.transpose(1, 2).reshape(tokens, -1)
        update = mixed @ self._weight(storage, 1).t()
        x, between = add_norm(x, update, None, self.eps, None, self._norm, None)
        assert between is not None
        wide = silu_up(between.values @ self._weight(storage, 2).t())
        update = wide.values @ self._weight(storage, 3).t()
        return add_norm(x, update, None, self.eps, None, after, None)


def packable(encoder: Any) -> bool:
    """Return whether all layers of an encoder are those that can be packed."""
    return all(
        layer.self_attn.q_proj.bias is None and type(layer.mlp.act_fn).__name__ == "SiLUActivation"
        for layer in encoder.layers
    )


def first_rows(layer: PackedLayer, x: torch.Tensor) -> Rows:
    """Return the first layer's rows of embedded tokens (1, tokens, features)."""
    return norm_scale(x, layer.first_norm, layer.eps, None)


def _after(place: int, size: int) -> int:
    return place + -(-size // _ALIGNED) * _ALIGNED
