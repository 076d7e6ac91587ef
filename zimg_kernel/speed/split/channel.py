"""Copies of tensors between the two processes: NCCL on CUDA, gloo elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

_dist: Any = dist  # its types leave out what stands in its documentation
_PATIENCE = timedelta(minutes=3)

_QUIET = {"TORCH_NCCL_ASYNC_ERROR_HANDLING": "0", "TORCH_NCCL_ENABLE_MONITORING": "0"}
"""torch's own watch over NCCL ends the whole process where the other one is lost."""


class Channel:
    """The connection of one of two processes to the other.

    It is a process group of its own; torch's default group, which may be the user's, is left alone.

    Parameters
    ----------
    meeting : Path
        File by which both find each other, in a folder of the user's own: torch's TCP store would
        listen on every network of the machine, whatever address it is given.
    rank : {0, 1}
        Which process this is.
    device : torch.device
        Where its tensors are.
    """

    def __init__(self, meeting: Path, rank: int, device: torch.device) -> None:
        self._store = _dist.FileStore(str(meeting), 2)
        self._store.set_timeout(_PATIENCE)
        self._rank, self._device = rank, device
        self._group: Any = None
        self._ending: threading.Thread | None = None

    def open(self) -> None:
        """Make the process group; both processes must."""
        store = _dist.PrefixStore("split", self._store)
        if self._device.type != "cuda":
            self._group = dist.ProcessGroupGloo(store, self._rank, 2, _PATIENCE)
            return
        with _quiet():
            options = dist.ProcessGroupNCCL.Options()
            # What crosses goes first, or it would wait for the products that it shall cross beside.
            options.is_high_priority_stream = True
            self._group = dist.ProcessGroupNCCL(store, self._rank, 2, options)

    def share(self, x: torch.Tensor, root: int = 0) -> torch.Tensor:
        """Return one process's tensor; the other one's, of the same shape, is overwritten.

        One that is not contiguous is copied.
        """
        x = x.contiguous()
        how = dist.BroadcastOptions()
        how.rootRank, how.rootTensor, how.asyncOp = root, 0, False
        _wait(self._group.broadcast([_bytes(x)], how))
        return x

    def swap(self, x: torch.Tensor, into: torch.Tensor | None = None) -> Swap:
        """Begin to exchange a tensor for the other process's of the same shape.

        Parameters
        ----------
        x : Tensor
            Copied first if it is not contiguous.
        into : Tensor, optional
            Where to put the other one.
        """
        x = x.contiguous()
        place = into if into is not None and into.is_contiguous() else torch.empty_like(x)
        sent, got = _bytes(x), _bytes(place)
        sizes = [0, len(sent)] if self._rank == 0 else [len(sent), 0]
        how = dist.AllToAllOptions()
        how.asyncOp = True
        return Swap(x, place, into, self._group.alltoall_base(got, sent, sizes, sizes, how))

    def abort(self) -> None:
        """End what waits for the other process; nothing can be exchanged from then on.

        NCCL's own end waits until no recording holds its kernels, so a thread waits for it: the
        recordings are cleared by whoever calls this, or after it.
        """
        group, self._group = self._group, None
        if group is not None and self._device.type == "cuda":
            self._ending = threading.Thread(
                target=group.abort, name="zimg-split-abort", daemon=True
            )
            self._ending.start()

    def wait(self, seconds: float) -> None:
        """Wait until NCCL has ended: a process that ends meanwhile may crash."""
        if self._ending is not None:
            self._ending.join(seconds)


class Swap:
    """An exchange that goes on beside what is computed; its tensors are held until its end."""

    def __init__(
        self, sent: torch.Tensor, got: torch.Tensor, into: torch.Tensor | None, work: Any
    ) -> None:
        self._sent, self._got, self._into, self._work = sent, got, into, work

    def wait(self) -> torch.Tensor:
        """Return the other process's tensor, for what the current stream computes from now on."""
        _wait(self._work)
        if self._into is None or self._into is self._got:
            return self._got
        return self._into.copy_(self._got)


def _bytes(x: torch.Tensor) -> torch.Tensor:
    """Return a contiguous tensor as bytes, as not every backend knows fp8."""
    return x.view(-1).view(torch.uint8)


def _wait(work: Any) -> None:
    if work is not None:
        work.wait()


@contextmanager
def _quiet() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _QUIET}
    os.environ.update(_QUIET)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
