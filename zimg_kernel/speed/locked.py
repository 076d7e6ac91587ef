"""Page-locked RAM, from which a CUDA device copies at its bus's full speed.

torch's own page-locked memory is made page after page by ``cudaHostAlloc``, each piece rounded up
to a power of two. Here memory is filled first, by several threads and in large pages, and then
locked.
"""

from __future__ import annotations

import contextlib
import mmap

import torch

_PORTABLE = 1  # cudaHostRegisterPortable: locked for every device


class _Pages(mmap.mmap):
    """Anonymous memory, unlocked before it is given back."""

    address = 0  # where it is locked

    def __del__(self) -> None:
        if self.address:
            with contextlib.suppress(Exception):  # at the end of the process CUDA may be gone
                torch.cuda.synchronize()  # a copy may be on its way
                torch.cuda.cudart().cudaHostUnregister(self.address)


class WaitingMemory:
    """RAM for weights that wait, to be filled and then locked.

    Parameters
    ----------
    size : int
        Bytes.

    Attributes
    ----------
    tensor : Tensor
        The memory, as bytes; whoever holds it, or a view of it, holds the memory.
    """

    def __init__(self, size: int) -> None:
        self._pages: _Pages | None = None
        if size and hasattr(mmap, "MAP_ANONYMOUS"):
            pages = _Pages(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            with contextlib.suppress(OSError, AttributeError):  # a wish, which not all kernels know
                pages.madvise(mmap.MADV_HUGEPAGE)
            self.tensor = torch.frombuffer(pages, dtype=torch.uint8)
            self._pages = pages
        else:
            self.tensor = torch.empty(size, dtype=torch.uint8, pin_memory=True)

    def lock(self) -> None:
        """Lock what has been filled; where that fails, it stays as it is."""
        pages, self._pages = self._pages, None
        if pages is None or not torch.cuda.is_available():
            return
        address = self.tensor.data_ptr()
        failed = torch.cuda.cudart().cudaHostRegister(address, self.tensor.numel(), _PORTABLE)
        if int(failed) == 0:
            pages.address = address
            return
        with contextlib.suppress(RuntimeError):  # takes the error away, which torch would find
            torch.zeros(1, device="cuda")


def to_device(weight: torch.Tensor, device: torch.device) -> torch.Tensor:
    """Return a weight on a device, through page-locked memory if it is a file's pages in RAM."""
    if device.type != "cuda" or weight.device.type != "cpu":
        return weight.to(device)
    staged = torch.empty_like(weight, pin_memory=True)  # torch keeps it for the next one
    return staged.copy_(weight).to(device, non_blocking=True)
