"""Fused element-wise operations of a transformer block: Triton kernels on CUDA, torch elsewhere.

Both compute in float32 from the stored values to the stored results, so that they round once where
diffusers' blocks round after each operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from zimg_kernel.models.fp8_rounding import FP8_MAX, SCALE_FLOOR

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Rows:
    """Activations as a product takes them.

    Attributes
    ----------
    values : Tensor
        (rows, features) in the model's format, or in fp8. Their memory may have more columns
        than are shown, into which the factors of a LoRA are written.
    scale : Tensor or None
        (rows, 1) float32 of values in fp8.
    plain : Tensor or None
        The same rows in the model's format beside fp8 ones, where a LoRA needs them.
    """

    values: torch.Tensor
    scale: torch.Tensor | None = None
    plain: torch.Tensor | None = None


@lru_cache(maxsize=1)
def has_triton() -> bool:
    """Return whether Triton can be imported: it comes with CUDA builds of torch on Linux."""
    import importlib.util

    return importlib.util.find_spec("triton") is not None


def _kernels(x: torch.Tensor, *sizes: int) -> bool:
    return x.is_cuda and has_triton() and all(size > 0 for size in sizes)


def rms(x: torch.Tensor, eps: float) -> torch.Tensor:
    """Return x (..., features) divided by its root mean square, in float32."""
    import torch

    x = x.float()
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def norm_scale(
    x: torch.Tensor,
    weight: torch.Tensor,
    eps: float,
    scale: torch.Tensor | None,
    *,
    fp8: bool = False,
    spare: int = 0,
) -> Rows:
    """Return ``rms(x) * weight * scale`` as rows.

    Parameters
    ----------
    x : Tensor
        (batch, tokens, features).
    weight : Tensor
        (features,).
    scale : Tensor or None
        (batch, features) of the time, or none.
    fp8 : bool
        Whether to quantise each row.
    spare : int
        Columns to leave free behind the values.
    """
    if _kernels(x):
        from . import fused_triton

        return fused_triton.norm_scale(x, weight, eps, scale, fp8, spare)
    y = rms(x, eps) * weight.float()
    if scale is not None:
        y = y * scale.float()[:, None]
    return _rows(y.flatten(0, 1), x.dtype, fp8, spare)


def add_norm(
    x: torch.Tensor,
    update: torch.Tensor,
    weight: torch.Tensor | None,
    eps: float,
    gate: torch.Tensor | None,
    after: torch.Tensor | None,
    scale: torch.Tensor | None,
    *,
    fp8: bool = False,
    spare: int = 0,
) -> tuple[torch.Tensor, Rows | None]:
    """Return ``x + gate * rms(update) * weight``, and that after the next norm as rows.

    Parameters
    ----------
    x : Tensor
        (batch, tokens, features).
    update : Tensor
        (batch * tokens, features), what attention or feed-forward gave.
    weight, gate : Tensor or None
        (features,) and (batch, features); without a weight the update is not normed.
    after, scale : Tensor or None
        Weight and scale of the next norm; without ``after`` there is none.
    """
    if _kernels(x):
        from . import fused_triton

        return fused_triton.add_norm(x, update, weight, eps, gate, after, scale, fp8, spare)
    y = update.float() if weight is None else rms(update, eps) * weight.float()
    y = y.view(x.shape)
    if gate is not None:
        y = y * gate.float()[:, None]
    total = (x.float() + y).to(x.dtype)
    if after is None:
        return total, None
    return total, norm_scale(total, after, eps, scale, fp8=fp8, spare=spare)


def norm_rope(
    qkv: torch.Tensor,
    norm_q: torch.Tensor | None,
    norm_k: torch.Tensor | None,
    eps: float,
    cos: torch.Tensor,
    sin: torch.Tensor,
    heads: int,
    key_heads: int | None = None,
    *,
    halves: bool = False,
) -> None:
    """Normalise and rotate queries and keys in place.

    Parameters
    ----------
    qkv : Tensor
        (batch, tokens, (heads + 2 * key_heads) * size); values are left as they are.
    norm_q, norm_k : Tensor or None
        (size,) weights of the norm of each head.
    cos, sin : Tensor
        (tokens, size / 2) float32: neighbours 2i and 2i + 1 are rotated by angle i
        (Su et al., "RoFormer", 2021).
    key_heads : int, optional
        Heads of keys and values, if they are fewer than those of queries.
    halves : bool
        Rotate i with i + size / 2 instead, as transformers' language models do.
    """
    import torch

    key_heads = key_heads or heads
    size = qkv.shape[-1] // (heads + 2 * key_heads)
    if _kernels(qkv) and size & (size - 1) == 0:
        from . import fused_triton

        fused_triton.norm_rope(qkv, norm_q, norm_k, eps, cos, sin, heads, key_heads, halves)
        return
    parts = qkv.unflatten(-1, (-1, size)).split([heads, key_heads, key_heads], 2)
    c, s = cos[None, :, None], sin[None, :, None]
    for part, weight in zip(parts, (norm_q, norm_k), strict=False):
        y = part.float() if weight is None else rms(part, eps) * weight.float()
        first, second = y.chunk(2, -1) if halves else y.unflatten(-1, (-1, 2)).unbind(-1)
        turned = first * c - second * s, first * s + second * c
        part.copy_(torch.cat(turned, -1) if halves else torch.stack(turned, -1).flatten(-2))


def norm_rope_fp8(
    qkv: torch.Tensor,
    norm_q: torch.Tensor | None,
    norm_k: torch.Tensor | None,
    eps: float,
    cos: torch.Tensor,
    sin: torch.Tensor,
    heads: int,
    *,
    into: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return what :func:`norm_rope` makes of qkv, in fp8, values included.

    ``into`` is contiguous memory of fp8 for as many numbers.

    There is no scale: a number of fp8 is as exact at any size from 0.016 to 448, and the norm
    keeps queries and keys within a few units. What is beyond is cut to 448.
    """
    import torch

    size = qkv.shape[-1] // heads // 3
    if _kernels(qkv) and size & (size - 1) == 0:
        from . import fused_triton

        return fused_triton.norm_rope_fp8(qkv, norm_q, norm_k, eps, cos, sin, heads, into)
    turned = qkv.clone()
    norm_rope(turned, norm_q, norm_k, eps, cos, sin, heads)
    turned = turned.clamp(-FP8_MAX, FP8_MAX).to(torch.float8_e4m3fn)
    return turned if into is None else into.view(turned.shape).copy_(turned)


