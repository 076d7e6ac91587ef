"""Layer of a Qwen3 text encoder over packed weights, of few and large operations."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from .fused import Rows, add_norm, norm_rope, norm_scale, silu_up


class PackedLayer:
    """What a ``Qwen3DecoderLayer`` of transformers computes for one prompt without padding.

    Parameters
    ----------
    layer : Qwen3DecoderLayer
        Its weights become views of packed ones.
    """

    def __init__(self, layer: Any) -> None:
        at, feed = layer.self_attn, layer.mlp
        config = at.config
        self.heads, self.key_heads = config.num_attention_heads, config.num_key_value_heads
        self.size = at.head_dim
        self.eps = layer.input_layernorm.variance_epsilon
        self.first_norm = layer.input_layernorm.weight
        self._norm = layer.post_attention_layernorm.weight
        self._norm_q, self._norm_k = at.q_norm.weight, at.k_norm.weight
        self._qkv = _pack([at.q_proj, at.k_proj, at.v_proj])
        self._gate_up = _pack([feed.gate_proj, feed.up_proj])
        self._out, self._down = at.o_proj.weight, feed.down_proj.weight

    def run(
        self,
        x: torch.Tensor,
        rows: Rows,
        cos: torch.Tensor,
        sin: torch.Tensor,
        after: torch.Tensor | None,
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
        """
        tokens = x.shape[1]
        qkv = (rows.values @ self._qkv.t()).view(1, tokens, -1)
        heads = (self.heads, self.key_heads)
        norm_rope(qkv, self._norm_q, self._norm_k, self.eps, cos, sin, *heads, halves=True)
        parts = qkv.view(1, tokens, -1, self.size).transpose(1, 2)
        q, k, v = parts.split([self.heads, self.key_heads, self.key_heads], 1)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        update = mixed.transpose(1, 2).reshape(tokens, -1) @ self._out.t()
        x, between = add_norm(x, update, None, self.eps, None, self._norm, None)
        assert between is not None
        wide = silu_up(between.values @ self._gate_up.t())
        return add_norm(x, wide.values @ self._down.t(), None, self.eps, None, after, None)


def packable(encoder: Any) -> bool:
    """Return whether all layers of an encoder are those that can be packed."""
    return all(
        layer.self_attn.q_proj.bias is None and type(layer.mlp.act_fn).__name__ == "SiLUActivation"
        for layer in encoder.layers
    )


def run_layers(
    layers: list[PackedLayer], x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor
) -> torch.Tensor:
    """Return the states (1, tokens, features) behind the last of some layers."""
    rows: Rows | None = norm_scale(x, layers[0].first_norm, layers[0].eps, None)
    for index, layer in enumerate(layers):
        after = layers[index + 1].first_norm if index + 1 < len(layers) else None
        assert rows is not None
        x, rows = layer.run(x, rows, cos, sin, after)
    return x


def _pack(layers: list[Any]) -> torch.Tensor:
    packed = torch.cat([layer.weight.data for layer in layers])
    at = 0
    for layer in layers:
        layer.weight.data = packed[at : at + layer.out_features]
        at += layer.out_features
    return packed
