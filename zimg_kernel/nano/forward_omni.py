"""Batched forward pass of the edit mode, without lists of tensors, for fast training.

It computes what diffusers' ``ZImageTransformer2DModel`` computes when ``NanoOmniPipeline``
calls it with one picture (tests compare them). The sequence, with S = 32 slots for a prefix
and L (a multiple of 32) for the instruction:

=========== ================== ============================== ==================
part        slots              position (frame, row, column)  modulated at time
=========== ================== ============================== ==================
prefix      S                  1..S, 0, 0                     1 (clean)
instruction L                  S + 3 .. S + L + 2, 0, 0       t
source      h * w, padded      S + 1, row, column             1 (clean)
target      h * w, padded      S + L + 3, row, column         t
=========== ================== ============================== ==================

diffusers keeps the order [texts, pictures]; attention does not look at the order, only at the
positions. The target follows its text by one frame, as in text-to-image. Padded picture slots
hold ``x_pad_token`` at position 0. In this mode diffusers misnumbers the slots after a text
segment that is no multiple of 32 long (it appends position 0 for padding that it had counted
already), so the pipeline pads each segment with zero features, which ``cap_embedder`` turns
into its bias; ``cap_pad_token`` plays no part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .forward import PAD_TO, _attention, _grid, _rope, block_forward
from .tokenizer import PREFIX, chat

OmniBlock = Callable[[Any, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


def omni_texts(instruction: str) -> tuple[str, str]:
    """The text segments of an edit with one picture; each is tokenised and encoded by itself.

    The stock pipeline splits its chat template around the picture and marks the cuts with
    Qwen's vision tokens, which the miniature's vocabulary lacks. Here the second segment is
    the chat of text-to-image itself, so that what was learned of words there holds here.

    Returns
    -------
    tuple of str
        The constant prefix, which goes with the source picture, and the chat with the
        instruction, which goes with the target.
    """
    return PREFIX, chat(instruction)


def omni_block_forward(
    b: Any, x: Tensor, cos: Tensor, sin: Tensor, time: Tensor, clean: Tensor, noisy: Tensor
) -> Tensor:
    """One transformer block of which each token is modulated at one of two times.

    Parameters
    ----------
    b : ZImageTransformerBlock
    x : Tensor
        (B, N, dim) tokens.
    cos, sin : Tensor
        (N, head_dim / 2).
    time, clean : Tensor
        (B, 256) and (1, 256): the embedded times of noisy and of clean tokens.
    noisy : Tensor
        (N,) bool: which tokens take ``time``.
    """
    at_time, at_clean = b.adaLN_modulation(time)[:, None], b.adaLN_modulation(clean)[:, None]
    s1, g1, s2, g2 = torch.where(noisy[None, :, None], at_time, at_clean).chunk(4, -1)
    h = _attention(b.attention, b.attention_norm1(x) * (1 + s1), cos, sin)
    x = x + g1.tanh() * b.attention_norm2(h)
    return x + g2.tanh() * b.ffn_norm2(b.feed_forward(b.ffn_norm1(x) * (1 + s2)))


def edit_velocity(
    model: Any,
    z: Tensor,
    t: Tensor,
    reference: Tensor,
    caption: Tensor,
    real: Tensor,
    prefix: Tensor,
    block: OmniBlock = omni_block_forward,
) -> Tensor:
    """Predict the velocity in edit mode: the target's clean latents minus noise.

    Parameters
    ----------
    model : ZImageTransformer2DModel
    z : Tensor
        (B, 16, H, W) noisy latents of the target.
    t : Tensor
        (B,) in 0..1: 0 is noise, 1 is clean.
    reference : Tensor
        (B, 16, H', W') clean latents of the source, scaled as ``z``.
    caption : Tensor
        (B, L, D) features of the second of :func:`omni_texts`; L is the smallest multiple of
        32 that holds each of them.
    real : Tensor
        (B, L) bool: False where the slot is padding. Padding becomes zero features and is
        attended to.
    prefix : Tensor
        (1, P, D) features of the first of :func:`omni_texts`, without padding, P <= 32.
    block : callable
        :func:`omni_block_forward`, or a compiled version of it.

    Returns
    -------
    Tensor
        (B, 16, H, W).
    """
    n, _, height, width = z.shape
    length, device = caption.shape[1], z.device
    time = model.t_embedder(t * model.t_scale).to(z.dtype)
    clean = model.t_embedder(torch.ones_like(t[:1]) * model.t_scale).to(z.dtype)

    texts = caption.new_zeros(n, PAD_TO + length, caption.shape[2])
    texts[:, : prefix.shape[1]] = prefix
    texts[:, PAD_TO:] = torch.where(real[..., None], caption, 0)
    frames = _grid(1, PAD_TO, 1, 1, device), _grid(PAD_TO + 3, length, 1, 1, device)
    cap_cos, cap_sin = _rope(model, torch.cat(frames))
    c = model.cap_embedder(texts)
    for b in model.context_refiner:
        c = block_forward(b, c, cap_cos, cap_sin, None)

    source, source_ids = _picture(model, reference, PAD_TO + 1)
    target, target_ids = _picture(model, z, PAD_TO + length + 3)
    x = torch.cat([source, target], 1)
    cos, sin = _rope(model, torch.cat([source_ids, target_ids]))
    noisy = torch.arange(x.shape[1], device=device) >= source.shape[1]
    for b in model.noise_refiner:
        x = block(b, x, cos, sin, time, clean, noisy)

    u = torch.cat([c.to(x.dtype), x], 1)
    cos, sin = torch.cat([cap_cos, cos]), torch.cat([cap_sin, sin])
    second = torch.arange(PAD_TO + length, device=device) >= PAD_TO
    noisy = torch.cat([second, noisy])
    for b in model.layers:
        u = block(b, u, cos, sin, time, clean, noisy)

    h, w = height // 2, width // 2
    start = u.shape[1] - target.shape[1]
    u = u[:, start : start + h * w]
    last = model.all_final_layer["2-1"]
    u = last.linear(last.norm_final(u) * (1 + last.adaLN_modulation(time))[:, None])
    return u.view(n, h, w, 2, 2, -1).permute(0, 5, 1, 3, 2, 4).reshape(n, -1, height, width)


def _picture(model: Any, z: Tensor, frame: int) -> tuple[Tensor, Tensor]:
    """Tokens (B, N, dim) and positions (N, 3) of latents, padded to a multiple of 32."""
    n, _, height, width = z.shape
    h, w = height // 2, width // 2
    x = z.view(n, -1, h, 2, w, 2).permute(0, 2, 4, 3, 5, 1).reshape(n, h * w, -1)
    x = model.all_x_embedder["2-1"](x)
    ids = _grid(frame, 1, h, w, z.device)
    pad = -(h * w) % PAD_TO
    if pad:
        x = torch.cat([x, model.x_pad_token.to(x.dtype).expand(n, pad, -1)], 1)
        ids = torch.cat([ids, ids.new_zeros(pad, 3)])
    return x, ids