def silu_up(gate_up: torch.Tensor, *, fp8: bool = False, spare: int = 0) -> Rows:
    """Return ``silu(gate) * up`` as rows of the two halves of (rows, 2 * features)."""
    import torch.nn.functional as F

    if _kernels(gate_up):
        from . import fused_triton

        return fused_triton.silu_up(gate_up, fp8, spare)
    gate, up = gate_up.float().chunk(2, -1)
    return _rows(F.silu(gate) * up, gate_up.dtype, fp8, spare)


def quantise_rows(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return x (rows, features) in fp8 with a scale (rows, 1) for each row."""
    import torch

    if _kernels(x):
        from . import fused_triton

        return fused_triton.quantise_rows(x)
    x = x.float()
    scale = (x.abs().amax(-1, keepdim=True) / FP8_MAX).clamp(min=SCALE_FLOOR)
    return (x / scale).clamp(-FP8_MAX, FP8_MAX).to(torch.float8_e4m3fn), scale


def _rows(y: torch.Tensor, dtype: torch.dtype, fp8: bool, spare: int) -> Rows:
    if fp8:
        values, scale = quantise_rows(y)
        return Rows(values, scale, y.to(dtype) if spare else None)
    if not spare:
        return Rows(y.to(dtype))
    room = y.new_empty((y.shape[0], y.shape[1] + spare), dtype=dtype)
    room[:, : y.shape[1]] = y
    return Rows(room[:, : y.shape[1]])
