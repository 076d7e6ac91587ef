"""Reference workload: how fast the machine is at this moment."""

from __future__ import annotations

import time
from typing import Any

_LENGTH, _TIMES = 1 << 16, 12  # of the transforms on a CPU: about 20 ms
_GPU_SIDE, _GPU_TIMES = 4096, 20  # about 4 ms on an H200


class Reference:
    """A fixed piece of arithmetic, timed just before each run.

    Its only use is to tell a slower program from a slower machine: other programs, clocks that
    swing, and shared cores slow both. On CUDA it is matrix products on the card in bf16;
    elsewhere Fourier transforms by numpy on one core, which leave torch's threads alone.
    """

    def __init__(self) -> None:
        import torch

        from zimg_kernel.models.device import pick_device

        device = pick_device()
        self._once = _on_card(torch, device) if device.type == "cuda" else _on_cpu()
        self._once()

    def seconds(self) -> float:
        """Return what it takes now."""
        began = time.perf_counter()
        self._once()
        return time.perf_counter() - began


def _on_cpu() -> Any:
    import numpy as np

    values = np.random.default_rng(0).standard_normal(_LENGTH)

    def once() -> None:
        for _ in range(_TIMES):
            np.fft.fft(values)

    return once


def _on_card(torch: Any, device: Any) -> Any:
    matrix = torch.randn(_GPU_SIDE, _GPU_SIDE, device=device, dtype=torch.bfloat16)

    def once() -> None:
        for _ in range(_GPU_TIMES):
            matrix @ matrix
        torch.cuda.synchronize(device)

    return once
