"""Data-parallel training: each process sees its own data, and gradients are averaged.

Started by ``torchrun --nproc-per-node N -m zimg_kernel.nano.train ...``; alone, everything here
does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class Distributed:
    """Group of processes that train one model.

    Attributes
    ----------
    rank, size : int
        This process's number and how many there are; rank 0 leads and writes the files.
    """

    def __init__(self) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self._clock: Any = None
        if self.size > 1 and not dist.is_initialized():
            on_gpu = torch.cuda.is_available()
            if on_gpu:
                torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
            patience = timedelta(minutes=5)
            dist.init_process_group("nccl" if on_gpu else "gloo", timeout=patience)
            self._clock = dist.new_group(backend="gloo", timeout=patience)

    @property
    def is_main(self) -> bool:
        """True in the process that prints and saves."""
        return self.rank == 0

    def broadcast_value(self, value: float) -> float:
        """Return the main process's value on all; sent between hosts, waiting for no GPU."""
        if self.size == 1:
            return value
        box = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(box, 0, group=self._clock)
        return float(box[0])

    def broadcast_weights(self, models: Iterable[nn.Module]) -> None:
        """Give all processes the main one's weights."""
        if self.size > 1:
            for model in models:
                for tensor in (*model.parameters(), *model.buffers()):
                    dist.broadcast(tensor.data, 0)

    def average_gradients(self, params: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over the distributed, in one message."""
        if self.size == 1:
            return
        grads = [p.grad for p in params if p.grad is not None]
        flat = torch.cat([g.flatten() for g in grads])
        dist.all_reduce(flat)
        flat /= self.size
        parts: list[Tensor] = list(flat.split([g.numel() for g in grads]))
        torch._foreach_copy_(grads, [p.view_as(g) for p, g in zip(parts, grads, strict=True)])

    def barrier(self) -> None:
        """Wait for the other processes."""
        if self.size > 1:
            dist.barrier(group=self._clock)

    def close(self) -> None:
        """Leave the group."""
        if self.size > 1:
            dist.destroy_process_group()
