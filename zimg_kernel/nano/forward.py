"""Batched forward passes of the stock models, without lists of tensors, for fast training.

They compute what diffusers and transformers compute (tests compare them), for batches whose
captions share one padded length and whose pictures share one size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PAD_TO = 32
Block = Callable[[nn.Module, Tensor, Tensor, Tensor, Tensor | None], Tensor]


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    pairs = x.float().unflatten(-1, (-1, 2))
    a, b = pairs[..., 0], pairs[..., 1]
    c, s = cos[None, :, None], sin[None, :, None]
    return torch.stack([a * c - b * s, a * s + b * c], -1).flatten(-2)


def _attention(at: Any, h: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    q, k, v = (f(h).unflatten(-1, (at.heads, -1)) for f in (at.to_q, at.to_k, at.to_v))
    q = _rotate(at.norm_q(q), cos, sin).to(v.dtype)
    k = _rotate(at.norm_k(k), cos, sin).to(v.dtype)
    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
    out = F.scaled_dot_product_attention(q, k, v)
    return at.to_out[0](out.transpose(1, 2).flatten(2))


def block_forward(b: Any, x: Tensor, cos: Tensor, sin: Tensor, time: Tensor | None) -> Tensor:
    """One transformer block; ``time`` is None for the caption's refiner."""
    if time is None:
        x = x + b.attention_norm2(_attention(b.attention, b.attention_norm1(x), cos, sin))
        return x + b.ffn_norm2(b.feed_forward(b.ffn_norm1(x)))
    s1, g1, s2, g2 = b.adaLN_modulation(time)[:, None].chunk(4, -1)
    h = _attention(b.attention, b.attention_norm1(x) * (1 + s1), cos, sin)
    x = x + g1.tanh() * b.attention_norm2(h)
    return x + g2.tanh() * b.ffn_norm2(b.feed_forward(b.ffn_norm1(x) * (1 + s2)))


def _rope(model: Any, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines (L, head_dim / 2) for position ids (L, 3)."""
    angles = []
    for i, d in enumerate(model.axes_dims):
        steps = torch.arange(0, d, 2, dtype=torch.float64, device=ids.device) / d
        angles.append((ids[:, i].double()[:, None] / model.rope_theta**steps).float())
    a = torch.cat(angles, -1)
    return a.cos(), a.sin()


def _grid(first: int, frames: int, h: int, w: int, device: torch.device) -> Tensor:
    axes = [torch.arange(n, device=device) for n in (frames, h, w)]
    axes[0] = axes[0] + first
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)


def velocity(
    model: Any,
    z: Tensor,
    t: Tensor,
    caption: Tensor,
    real: Tensor,
    block: Block = block_forward,
) -> Tensor:
    """Predict the velocity as ``ZImageTransformer2DModel`` does: clean latents minus noise.

    Parameters
    ----------
    model : ZImageTransformer2DModel
    z : Tensor
        (B, 16, H, W) noisy latents.
    t : Tensor
        (B,) in 0..1: 0 is noise, 1 is clean.
    caption : Tensor
        (B, L, D) caption features, L a multiple of 32.
    real : Tensor
        (B, L) bool: False where the slot is padding, which is attended to by design.
    block : callable
        :func:`block_forward`, or a compiled version of it, for the modulated blocks.

    Returns
    -------
    Tensor
        (B, 16, H, W).
    """
    n, _, height, width = z.shape
    h, w, length = height // 2, width // 2, caption.shape[1]
    time = model.t_embedder(t * model.t_scale).to(z.dtype)
    x = z.view(n, -1, h, 2, w, 2).permute(0, 2, 4, 3, 5, 1).reshape(n, h * w, -1)
    x = model.all_x_embedder["2-1"](x)
    pad = -(h * w) % PAD_TO
    ids = _grid(length + 1, 1, h, w, z.device)
    if pad:
        x = torch.cat([x, model.x_pad_token.to(x.dtype).expand(n, pad, -1)], 1)
        ids = torch.cat([ids, ids.new_zeros(pad, 3)])
    cos, sin = _rope(model, ids)
    for b in model.noise_refiner:
        x = block(b, x, cos, sin, time)
    c = model.cap_embedder(caption)
    c = torch.where(real[..., None], c, model.cap_pad_token.to(c.dtype))
    cap_cos, cap_sin = _rope(model, _grid(1, length, 1, 1, z.device))
    for b in model.context_refiner:
        c = block_forward(b, c, cap_cos, cap_sin, None)
    u = torch.cat([x, c.to(x.dtype)], 1)
    cos, sin = torch.cat([cos, cap_cos]), torch.cat([sin, cap_sin])
    for b in model.layers:
        u = block(b, u, cos, sin, time)
    last = model.all_final_layer["2-1"]
    u = last.linear(last.norm_final(u[:, : h * w]) * (1 + last.adaLN_modulation(time))[:, None])
    return u.view(n, h, w, 2, 2, -1).permute(0, 5, 1, 3, 2, 4).reshape(n, -1, height, width)


def encode_text(model: Any, ids: Tensor) -> Tensor:
    """``hidden_states[-2]`` of a Qwen3 model for right-padded ids (B, L).

    Attention is causal, so padding on the right changes nothing at the real tokens.
    """
    h = model.embed_tokens(ids)
    position = torch.arange(ids.shape[1], device=ids.device)[None]
    rotary = model.rotary_emb(h, position)
    for layer in model.layers[:-1]:
        out = layer(h, attention_mask=None, position_ids=position, position_embeddings=rotary)
        h = out if isinstance(out, Tensor) else out[0]
    return h
