"""Memory in which the adapters of LoRAs lie beside an offloaded transformer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def bring_adapters(
    layers: Iterable[Any], names: Collection[str], place: torch.device | None
) -> None:
    """Bring adapters to where an offloaded transformer's layers are, or to a device.

    Weights that wait in RAM and cross for their turn come to their layers' inputs on the device,
    so the adapters belong there, though the layers' own weights are shown in RAM.
    """
    for layer in layers:
        for adapter in names:
            move: Any = getattr(layer, "_move_adapter_to_device_of_base_layer", None)
            if move is not None and place is None:
                move(adapter)
                continue
            # Not by peft, which asks for the layer's weight: one in fp8 would be made anew.
            for name in getattr(layer, "adapter_layer_names", ()):
                part: Any = getattr(layer, name)
                if adapter in part:
                    part[adapter] = part[adapter].to(place)
