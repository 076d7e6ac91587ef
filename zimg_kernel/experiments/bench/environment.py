"""Environment of a benchmark: hardware, driver, system, versions, load before the start."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .nvml import Card
from .own_load import OWN_LOAD
from .sampler import usable_cores

_PACKAGES = ("zimg-workbench", "torch", "diffusers", "transformers", "accelerate", "numpy",
             "pillow", "onnxruntime", "nvidia-ml-py", "stable-diffusion-cpp-python",
             "papermill")  # fmt: skip


def environment(card: Card | None = None) -> dict[str, Any]:
    """Return what is known of the machine, ready for JSON; what is not is left out.

    Parameters
    ----------
    card : Card or None
        The card, where NVML knows it.
    """
    found = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cpu": _cpu_name(),
        "cores": usable_cores(),
        "ram_gb": _ram(),
        "load_before": _load(),
        "own_load_before": round(OWN_LOAD.now(), 2),
        "threads": _threads(),
        "packages": _versions(),
        "gpu": card.facts() if card else _torch_gpu(),
        "variables": {name: value for name, value in sorted(os.environ.items())
                      if name in ("ZIMG_DEVICE", "ZIMG_DTYPE", "ZIMG_MODEL", "ZIMG_SPEED",
                                  "ZIMG_MEMORY", "ZIMG_RUNTIME", "ZIMG_SPLIT", "OMP_NUM_THREADS",
                                  "CUDA_VISIBLE_DEVICES", "PYTORCH_CUDA_ALLOC_CONF")},
        "energy_of_cpu": _readable_energy(),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, {})}


def _cpu_name() -> str | None:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or None


def _ram() -> float:
    import psutil

    return round(psutil.virtual_memory().total / 1e9, 2)


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None


def _threads() -> int | None:
    torch = sys.modules.get("torch")
    return None if torch is None else int(torch.get_num_threads())


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _torch_gpu() -> dict[str, Any] | None:
    """Return what torch tells of the card where NVML cannot be asked."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    card = torch.cuda.get_device_properties(0)
    return {"name": card.name, "memory_gb": round(card.total_memory / 1e9, 2),
            "cuda": torch.version.cuda}  # fmt: skip


def _readable_energy() -> str:
    from .rapl import PackageEnergy

    return "RAPL" if PackageEnergy().readable else "not readable"
