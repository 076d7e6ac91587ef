"""Forward of Qwen3 for export: a prompt's own tokens, up to the layer that Z-Image reads."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


class EncoderForExport(nn.Module):
    """Embeddings of one prompt: a Qwen3 model's second last states, without its last layer.

    Parameters
    ----------
    encoder : Qwen3Model
        In float32, each of its layers with full attention; its parameters are shared.
    """

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.embed_tokens = encoder.embed_tokens
        self.layers = nn.ModuleList(encoder.layers[: encoder.config.num_hidden_layers - 1])
        rotary = encoder.rotary_emb
        self.frequencies = nn.Buffer(rotary.inv_freq.float(), persistent=False)
        self.scaling = float(rotary.attention_scaling)
        self.heads = encoder.config.num_attention_heads
        self.key_heads = encoder.config.num_key_value_heads
        self.head_size = encoder.layers[0].self_attn.head_dim

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return embeddings (tokens, features) of token numbers (tokens,), int64."""
        x = self.embed_tokens(ids)[None]
        places = torch.arange(ids.shape[0], device=ids.device)
        angles = places[:, None].float() * self.frequencies
        cos, sin = (angles.cos() * self.scaling)[None], (angles.sin() * self.scaling)[None]
        layer: Any
        for layer in self.layers:
            x = x + self._attention(layer.self_attn, _norm(x, layer.input_layernorm), cos, sin)
            x = x + _feed(layer.mlp, _norm(x, layer.post_attention_layernorm))
        return x[0]

    def _attention(
        self, part: Any, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor
    ) -> torch.Tensor:
        q = self._rotated(part.q_proj(x), part.q_norm, self.heads, cos, sin)
        k = self._rotated(part.k_proj(x), part.k_norm, self.key_heads, cos, sin)
        out = torch.onnx.ops.attention(
            q,
            k,
            part.v_proj(x),
            is_causal=True,
            q_num_heads=self.heads,
            kv_num_heads=self.key_heads,
            scale=float(part.scaling),
        )[0]
        mixed: torch.Tensor = part.o_proj(out)
        return mixed

    def _rotated(
        self, x: torch.Tensor, norm: Any, heads: int, cos: torch.Tensor, sin: torch.Tensor
    ) -> torch.Tensor:
        """Return (1, tokens, heads * head size): each head normed and rotated."""
        x = _norm(x.unflatten(-1, (heads, self.head_size)), norm).flatten(2)
        return torch.onnx.ops.rotary_embedding(x, cos, sin, num_heads=heads)


def _feed(part: Any, x: torch.Tensor) -> torch.Tensor:
    fed: torch.Tensor = part.down_proj(F.silu(part.gate_proj(x)) * part.up_proj(x))
    return fed


def _norm(x: torch.Tensor, norm: Any) -> torch.Tensor:
    return F.rms_norm(x, (x.shape[-1],), norm.weight, norm.variance_epsilon)
