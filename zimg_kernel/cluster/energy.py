"""Energy counters of graphics cards and processors, where this user can read them."""

from __future__ import annotations

import contextlib
from importlib import import_module
from pathlib import Path
from typing import Any

_RAPL = Path("/sys/class/powercap")


class CardReader:
    """Reads NVIDIA's cards by NVML; reads nothing where there are none, or no nvidia-ml-py."""

    def __init__(self) -> None:
        self._nvml: Any = None
        self._cards: list[Any] = []
        with contextlib.suppress(Exception):  # no package, no driver, no card
            self._nvml = import_module("pynvml")
            self._nvml.nvmlInit()
            count = self._nvml.nvmlDeviceGetCount()
            self._cards = [self._nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]

    def energy(self) -> dict[str, float]:
        """Return by card its energy in J since the driver was loaded; none before Volta."""
        return self._each(lambda card: self._nvml.nvmlDeviceGetTotalEnergyConsumption(card) / 1e3)

    def power(self) -> dict[str, float]:
        """Return by card its power in W."""
        return self._each(lambda card: self._nvml.nvmlDeviceGetPowerUsage(card) / 1e3)

    def memory(self) -> dict[str, tuple[int, int]]:
        """Return by card its used and all its memory, in bytes."""
        found = self._each(self._nvml.nvmlDeviceGetMemoryInfo) if self._cards else {}
        return {card: (int(memory.used), int(memory.total)) for card, memory in found.items()}

    def _each(self, read: Any) -> dict[str, Any]:
        found = {}
        for index, card in enumerate(self._cards):
            with contextlib.suppress(Exception):  # not supported, or the card has gone
                found[str(index)] = read(card)
        return found


class ProcessorEnergy:
    """Adds up the energy of all processor packages by RAPL, whose counters begin anew.

    Parameters
    ----------
    root : Path
        Folder of Linux's powercap framework; most systems let only root read it.
    """

    def __init__(self, root: Path = _RAPL) -> None:
        zones = [zone for zone in sorted(root.glob("intel-rapl:*")) if zone.name.count(":") == 1]
        self._last = {zone: value for zone in zones if (value := _number(zone / "energy_uj"))}
        self._joules = 0.0

    def read(self) -> float | None:
        """Return the energy in J since this object was made; None where it cannot be read."""
        for zone, before in self._last.items():
            after = _number(zone / "energy_uj")
            if after is None:
                continue
            span = _number(zone / "max_energy_range_uj") or 0
            self._joules += (after - before + (span if after < before else 0)) / 1e6
            self._last[zone] = after
        return self._joules if self._last else None


def _number(file: Path) -> int | None:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return None
