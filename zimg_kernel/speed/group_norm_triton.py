"""Triton kernels of the group norm: sums over a picture, and their use."""

# mypy: ignore-errors
# ruff: noqa: N803

from __future__ import annotations

import torch
import triton
import triton.language as tl

_VALUES = 4096  # values that a program holds at a time
_PARTS = 1024  # programs over which sums are spread, at most


@triton.jit
def _sums(
    x, bias, total, squares, pixels, step, channels, row, item,
    HAS_BIAS: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    part, number = tl.program_id(0), tl.program_id(1).to(tl.int64)
    at = tl.arange(0, BLOCK)[None, :]
    inside = at < channels
    one = tl.zeros((ROWS, BLOCK), tl.float32)
    two = tl.zeros((ROWS, BLOCK), tl.float32)
    add = tl.load(bias + at, mask=inside, other=0).to(tl.float32) if HAS_BIAS else 0.0
    begin = part.to(tl.int64) * step
    for first in range(0, step, ROWS):
        place = begin + first + tl.arange(0, ROWS)[:, None]
        there = (place < pixels) & (place < begin + step) & inside
        y = tl.load(x + number * item + place * row + at, mask=there, other=0).to(tl.float32)
        y = tl.where(there, y + add, 0.0)
        one += y
        two += y * y
    parts = tl.num_programs(0)
    into = (number * parts + part) * channels + tl.arange(0, BLOCK)
    tl.store(total + into, tl.sum(one, 0), mask=tl.arange(0, BLOCK) < channels)
    tl.store(squares + into, tl.sum(two, 0), mask=tl.arange(0, BLOCK) < channels)


@triton.jit
def _use(
    x, factor, shift, out, pixels, channels, row, item,
    SILU: tl.constexpr, ROWS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    place = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)[:, None]
    number = tl.program_id(1).to(tl.int64)
    at = tl.arange(0, BLOCK)[None, :]
    inside = at < channels
    there = (place < pixels) & inside
    y = tl.load(x + number * item + place * row + at, mask=there, other=0).to(tl.float32)
    y = y * tl.load(factor + number * channels + at, mask=inside, other=0)
    y = y + tl.load(shift + number * channels + at, mask=inside, other=0)
    if SILU:
        y = y * tl.sigmoid(y)
    into = (number * pixels + place) * channels + at
    tl.store(out + into, y.to(out.dtype.element_ty), mask=there)


@triton.jit
def _add(into, x, bias, pixels, channels, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    place = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)[:, None]
    at = tl.arange(0, BLOCK)[None, :]
    inside = at < channels
    there = (place < pixels) & inside
    where = place * channels + at
    y = tl.load(into + where, mask=there, other=0).to(tl.float32)
    y = y + tl.load(x + where, mask=there, other=0).to(tl.float32)
    y = y + tl.load(bias + at, mask=inside, other=0).to(tl.float32)
    tl.store(into + where, y.to(into.dtype.element_ty), mask=there)


@triton.jit
def _double(
    x, out, pixels, width, channels, row, item, ROWS: tl.constexpr, BLOCK: tl.constexpr
):  # fmt: skip
    place = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)[:, None]
    number = tl.program_id(1).to(tl.int64)
    at = tl.arange(0, BLOCK)[None, :]
    there = (place < pixels) & (at < channels)
    y = tl.load(x + number * item + place * row + at, mask=there, other=0)
    line, column = place // width, place % width
    first = number * 4 * pixels + line * 4 * width + 2 * column
    for down in tl.static_range(2):
        for across in tl.static_range(2):
            into = (first + down * 2 * width + across) * channels + at
            tl.store(out + into, y, mask=there)


def sums(x, bias):
    """Return sums and sums of squares (batch, channels) of ``x + bias`` in float64.

    Each program sums in float32 over its part of the picture; the parts are added in float64.
    """
    batch, channels, height, width = x.shape
    row, item = _strides(x)
    pixels = height * width
    block = triton.next_power_of_2(channels)
    rows = max(1, _VALUES // block)
    parts = min(_PARTS, triton.cdiv(pixels, rows))
    step = triton.cdiv(triton.cdiv(pixels, parts), rows) * rows
    parts = triton.cdiv(pixels, step)
    found = torch.empty(2, batch, parts, channels, dtype=torch.float32, device=x.device)
    _sums[(parts, batch)](
        x, x if bias is None else bias, found[0], found[1], pixels, step, channels, row, item,
        HAS_BIAS=bias is not None, ROWS=rows, BLOCK=block, num_warps=4,
    )  # fmt: skip
    total, squares = found.double().sum(2)
    return total, squares


def use(x, factor, shift, silu):
    """As :func:`zimg_kernel.speed.group_norm.apply`."""
    batch, channels, height, width = x.shape
    row, item = _strides(x)
    out = torch.empty(x.shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    block = triton.next_power_of_2(channels)
    rows = max(1, _VALUES // block)
    _use[(triton.cdiv(height * width, rows), batch)](
        x, factor, shift, out, height * width, channels, row, item, SILU=silu, ROWS=rows,
        BLOCK=block, num_warps=4,
    )  # fmt: skip
    return out


def add(into, x, bias):
    """As :func:`zimg_kernel.speed.group_norm.add_biased`."""
    batch, channels, height, width = into.shape
    _strides(into)
    x = x.contiguous(memory_format=torch.channels_last)
    pixels = batch * height * width
    block = triton.next_power_of_2(channels)
    rows = max(1, _VALUES // block)
    grid = (triton.cdiv(pixels, rows),)
    _add[grid](into, x, bias, pixels, channels, ROWS=rows, BLOCK=block, num_warps=4)
    return into


def double(x):
    """As :func:`zimg_kernel.speed.group_norm.double`."""
    batch, channels, height, width = x.shape
    row, item = _strides(x)
    shape = (batch, channels, 2 * height, 2 * width)
    out = torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    block = triton.next_power_of_2(channels)
    rows = max(1, _VALUES // block)
    grid = (triton.cdiv(height * width, rows), batch)
    _double[grid](
        x, out, height * width, width, channels, row, item, ROWS=rows, BLOCK=block, num_warps=4
    )
    return out


def _strides(x):
    """Return the steps from pixel to pixel and from picture to picture, in elements."""
    item, channel, line, pixel = x.stride()
    assert channel == 1, "channels-last memory is expected"
    assert line == x.shape[3] * pixel, "lines must follow each other"
    return pixel, item
