"""Resources of an engine: its device, its memory, what is loaded."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import psutil


@dataclass(frozen=True)
class Reading:
    """One memory at one moment, in bytes; ``used`` is by all processes, ``own`` by this one."""

    name: str
    own: int
    used: int
    total: int


@dataclass(frozen=True)
class Resources:
    """What an engine draws with.

    Attributes
    ----------
    device : str
        Such as ``"cuda"`` or ``"cpu"``; empty before it has been chosen.
    loaded : tuple of str
        Ids of the models in memory.
    memory : tuple of Reading
        The GPUs that the engine's process uses, and RAM.
    """

    device: str
    loaded: tuple[str, ...]
    memory: tuple[Reading, ...]


_gpus_met: set[int] = set()


def read_memory() -> list[Reading]:
    """Read the GPUs that this process uses, and RAM; takes well under 2 ms.

    It never imports torch or starts CUDA: a GPU appears once torch has put something of this
    process on it.
    """
    ram = psutil.virtual_memory()
    own = psutil.Process().memory_info().rss
    # Pages of mapped files count as ours and as available at once: ours may exceed the used.
    used = max(ram.total - ram.available, own)
    return [*_read_gpus(), Reading("RAM", own, used, ram.total)]


def _read_gpus() -> list[Reading]:
    cuda: Any = getattr(sys.modules.get("torch"), "cuda", None)
    started = getattr(cuda, "is_initialized", None)  # absent while torch is being imported
    if started is None or not started():
        return []
    found: list[Reading] = []
    for index in range(cuda.device_count()):
        own = int(cuda.memory_reserved(index))
        # Asking a GPU that is not in use would start CUDA on it, which takes memory there.
        if not own and index not in _gpus_met:
            continue
        _gpus_met.add(index)
        try:
            free, total = cuda.mem_get_info(index)
        except RuntimeError:  # CUDA has failed; that is for the work to report, not for a bar
            continue
        found.append(Reading(f"GPU {index}", own, total - free, total))
    alone = len(found) == 1
    return [replace(r, name="GPU") if alone else r for r in found]
