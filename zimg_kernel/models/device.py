"""Devices: choice, number format, free memory, timing."""

from __future__ import annotations

import gc
import logging
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.settings import settings

if TYPE_CHECKING:
    import torch

    from .catalog import ModelCard

_log = logging.getLogger(__name__)

_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}
_REASONS = {
    "not compiled with": "this PyTorch was built without it",
    "Could not run": "this PyTorch was built without it",
    "not linked with": "this PyTorch was built without it",
    "no NVIDIA driver": "there is no NVIDIA driver",
    "invalid device ordinal": "there is no device of this number",
    "no kernel image": "this PyTorch has no code for this card",
    "busy or unavailable": "another program holds it",
    "Expected one of": "devices are called cpu, cuda, cuda:1, mps",
    "Invalid device string": "devices are called cpu, cuda, cuda:1, mps",
}
"""Parts of torch's messages, and what they mean."""


def pick_device() -> torch.device:
    """Return the device to draw on: ``ZIMG_DEVICE``, else CUDA, else MPS, else the CPU."""
    import torch

    wanted = settings().device
    if wanted:
        return _named_device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _named_device(name: str) -> torch.device:
    import torch

    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise BadInput(
            f"ZIMG_DEVICE={name} cannot be used here ({_why_unusable(error)}): unset it to choose "
            "automatically.",
            code="device-unusable",
            field="ZIMG_DEVICE",
        ) from None
    return device


def _why_unusable(error: Exception) -> str:
    """Return torch's reason in plain words; its own are a list of all that was compiled in."""
    said = str(error)
    for part, reason in _REASONS.items():
        if part in said:
            return reason
    return said.splitlines()[0][:200] if said else type(error).__name__


def pick_dtype(card: ModelCard, device: torch.device) -> torch.dtype:
    """Return a number format: ``ZIMG_DTYPE``, else the card's on a GPU, fp32 on a CPU.

    Raises
    ------
    BadInput
        The model's family cannot be drawn in that of ``ZIMG_DTYPE``.
    """
    import torch

    wanted = settings().dtype
    usual = "float32" if device.type == "cpu" else card.dtype
    name = _DTYPES.get(wanted.lower(), wanted.lower()) if wanted else usual
    possible = family_of(card).dtypes
    if wanted and name not in possible:
        short = [text for text, known in _DTYPES.items() if known in possible]
        why = " (fp16 overflows)" if "float16" not in possible else ""
        raise BadInput(
            f"ZIMG_DTYPE={wanted} is not possible: use {' or '.join(short)}{why}.",
            code="unknown-choice",
            field="ZIMG_DTYPE",
        )
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def describe(device: torch.device, dtype: torch.dtype | None = None) -> str:
    """Return a device's name for display, such as ``"cuda (NVIDIA H200), bfloat16"``."""
    import torch

    name = str(device)
    if device.type == "cuda":
        name = f"{name} ({torch.cuda.get_device_name(device)})"
    return name if dtype is None else f"{name}, {str(dtype).removeprefix('torch.')}"


def free_bytes(device: torch.device, limit: float = 0.0) -> int:
    """Return the memory that a new tensor on this device could take, in bytes.

    Parameters
    ----------
    limit : float
        Gigabytes of a GPU that this process keeps to, all that it holds included; 0 for none.
    """
    import psutil
    import torch

    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        most = limit * 1e9 - own_bytes(device) if limit else float("inf")
        return int(max(0, min(free + idle, most)))
    return int(psutil.virtual_memory().available)


CONTEXT_BYTES = 0.95e9
"""What a process holds on a CUDA card beside tensors: the context, libraries' kernels and
workspaces; 0.84 to 0.91 GB seen on an H200 with torch 2.11."""


def own_bytes(device: torch.device) -> float:
    """Return the memory of a CUDA card that this process's tensors and its context take."""
    import torch

    return torch.cuda.memory_allocated(device) + CONTEXT_BYTES


def total_bytes(device: torch.device) -> int:
    """Return all the memory of this device in bytes."""
    import psutil
    import torch

    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[1])
    return int(psutil.virtual_memory().total)


def reset_peak(device: torch.device) -> None:
    """Reset the peak of memory in use; see :func:`peak_bytes`."""
    import torch

    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: torch.device) -> int:
    """Return the peak of memory in use since :func:`reset_peak`, in bytes.

    On a GPU that of tensors; elsewhere what this process holds now, for no system tells its
    peak for a part of its life.
    """
    import psutil
    import torch

    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


def grow_segments(device: torch.device) -> None:
    """Let torch's memory on a card grow where it is, rather than in pieces that fit nothing else.

    With 16 GB and a picture of 2048 x 2048 half a gigabyte less is held so, at the same speed. A
    user's own choice, in PYTORCH_ALLOC_CONF, stays, and so does what torch does elsewhere than on
    Linux, where it knows no such memory.
    """
    import torch

    chosen = any(name in os.environ for name in ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF"))
    if device.type != "cuda" or sys.platform != "linux" or chosen:
        return
    try:
        torch.cuda.memory._set_allocator_settings("expandable_segments:True")
    except (AttributeError, RuntimeError) as error:
        _log.info("Memory stays in pieces: %s", str(error).splitlines()[0])


def release_memory(device: torch.device) -> None:
    """Return unused memory to the device."""
    import torch

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


class Stopwatch:
    """Timer for the parts of a picture that does not make the device wait.

    On CUDA marks are events in the stream, read at the end; elsewhere work is done when a
    call returns, and a clock will do.

    Parameters
    ----------
    device : torch.device
        The device that does the work.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._marks: list[tuple[str, Any]] = []
        self.mark("")

    def mark(self, name: str) -> Any:
        """End the part of this name and begin the next; return the clock's time or the event."""
        self._marks.append((name, self._now()))
        return self._marks[-1][1]

    def _now(self) -> Any:
        import torch

        if self._device.type != "cuda":
            synchronize(self._device)
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event

    def seconds(self) -> dict[str, float]:
        """Wait for the device and return the seconds of each part."""
        synchronize(self._device)
        pairs = zip(self._marks, self._marks[1:], strict=False)
        return {name: _between(before, after) for (_, before), (name, after) in pairs}


def _between(before: Any, after: Any) -> float:
    if isinstance(before, float):
        return float(after - before)
    return float(before.elapsed_time(after)) / 1000


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all that it was given, so that a clock can be read."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an exception means that memory ran out, on any device."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    phrases = ("out of memory", "can't allocate memory", "cannot allocate memory")
    return isinstance(error, RuntimeError) and any(part in text for part in phrases)
