"""Energy of processor packages by RAPL, where Linux lets this user read it."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path("/sys/class/powercap")


class PackageEnergy:
    """Energy counters of all processor packages (kernel documentation: power/powercap).

    Since 2020 they are readable by root alone on most systems (CVE-2020-8694): then
    :attr:`readable` is False.

    Parameters
    ----------
    root : Path
        Folder of the powercap framework.
    """

    def __init__(self, root: Path = _ROOT) -> None:
        packages = sorted(root.glob("intel-rapl:[0-9]*"))
        packages = [zone for zone in packages if zone.name.count(":") == 1]  # no part of another
        self._zones = [zone for zone in packages if _number(zone / "energy_uj") is not None]

    @property
    def readable(self) -> bool:
        """Whether there is a counter that can be read."""
        return bool(self._zones)

    def read(self) -> list[int]:
        """Return the counters in µJ."""
        return [_number(zone / "energy_uj") or 0 for zone in self._zones]

    def joules(self, before: list[int], after: list[int]) -> float | None:
        """Return the energy in J between two readings; a counter that began anew is understood."""
        if not self._zones:
            return None
        total = 0
        for zone, first, last in zip(self._zones, before, after, strict=True):
            whole = _number(zone / "max_energy_range_uj") or 0
            total += last - first if last >= first else last - first + whole
        return total / 1e6


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
