"""Reference workload: how fast the machine is at this moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_LENGTH, _TIMES = 1 << 14, 12  # of the transforms on a CPU: about 3 ms
_GPU_SIDE, _GPU_TIMES = 4096, 10  # about 2 ms on an H200


class Reference:
    """A fixed piece of arithmetic, repeated for a while just before and after each run.

    Its only use is to tell a slower program from a slower machine: other programs, clocks that
    swing, and shared cores slow both. On CUDA it is matrix products on the card in bf16;
    elsewhere Fourier transforms by numpy on as many threads as torch uses, which wait for each
    other as torch's do but leave those alone.
    """

    def __init__(self) -> None:
        import torch

        from zimg_kernel.models.device import pick_device

        device = pick_device()
        gpu = device.type == "cuda"
        self._once = _on_card(torch, device) if gpu else _on_cpu(torch.get_num_threads())
        self._once()

    def __call__(self, seconds: float) -> tuple[float, int]:
        """Repeat it for about so many seconds.

        Returns
        -------
        float, int
            The seconds that it took, and how often it was done.
        """
        times, began = 0, time.perf_counter()
        while True:
            self._once()
            times += 1
            elapsed = time.perf_counter() - began
            if elapsed >= seconds:
                return elapsed, times


def _on_cpu(threads: int) -> Callable[[], Any]:
    import numpy as np

    values = np.random.default_rng(0).standard_normal(_LENGTH)
    pool = ThreadPoolExecutor(threads, "zimg-reference")

    def transform() -> None:
        for _ in range(_TIMES):
            np.fft.fft(values)

    def once() -> None:
        for one in [pool.submit(transform) for _ in range(threads)]:
            one.result()

    return once


def _on_card(torch: Any, device: Any) -> Callable[[], Any]:
    matrix = torch.randn(_GPU_SIDE, _GPU_SIDE, device=device, dtype=torch.bfloat16)

    def once() -> None:
        for _ in range(_GPU_TIMES):
            matrix @ matrix
        torch.cuda.synchronize(device)

    return once
