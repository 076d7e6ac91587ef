"""Triton kernels on a CUDA GPU agree with what torch computes of the same on a CPU.

Skipped where there is none; with ZIMG_GPU_TESTS=miniature both run on the CPU, to try the tests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from zimg_kernel.speed import fused, group_norm

MINIATURE = os.environ.get("ZIMG_GPU_TESTS") == "miniature"
DEVICE = torch.device("cpu" if MINIATURE else "cuda")

pytestmark = pytest.mark.skipif(
    not MINIATURE and not torch.cuda.is_available(), reason="needs a CUDA GPU"
)


def rows_of(found: fused.Rows) -> list[torch.Tensor]:
    values = found.values.float()
    rows = [values if found.scale is None else values * found.scale]
    return rows if found.plain is None else [*rows, found.plain.float()]


def test_fused_kernels_agree_with_torch() -> None:
    torch.manual_seed(0)
    batch, tokens, width, heads, size = 2, 70, 3840, 30, 128
    x, update = torch.randn(batch, tokens, width), torch.randn(batch * tokens, width)
    weight, after = torch.rand(width) + 0.5, torch.rand(width) + 0.5
    gate, scale = torch.randn(batch, width), torch.randn(batch, width)
    qkv, wide = torch.randn(batch, tokens, 3 * width), torch.randn(batch * tokens, 2 * 10240)
    grouped = torch.randn(1, tokens, (32 + 2 * 8) * size)
    norm_q, norm_k = torch.rand(size) + 0.5, torch.rand(size) + 0.5
    angles = torch.rand(tokens, size // 2) * 6
    cos, sin, eps = angles.cos(), angles.sin(), 1e-5

    def turned(x: torch.Tensor, kinds: dict[str, Any], *rest: Any) -> list[torch.Tensor]:
        x = x.clone()
        fused.norm_rope(x, *rest, **kinds)
        return [x.float()]

    def rows(work: Callable[..., Any], **kinds: Any) -> Callable[..., list[torch.Tensor]]:
        return lambda *given: rows_of(work(*given, **kinds))

    def added(*given: Any, **kinds: Any) -> list[torch.Tensor]:
        total, found = fused.add_norm(*given, **kinds)
        return [total.float(), *(rows_of(found) if found else [])]

    cases: list[tuple[str, Callable[..., list[torch.Tensor]], tuple[Any, ...]]] = []
    for fp8 in (False, True):
        for spare in (0, 16):
            kinds = {"fp8": fp8, "spare": spare}
            told = f"fp8={fp8}, spare={spare}"
            scaled = rows(fused.norm_scale, **kinds)
            cases += [
                (f"norm_scale {told}", scaled, (x, weight, eps, scale)),
                (f"norm_scale without {told}", scaled, (x, weight, eps, None)),
                (f"silu_up {told}", rows(fused.silu_up, **kinds), (wide,)),
                (f"add_norm {told}", lambda *g, k=kinds: added(*g, **k),
                 (x, update, weight, eps, gate, after, scale)),
            ]  # fmt: skip
    plain = {"heads": heads}
    few = {"heads": 32, "key_heads": 8, "halves": True}
    cases += [
        ("add_norm without", added, (x, update, None, eps, None, None, None)),
        ("norm_rope", lambda x, *rest: turned(x, plain, *rest),
         (qkv, norm_q, norm_k, eps, cos, sin)),
        ("norm_rope of halves", lambda x, *rest: turned(x, few, *rest),
         (grouped, norm_q, norm_k, eps, cos, sin)),
        ("norm_rope without", lambda x, *rest: turned(x, plain, *rest),
         (qkv, None, None, eps, cos, sin)),
        ("norm_rope_fp8", lambda *given: [fused.norm_rope_fp8(*given, heads).float()],
         (qkv, norm_q, norm_k, eps, cos, sin)),
        ("quantise_rows", lambda x: rows_of(fused.Rows(*fused.quantise_rows(x))), (update,)),
    ]  # fmt: skip
    for name, work, given in cases:
        ready = [value if value is cos or value is sin else small(value) for value in given]
        with torch.inference_mode():
            expected = work(*ready)
            found = work(*(to(value) for value in ready))
        for a, b in zip(expected, found, strict=True):
            assert b.isfinite().all(), name
            least = 0.02 if "fp8=True" in name or "fp8" in name or "quantise" in name else 0.004
            assert (a - b.cpu()).norm() <= least * a.norm(), name


def small(value: Any) -> Any:
    """A tensor in the model's format; anything else as it is."""
    return value.bfloat16() if isinstance(value, torch.Tensor) else value


def to(value: Any) -> Any:
    """A tensor on the device; anything else as it is."""
    return value.to(DEVICE, copy=True) if isinstance(value, torch.Tensor) else value


@pytest.mark.parametrize("size", [(64, 96), (37, 50)])
def test_group_norm_kernels_agree_with_torch(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    last = torch.channels_last
    x = torch.randn(2, 128, *size).bfloat16().to(memory_format=last)
    other = torch.randn(2, 128, *size).bfloat16().to(memory_format=last)
    norm = torch.nn.GroupNorm(32, 128).bfloat16()
    torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
    torch.nn.init.normal_(norm.bias)
    bias = torch.randn(128).bfloat16()

    def work(x: torch.Tensor, other: torch.Tensor, bias: Any, norm: Any) -> Iterator[Any]:
        for given in (None, bias):
            normed = group_norm.statistics(x, norm, given)
            yield from (normed.factor, normed.shift)
            yield group_norm.apply(x, normed)
            yield group_norm.apply(x[:, :, 3:20], normed, silu=False)
        yield group_norm.double(x)
        yield group_norm.double(x[:, :, 3:20])
        yield group_norm.add_biased(x.clone(memory_format=torch.preserve_format), other, bias)

    with torch.inference_mode():
        expected = list(work(x, other, bias, norm))
        on = [to(value) for value in (x, other, bias)]
        found = list(work(*on, norm.to(DEVICE)))
    for number, (a, b) in enumerate(zip(expected, found, strict=True)):
        assert a.shape == b.shape
        assert b.isfinite().all(), number
        assert (a.float() - b.cpu().float()).norm() <= 0.004 * a.float().norm(), number
