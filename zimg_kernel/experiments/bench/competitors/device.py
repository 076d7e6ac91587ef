"""The device itself: what its arithmetic and its memory reach, without any model."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .competitor import Answer, Competitor, Request

if TYPE_CHECKING:
    import torch

_SECONDS = 0.5  # that an operation is repeated at least; sustained rates, not bursts
_TOKENS, _WIDTH, _HIDDEN, _HEADS, _HEAD = 4192, 3840, 10240, 30, 128
"""Of one layer of Z-Image at 1024x1024 with a caption of 96 tokens."""


class DeviceCompetitor(Competitor):
    """The device that models are drawn on; each case is an operation (:data:`OPERATIONS`)."""

    kind = "device"

    def __init__(self) -> None:
        self._device: torch.device | None = None
        self.name = "device"

    def ready(self) -> None:
        """Choose the device."""
        if self._device is None:
            from zimg_kernel.models.device import pick_device

            self._device = pick_device()

    def draw(self, request: Request) -> Answer:
        """Repeat an operation for half a second, and tell its rate."""
        from zimg_kernel.models.device import synchronize

        assert self._device is not None
        device = self._device
        make, unit = OPERATIONS[request.params["operation"]]
        once, amount = make(device)
        for _ in range(2):
            once()
        synchronize(device)
        times, began = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - began) < _SECONDS:
            for _ in range(10 if device.type == "cuda" else 1):
                once()
                times += 1
            synchronize(device)
        elapsed = time.perf_counter() - began
        return Answer(
            times={"total": elapsed / times}, values={unit: amount * times / elapsed / 1e12}
        )

    def facts(self) -> dict[str, Any]:
        """Return the device's kind, name and memory."""
        from zimg_kernel.models.device import describe, total_bytes

        assert self._device is not None
        return {"device": self._device.type, "title": describe(self._device),
                "memory_gb": round(total_bytes(self._device) / 1e9, 2)}  # fmt: skip

    def recover(self) -> None:
        """Give memory back."""
        from zimg_kernel.models.device import release_memory

        if self._device is not None:
            release_memory(self._device)


Operation = tuple[Callable[[], Any], float]
"""A function that does it once, and how much that is: operations or bytes."""


def _scale(device: torch.device) -> int:
    """Return what sizes are divided by: a CPU would take seconds for one product."""
    return 1 if device.type == "cuda" else 8


def _product(dtype: str) -> Callable[[torch.device], Operation]:
    def make(device: torch.device) -> Operation:
        import torch

        rows, inner, columns = (size // _scale(device) for size in (_TOKENS, _WIDTH, _HIDDEN))
        kind = getattr(torch, dtype)
        left = torch.randn(rows, inner, device=device, dtype=kind)
        right = torch.randn(inner, columns, device=device, dtype=kind)
        return lambda: left @ right, 2.0 * rows * inner * columns

    return make


def _attention(device: torch.device) -> Operation:
    import torch
    import torch.nn.functional as F

    tokens, kind = _TOKENS // _scale(device), _dtype(device)
    q, k, v = (torch.randn(1, _HEADS, tokens, _HEAD, device=device, dtype=kind) for _ in range(3))
    return lambda: F.scaled_dot_product_attention(q, k, v), 4.0 * _HEADS * tokens**2 * _HEAD


def _copy(device: torch.device) -> Operation:
    import torch

    source = torch.empty(int(1e9) // 4 // _scale(device), device=device)
    target = torch.empty_like(source)
    return lambda: target.copy_(source), 2.0 * source.nbytes  # read and written


def _upload(device: torch.device) -> Operation:
    import torch

    cuda = device.type == "cuda"
    source = torch.empty(int(5e8) // 4 // _scale(device), pin_memory=cuda)
    target = torch.empty_like(source, device=device)
    return lambda: target.copy_(source, non_blocking=True), float(source.nbytes)


def _dtype(device: torch.device) -> torch.dtype:
    import torch

    return torch.bfloat16 if device.type == "cuda" else torch.float32


OPERATIONS: dict[str, tuple[Callable[[torch.device], Operation], str]] = {
    "product-fp32": (_product("float32"), "tflop_per_s"),
    "product-bf16": (_product("bfloat16"), "tflop_per_s"),
    "attention": (_attention, "tflop_per_s"),
    "memory": (_copy, "tb_per_s"),
    "upload": (_upload, "tb_per_s"),
}
"""Operations by their names, and the unit of their rates (10**12 a second)."""
