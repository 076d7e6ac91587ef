"""Memory that competitors of one process hold while another one is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .sampler import ResourceSampler, torch_cuda

_FIGURES = {
    "ram_peak": "ram",
    "ram_mean": "ram",
    "ram_end": "ram",
    "torch_peak": "torch",
    "torch_reserved": "torch_reserved",
    "gpu_memory_peak": "gpu_memory",
}


class MemoryShares:
    """What each competitor added to the memory of this process and of the card, and holds.

    Several competitors in one process stay loaded while they take turns: a run's memory is what
    was seen less what the others hold. That is by how much memory grew while each was loaded and
    drew for the first time; what two models share counts for the one that was loaded first.

    Parameters
    ----------
    read : callable
        Returns the memory held now, 10**9 bytes by name: :func:`held_now`.
    """

    def __init__(self, read: Callable[[], Mapping[str, float]]) -> None:
        self._read = read
        self._held: dict[str, dict[str, float]] = {}

    def now(self) -> Mapping[str, float]:
        """Return the memory held now."""
        return self._read()

    def loaded(self, name: str, before: Mapping[str, float]) -> None:
        """Note that a competitor was loaded and has drawn since ``before`` was read."""
        now = self._read()
        self._held[name] = {key: max(0.0, now[key] - before.get(key, 0.0)) for key in now}

    def forget(self, name: str) -> None:
        """Note that a competitor has given its memory back."""
        self._held.pop(name, None)

    def without_others(self, name: str, resources: Mapping[str, float]) -> dict[str, float]:
        """Return the resources of a competitor's run, its memory without that of the others."""
        others = [held for other, held in self._held.items() if other != name]
        own = dict(resources)
        for figure, key in _FIGURES.items():
            if figure in own:
                own[figure] = max(0.0, own[figure] - sum(held.get(key, 0.0) for held in others))
        return own


def held_now(sampler: ResourceSampler) -> dict[str, float]:
    """Return what this process and the card hold now: RAM, torch's tensors and reserve, the card.

    In 10**9 bytes; what the machine does not tell is absent.
    """
    values = sampler.look().values
    found: dict[str, float] = {}
    found |= {key: values[key] for key in ("ram", "gpu_memory") if key in values}
    cuda = torch_cuda()
    if cuda is not None:
        found["torch"] = cuda.memory_allocated() / 1e9
        found["torch_reserved"] = cuda.memory_reserved() / 1e9
    return found
