"""Smaller cards: torch held to a part of the card's memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zimg_kernel.errors import BadInput


@contextmanager
def card_memory(gigabytes: float | None) -> Iterator[None]:
    """Let torch's tensors take no more than so much of the card, as on a smaller one.

    What CUDA itself takes, some 0.5 GB, counts beside it.

    Parameters
    ----------
    gigabytes : float or None
        10**9 bytes; None for all that there is.

    Raises
    ------
    BadInput
        There is no CUDA card, or it has less.
    """
    if gigabytes is None:
        yield
        return
    import torch

    from zimg_kernel.models.device import pick_device, total_bytes

    device = pick_device()
    if device.type != "cuda" or not 0 < gigabytes * 1e9 <= total_bytes(device):
        raise BadInput(
            f"No card with {gigabytes:g} GB or more is drawn on here: leave --gpu-memory out.",
            code="out-of-range",
            field="gpu_memory",
        )
    index = torch.cuda.current_device() if device.index is None else device.index
    torch.cuda.set_per_process_memory_fraction(gigabytes * 1e9 / total_bytes(device), index)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, index)
