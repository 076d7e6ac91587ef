"""Triton kernels of the fused operations, one program a token.

They depend on the model's widths alone, not on sizes of pictures, so a new size compiles nothing.
"""

# Triton reads these functions' source: names in capitals are compile-time constants.
# mypy: ignore-errors
# ruff: noqa: N803

from __future__ import annotations

import torch
import triton
import triton.language as tl

from .fused import FP8_MAX, SCALE_FLOOR, Rows

_MAX = tl.constexpr(FP8_MAX)
_FLOOR = tl.constexpr(SCALE_FLOOR)


@triton.jit
def _store_row(y, at, inside, out, plain, scales, row, stride, wide, FP8, PLAIN):
    """Write a row in the model's format, in fp8 with its scale, or in both."""
    if FP8:
        scale = tl.maximum(tl.max(tl.abs(y), 0) / _MAX, _FLOOR)
        small = tl.minimum(tl.maximum(y / scale, -_MAX), _MAX)
        tl.store(out + row * stride + at, small.to(out.dtype.element_ty), mask=inside)
        tl.store(scales + row, scale)
        if PLAIN:
            tl.store(plain + row * wide + at, y.to(plain.dtype.element_ty), mask=inside)
    else:
        tl.store(out + row * stride + at, y.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _norm_scale(
    x, weight, scale, out, plain, scales, eps, tokens, stride, wide, width,
    HAS_SCALE: tl.constexpr, FP8: tl.constexpr, PLAIN: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    item = row // tokens
    at = tl.arange(0, BLOCK)
    inside = at < width
    y = tl.load(x + row * width + at, mask=inside, other=0).to(tl.float32)
    y = y * tl.rsqrt(tl.sum(y * y, 0) / width + eps)
    y = y * tl.load(weight + at, mask=inside, other=0).to(tl.float32)
    if HAS_SCALE:
        y = y * tl.load(scale + item * width + at, mask=inside, other=0).to(tl.float32)
    _store_row(y, at, inside, out, plain, scales, row, stride, wide, FP8, PLAIN)


@triton.jit
def _add_norm(
    x, update, weight, gate, total, after, scale, out, plain, scales, eps, tokens, stride, wide,
    width, HAS_NORM: tl.constexpr, HAS_GATE: tl.constexpr, HAS_AFTER: tl.constexpr,
    HAS_SCALE: tl.constexpr, FP8: tl.constexpr, PLAIN: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    item = row // tokens
    at = tl.arange(0, BLOCK)
    inside = at < width
    y = tl.load(update + row * width + at, mask=inside, other=0).to(tl.float32)
    if HAS_NORM:
        y = y * tl.rsqrt(tl.sum(y * y, 0) / width + eps)
        y = y * tl.load(weight + at, mask=inside, other=0).to(tl.float32)
    if HAS_GATE:
        y = y * tl.load(gate + item * width + at, mask=inside, other=0).to(tl.float32)
    y = y + tl.load(x + row * width + at, mask=inside, other=0).to(tl.float32)
    rounded = y.to(total.dtype.element_ty)
    tl.store(total + row * width + at, rounded, mask=inside)
    if HAS_AFTER:
        y = rounded.to(tl.float32)
        y = y * tl.rsqrt(tl.sum(y * y, 0) / width + eps)
        y = y * tl.load(after + at, mask=inside, other=0).to(tl.float32)
        if HAS_SCALE:
            y = y * tl.load(scale + item * width + at, mask=inside, other=0).to(tl.float32)
        _store_row(y, at, inside, out, plain, scales, row, stride, wide, FP8, PLAIN)


@triton.jit
def _norm_rope(
    qkv, norm_q, norm_k, cos, sin, eps, tokens, stride, heads, key_heads,
    HAS_NORM: tl.constexpr, HALVES: tl.constexpr, HEADS: tl.constexpr, SIZE: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    part = tl.program_id(1)  # 0 the queries, 1 the keys
    place = row % tokens
    head = tl.arange(0, HEADS)[:, None]
    at = tl.arange(0, SIZE)[None, :]
    there = qkv + row * stride + part * heads * SIZE + head * SIZE + at
    inside = head < (heads if part == 0 else key_heads)
    y = tl.load(there, mask=inside, other=0).to(tl.float32)
    if HAS_NORM:
        weight = norm_q if part == 0 else norm_k
        y = y * tl.rsqrt(tl.sum(y * y, 1) / SIZE + eps)[:, None]
        y = y * tl.load(weight + at).to(tl.float32)
    half = tl.arange(0, SIZE // 2)[None, :]
    c = tl.load(cos + place * (SIZE // 2) + half)
    s = tl.load(sin + place * (SIZE // 2) + half)
    if HALVES:
        first, second = tl.split(tl.permute(tl.reshape(y, (HEADS, 2, SIZE // 2)), (0, 2, 1)))
    else:
        first, second = tl.split(tl.reshape(y, (HEADS, SIZE // 2, 2)))
    y = tl.join(first * c - second * s, first * s + second * c)
    if HALVES:
        y = tl.permute(y, (0, 2, 1))
    y = tl.reshape(y, (HEADS, SIZE))
    tl.store(there, y.to(qkv.dtype.element_ty), mask=inside)


@triton.jit
def _norm_rope_fp8(
    qkv, norm_q, norm_k, cos, sin, out, eps, tokens, stride, heads,
    HAS_NORM: tl.constexpr, HEADS: tl.constexpr, SIZE: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    part = tl.program_id(1)  # 0 the queries, 1 the keys, 2 the values
    place = row % tokens
    head = tl.arange(0, HEADS)[:, None]
    at = tl.arange(0, SIZE)[None, :]
    inside = head < heads
    there = part * heads * SIZE + head * SIZE + at
    y = tl.load(qkv + row * stride + there, mask=inside, other=0).to(tl.float32)
    if part < 2:
        if HAS_NORM:
            weight = norm_q if part == 0 else norm_k
            y = y * tl.rsqrt(tl.sum(y * y, 1) / SIZE + eps)[:, None]
            y = y * tl.load(weight + at).to(tl.float32)
        half = tl.arange(0, SIZE // 2)[None, :]
        c = tl.load(cos + place * (SIZE // 2) + half)
        s = tl.load(sin + place * (SIZE // 2) + half)
        even, odd = tl.split(tl.reshape(y, (HEADS, SIZE // 2, 2)))
        y = tl.reshape(tl.join(even * c - odd * s, even * s + odd * c), (HEADS, SIZE))
    y = tl.minimum(tl.maximum(y, -_MAX), _MAX)
    tl.store(out + row * 3 * heads * SIZE + there, y.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _silu_up(gate_up, out, stride, width, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < width
    gate = tl.load(gate_up + row * 2 * width + at, mask=inside, other=0).to(tl.float32)
    up = tl.load(gate_up + row * 2 * width + width + at, mask=inside, other=0).to(tl.float32)
    y = gate * tl.sigmoid(gate) * up
    tl.store(out + row * stride + at, y.to(out.dtype.element_ty), mask=inside)


@triton.jit
def _silu_up_fp8(
    gate_up, out, plain, scales, wide, width, PLAIN: tl.constexpr, PARTS: tl.constexpr,
    BLOCK: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    most = tl.zeros((BLOCK,), tl.float32)
    for part in range(PARTS):
        at = part * BLOCK + tl.arange(0, BLOCK)
        inside = at < width
        gate = tl.load(gate_up + row * 2 * width + at, mask=inside, other=0).to(tl.float32)
        up = tl.load(gate_up + row * 2 * width + width + at, mask=inside, other=0).to(tl.float32)
        most = tl.maximum(most, tl.abs(gate * tl.sigmoid(gate) * up))
    scale = tl.maximum(tl.max(most, 0) / _MAX, _FLOOR)
    tl.store(scales + row, scale)
    for part in range(PARTS):  # read again from the cache: a row is too long for registers
        at = part * BLOCK + tl.arange(0, BLOCK)
        inside = at < width
        gate = tl.load(gate_up + row * 2 * width + at, mask=inside, other=0).to(tl.float32)
        up = tl.load(gate_up + row * 2 * width + width + at, mask=inside, other=0).to(tl.float32)
        y = gate * tl.sigmoid(gate) * up
        small = tl.minimum(tl.maximum(y / scale, -_MAX), _MAX)
        tl.store(out + row * width + at, small.to(out.dtype.element_ty), mask=inside)
        if PLAIN:
            tl.store(plain + row * wide + at, y.to(plain.dtype.element_ty), mask=inside)


@triton.jit
def _quantise(x, out, scales, stride, width, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    inside = at < width
    y = tl.load(x + row * stride + at, mask=inside, other=0).to(tl.float32)
    scale = tl.maximum(tl.max(tl.abs(y), 0) / _MAX, _FLOOR)
    small = tl.minimum(tl.maximum(y / scale, -_MAX), _MAX)
    tl.store(out + row * width + at, small.to(out.dtype.element_ty), mask=inside)
    tl.store(scales + row, scale)


def norm_scale(x, weight, eps, scale, fp8, spare):
    """As :func:`zimg_kernel.speed.fused.norm_scale`."""
    x = x.contiguous()
    width = x.shape[-1]
    rows = _room(x, x.shape[0] * x.shape[1], width, fp8, spare)
    _norm_scale[(rows.values.shape[0],)](
        x, weight, _or(scale, x), rows.values, _or(rows.plain, x), _or(rows.scale, x), eps,
        x.shape[1], rows.values.stride(0), _stride(rows.plain), width, HAS_SCALE=scale is not None,
        FP8=fp8, PLAIN=rows.plain is not None, BLOCK=triton.next_power_of_2(width), num_warps=8,
    )  # fmt: skip
    return rows


def add_norm(x, update, weight, eps, gate, after, scale, fp8, spare):
    """As :func:`zimg_kernel.speed.fused.add_norm`."""
    x, update = x.contiguous(), update.contiguous()
    width = x.shape[-1]
    total = torch.empty_like(x)
    rows = _room(x, update.shape[0], width, fp8, spare) if after is not None else None
    values = total if rows is None else rows.values
    plain, scales = (None, None) if rows is None else (rows.plain, rows.scale)
    _add_norm[(update.shape[0],)](
        x, update, _or(weight, x), _or(gate, x), total, _or(after, x), _or(scale, x), values,
        _or(plain, x), _or(scales, x), eps, x.shape[1], _stride(values) if rows else 0,
        _stride(plain), width, HAS_NORM=weight is not None, HAS_GATE=gate is not None,
        HAS_AFTER=after is not None, HAS_SCALE=scale is not None,
        FP8=fp8 and rows is not None, PLAIN=plain is not None,
        BLOCK=triton.next_power_of_2(width), num_warps=8,
    )  # fmt: skip
    return total, rows


def norm_rope(qkv, norm_q, norm_k, eps, cos, sin, heads, key_heads, halves):
    """As :func:`zimg_kernel.speed.fused.norm_rope`."""
    size = qkv.shape[-1] // (heads + 2 * key_heads)
    grid = (qkv.shape[0] * qkv.shape[1], 2)
    _norm_rope[grid](
        qkv, _or(norm_q, qkv), _or(norm_k, qkv), cos, sin, eps, qkv.shape[1], qkv.stride(1), heads,
        key_heads, HAS_NORM=norm_q is not None, HALVES=halves,
        HEADS=triton.next_power_of_2(heads), SIZE=size, num_warps=8,
    )  # fmt: skip


def norm_rope_fp8(qkv, norm_q, norm_k, eps, cos, sin, heads, into=None):
    """As :func:`zimg_kernel.speed.fused.norm_rope_fp8`."""
    if into is None:
        into = torch.empty(qkv.shape, dtype=torch.float8_e4m3fn, device=qkv.device)
    out = into.view(qkv.shape)
    size = qkv.shape[-1] // heads // 3
    grid = (qkv.shape[0] * qkv.shape[1], 3)
    _norm_rope_fp8[grid](
        qkv, _or(norm_q, qkv), _or(norm_k, qkv), cos, sin, out, eps, qkv.shape[1], qkv.stride(1),
        heads, HAS_NORM=norm_q is not None, HEADS=triton.next_power_of_2(heads), SIZE=size,
        num_warps=8,
    )  # fmt: skip
    return out


def silu_up(gate_up, fp8, spare):
    """As :func:`zimg_kernel.speed.fused.silu_up`."""
    count, width = gate_up.shape[0], gate_up.shape[1] // 2
    rows = _room(gate_up, count, width, fp8, spare)
    block = 2048
    parts = triton.cdiv(width, block)
    if fp8:
        _silu_up_fp8[(count,)](
            gate_up, rows.values, _or(rows.plain, gate_up), rows.scale, _stride(rows.plain), width,
            PLAIN=rows.plain is not None, PARTS=parts, BLOCK=block, num_warps=8,
        )  # fmt: skip
    else:
        _silu_up[(count, parts)](gate_up, rows.values, rows.values.stride(0), width, BLOCK=block)
    return rows


def quantise_rows(x):
    """As :func:`zimg_kernel.speed.fused.quantise_rows`."""
    count, width = x.shape
    small = torch.empty(count, width, dtype=torch.float8_e4m3fn, device=x.device)
    scales = torch.empty(count, 1, dtype=torch.float32, device=x.device)
    block = triton.next_power_of_2(width)
    _quantise[(count,)](x, small, scales, x.stride(0), width, BLOCK=block, num_warps=8)
    return small, scales


def _room(like, count, width, fp8, spare):
    """Return rows to be written: in fp8, and in the model's format where LoRAs need them."""
    made = {"device": like.device}
    plain = None
    if spare or not fp8:
        plain = torch.empty(count, width + spare, dtype=like.dtype, **made)[:, :width]
    if not fp8:
        return Rows(plain)
    small = torch.empty(count, width, dtype=torch.float8_e4m3fn, **made)
    return Rows(small, torch.empty(count, 1, dtype=torch.float32, **made), plain)


def _or(tensor, other):
    """A pointer for an argument that the kernel will not read."""
    return other if tensor is None else tensor


def _stride(tensor):
    return 0 if tensor is None else tensor.stride(0)
