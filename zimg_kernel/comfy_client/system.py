"""What a ComfyUI server tells of its machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from zimg_kernel.engine.resources import Reading

from .history import mapping, sequence
from .server import ComfyServer


@dataclass(frozen=True)
class System:
    """A server's versions, device and memory.

    Attributes
    ----------
    version, torch : str
        Versions of ComfyUI and PyTorch; ``"unknown"`` where it does not tell.
    device : str
        Such as ``"cuda"`` or ``"cpu"``.
    name : str
        Of the device, as its driver calls it.
    memory : tuple of Reading
        The GPU, and RAM; what the server itself holds of RAM it does not tell.
    """

    version: str
    torch: str
    device: str
    name: str
    memory: tuple[Reading, ...]

    @classmethod
    def of(cls, server: ComfyServer) -> Self:
        """Ask a server; raises as :meth:`ComfyServer.stats`."""
        told = server.stats()
        system = mapping(told.get("system"))
        devices = [one for one in map(mapping, sequence(told.get("devices"))) if one]
        first = devices[0] if devices else {}
        memory = [_gpu(one, len(devices)) for one in devices if one.get("type") != "cpu"]
        total, free = _number(system, "ram_total"), _number(system, "ram_free")
        if total:
            memory.append(Reading("RAM", 0, total - free, total))
        return cls(
            str(system.get("comfyui_version") or "unknown"),
            str(system.get("pytorch_version") or "unknown"),
            str(first.get("type") or ""),
            str(first.get("name") or ""),
            tuple(memory),
        )

    @property
    def description(self) -> str:
        """Where pictures are drawn, for their records."""
        name = self.name.removesuffix(": native").strip()
        where = f" ({name})" if name and name != self.device else ""
        return f"ComfyUI {self.version}, {self.device or 'unknown device'}{where}"


def _gpu(told: dict[str, Any], count: int) -> Reading:
    total, free = _number(told, "vram_total"), _number(told, "vram_free")
    name = "GPU" if count == 1 else f"GPU {told.get('index', 0)}"
    return Reading(name, _number(told, "torch_vram_total"), total - free, total)


def _number(told: dict[str, Any], name: str) -> int:
    value = told.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value < 2**63 else 0
