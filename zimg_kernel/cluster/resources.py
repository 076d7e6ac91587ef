"""Resources of several workers, as those of one engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zimg_kernel.engine.resources import Reading, Resources


def together(found: Sequence[Resources]) -> Resources:
    """Return what workers of one machine draw with.

    Of one memory that several use, what they hold counts together.
    """
    readings: dict[str, Reading] = {}
    for number, resources in enumerate(found):
        for reading in resources.memory:
            name = reading.name
            if name != "RAM" and len(found) > 1:  # each worker has a GPU of its own
                name = f"GPU {number}" if name == "GPU" else f"{name} of worker {number}"
            before = readings.get(name, replace(reading, name=name, own=0))
            readings[name] = replace(before, own=before.own + reading.own)
    loaded = dict.fromkeys(name for resources in found for name in resources.loaded)
    device = next((resources.device for resources in found if resources.device), "")
    gpus = [name for name in readings if name != "RAM"]
    order = [*gpus, *(name for name in readings if name == "RAM")]
    return Resources(device, tuple(loaded), tuple(readings[name] for name in order))
