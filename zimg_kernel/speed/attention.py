"""Attention without a mask, by the fastest kernel that is there: FlashAttention 3, cuDNN, SDPA."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

Attention = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""Takes queries, keys and values (batch, tokens, heads, size); returns the same shape."""


def pick_attention(device: torch.device, dtype: torch.dtype) -> Attention:
    """Return the attention for a device and number format."""
    import torch

    if device.type == "cuda" and dtype in (torch.bfloat16, torch.float16):
        flash = _flash3_on(device)
        return _cudnn if flash is None else _exact(flash)
    return _sdpa


def pick_attention_fp8(device: torch.device) -> Attention | None:
    """Return attention of values in fp8, its result in bf16, if there is a kernel for it."""
    flash = _flash3_on(device) if device.type == "cuda" else None
    return None if flash is None else _in_fp8(flash)


def _flash3_on(device: torch.device) -> Callable[..., Any] | None:
    import torch

    major, _ = torch.cuda.get_device_capability(device)
    return _flash3() if major == 9 else None


def name_of(attention: Attention) -> str:
    """Return a name for reports, such as ``"FlashAttention 3"``."""
    return str(getattr(attention, "title", "SDPA"))


@lru_cache(maxsize=1)
def _flash3() -> Callable[..., Any] | None:
    """FlashAttention 3 of the package fa3-fwd, for Hopper cards, if it is installed."""
    try:
        from fa3_fwd_interface import flash_attn_func
    except (ImportError, OSError, RuntimeError):
        return None
    found: Callable[..., Any] = flash_attn_func
    return found


def _exact(flash: Callable[..., Any]) -> Attention:
    def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        out = flash(q, k, v)
        result: torch.Tensor = out[0] if isinstance(out, tuple) else out
        return result

    attention.title = "FlashAttention 3"  # type: ignore[attr-defined]
    return attention


def _in_fp8(flash: Callable[..., Any]) -> Attention:
    import torch

    ones: dict[tuple[torch.device, int, int], torch.Tensor] = {}

    def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        key = (q.device, q.shape[0], q.shape[2])
        if key not in ones:
            ones[key] = torch.ones(q.shape[0], q.shape[2], device=q.device)
        one = ones[key]
        out = flash(q, k, v, q_descale=one, k_descale=one, v_descale=one)
        result: torch.Tensor = out[0] if isinstance(out, tuple) else out
        return result.to(torch.bfloat16)

    attention.title = "FlashAttention 3 in fp8"  # type: ignore[attr-defined]
    return attention


def _cudnn(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    from torch.nn.attention import SDPBackend, sdpa_kernel

    order = [SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.MATH]
    with sdpa_kernel(order, set_priority=True):
        return _sdpa(q, k, v)


_cudnn.title = "cuDNN"  # type: ignore[attr-defined]


def _sdpa(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    import torch.nn.functional as F

    q, k, v = q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2)
