"""Readings of an NVIDIA card by NVML: power, energy, temperature, clocks, memory, processes.

Needs the package nvidia-ml-py (module ``pynvml``) and NVIDIA's driver; without either,
:func:`open_card` returns None, and what a card does not support is left out of its readings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

_LIMITS = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x20: "thermal slowdown (software)",
    0x40: "thermal slowdown (hardware)",
    0x80: "power brake",
}
"""Bits of ``nvmlDeviceGetCurrentClocksEventReasons`` that mean slower clocks (nvml.h)."""


class Card:
    """One card.

    Parameters
    ----------
    nvml : module
        ``pynvml``, initialised.
    handle
        Of the device.
    """

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml, self._handle = nvml, handle
        self._missing: set[str] = set()  # asked for once in vain

    def readings(self) -> dict[str, float]:
        """Return what changes with time: W, °C, MHz, GB, shares."""
        nvml = self._nvml
        wanted: dict[str, Callable[[], float]] = {
            "power": lambda: self._ask("nvmlDeviceGetPowerUsage") / 1e3,
            "temperature": lambda: self._ask("nvmlDeviceGetTemperature", nvml.NVML_TEMPERATURE_GPU),
            "clock_sm": lambda: self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_SM),
            "clock_memory": lambda: self._ask("nvmlDeviceGetClockInfo", nvml.NVML_CLOCK_MEM),
            "gpu_memory": lambda: self._ask("nvmlDeviceGetMemoryInfo").used / 1e9,
            "gpu_share": lambda: self._ask("nvmlDeviceGetUtilizationRates").gpu / 100,
        }
        return {name: value for name, read in wanted.items()
                if (value := self._known(name, read)) is not None}  # fmt: skip

    def energy(self) -> float | None:
        """Return the card's energy counter in J, or None where it has none (before Volta)."""
        return self._known("energy", lambda: self._ask("nvmlDeviceGetTotalEnergyConsumption") / 1e3)

    def other_processes(self) -> int | None:
        """Return how many other processes compute on the card, or None where that is not told.

        In a container the ids are often those of the host: then this process, too, is one of
        another id, so that one process is taken for this one.
        """

        def count() -> float:
            ids = {one.pid for one in self._ask("nvmlDeviceGetComputeRunningProcesses")}
            return len(ids - {os.getpid()}) if os.getpid() in ids else max(0, len(ids) - 1)

        found = self._known("processes", count)
        return None if found is None else int(found)

    def held_back_by(self) -> list[str]:
        """Return why the clocks are lower than they could be at this moment."""
        bits = self._known("reasons", lambda: self._ask("nvmlDeviceGetCurrentClocksEventReasons"))
        return [name for bit, name in _LIMITS.items() if int(bits or 0) & bit]

    def facts(self) -> dict[str, Any]:
        """Return what does not change: name, driver, CUDA version, memory, power limit."""
        wanted: dict[str, Callable[[], Any]] = {
            "name": lambda: _text(self._ask("nvmlDeviceGetName")),
            "driver": lambda: _text(self._nvml.nvmlSystemGetDriverVersion()),
            "cuda": lambda: _cuda(self._nvml.nvmlSystemGetCudaDriverVersion()),
            "memory_gb": lambda: round(self._ask("nvmlDeviceGetMemoryInfo").total / 1e9, 2),
            "power_limit": lambda: self._ask("nvmlDeviceGetPowerManagementLimit") / 1e3,
            "clock_sm_most": lambda: self._ask(
                "nvmlDeviceGetMaxClockInfo", self._nvml.NVML_CLOCK_SM
            ),
            "ecc": lambda: bool(self._ask("nvmlDeviceGetEccMode")[0]),
            "mig": lambda: bool(self._ask("nvmlDeviceGetMigMode")[0]),
            "other_processes": self.other_processes,
        }
        return {name: value for name, read in wanted.items()
                if (value := self._known(f"fact {name}", read)) is not None}  # fmt: skip

    def _ask(self, function: str, *arguments: Any) -> Any:
        return getattr(self._nvml, function)(self._handle, *arguments)

    def _known(self, name: str, read: Callable[[], Any]) -> Any:
        if name in self._missing:
            return None
        try:
            return read()
        except (self._nvml.NVMLError, AttributeError, TypeError):
            self._missing.add(name)
            return None


def open_card(index: int = 0) -> Card | None:
    """Return the card that torch knows as ``cuda:index``; None where NVML cannot be had.

    Where torch has CUDA running already the card is found by its UUID; else by its place in
    ``CUDA_VISIBLE_DEVICES``.
    """
    try:
        nvml = import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
        for name in _names(index):
            try:
                handle = (nvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit()
                          else nvml.nvmlDeviceGetHandleByUUID(name))  # fmt: skip
            except nvml.NVMLError:
                continue
            return Card(nvml, handle)
    except nvml.NVMLError:  # no driver, no card
        return None
    return None


def _names(index: int) -> list[str]:
    """Return what the card may be found by, the best first."""
    names = []
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        uuid = getattr(torch.cuda.get_device_properties(index), "uuid", None)
        if uuid is not None:
            names += [f"GPU-{uuid}", f"MIG-{uuid}"]
    visible = [part.strip() for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    if visible != [""]:
        names += visible[index : index + 1]
    return [*names, str(index)]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _cuda(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"
