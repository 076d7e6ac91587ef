"""Sampler of resources: a thread that looks at RAM, CPU and card while pictures are drawn."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from .memory_readings import MemoryReadings
from .nvml import Card
from .rapl import PackageEnergy
from .result import Sample
from .run_queue import RunQueue

_MOST = 600  # samples that a result file keeps


class ResourceSampler:
    """Looks at the resources of this process and its card at regular intervals.

    Parameters
    ----------
    card : Card or None
        The card, where NVML knows it.
    interval : float
        Seconds between two looks.
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        card: Card | None = None,
        interval: float = 0.1,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        import psutil

        self.card = card
        self.package_energy = PackageEnergy()
        self._process, self._memory = psutil.Process(), MemoryReadings()
        self._interval, self._clock = interval, clock
        self._began = clock()
        self._samples: list[Sample] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="zimg-sampler", daemon=True)

    def __enter__(self) -> ResourceSampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def look(self) -> Sample:
        """Take a sample now and return it."""
        values = self._memory()
        if self.card is not None:
            values |= self.card.readings()
        sample = Sample(at=round(self._clock() - self._began, 4), values=values)
        self._samples.append(sample)
        return sample

    def cpu_seconds(self) -> float:
        """Return the CPU time that this process has used."""
        used = self._process.cpu_times()
        return float(used.user + used.system)

    def window(self) -> Window:
        """Begin a window of time; its ``end()`` returns what was used in it."""
        return Window(self)

    def since(self, place: int) -> list[Sample]:
        """Return the samples from a place in their list on."""
        return self._samples[place:]

    @property
    def taken(self) -> int:
        """How many samples there are."""
        return len(self._samples)

    def thinned(self) -> list[Sample]:
        """Return at most 600 samples, evenly chosen, for the result file."""
        every = -(-len(self._samples) // _MOST) or 1
        return [
            Sample(at=s.at, values={name: round(value, 4) for name, value in s.values.items()})
            for s in self._samples[::every]
        ]

    def _work(self) -> None:
        while not self._end.wait(self._interval):
            self.look()


class Window:
    """What was used between two moments."""

    def __init__(self, sampler: ResourceSampler) -> None:
        self._sampler = sampler
        self._torch = torch_cuda()
        if self._torch is not None:
            self._torch.reset_peak_memory_stats()
        card = sampler.card
        self._place = sampler.taken
        sampler.look()
        self._energy = card.energy() if card else None
        self._package = sampler.package_energy.read()
        self._queue = RunQueue()
        self._cpu, self._began = sampler.cpu_seconds(), time.perf_counter()

    def end(self) -> dict[str, float]:
        """Return the resources of the window by the names of :data:`.result.EXPLAINED`."""
        sampler = self._sampler
        elapsed, cpu = time.perf_counter() - self._began, sampler.cpu_seconds() - self._cpu
        package = sampler.package_energy.joules(self._package, sampler.package_energy.read())
        energy = sampler.card.energy() if sampler.card else None
        sampler.look()
        found: dict[str, float | None] = {"energy_cpu": package, "wait": self._queue.waited()}
        if elapsed > 0:
            found["cpu_share"] = min(1.0, cpu / elapsed / (usable_cores() or 1))
        if energy is not None and self._energy is not None:
            found["energy_gpu"] = energy - self._energy
        if sampler.card is not None:
            others = sampler.card.other_processes()
            found["gpu_processes"] = None if others is None else float(others)
        found |= _of_samples(sampler.since(self._place))
        if self._torch is not None:
            found["torch_peak"] = self._torch.max_memory_allocated() / 1e9
            found["torch_reserved"] = self._torch.max_memory_reserved() / 1e9
        return {name: round(value, 6) for name, value in found.items() if value is not None}


def usable_cores() -> int | None:
    """Return how many cores this process may use, or None where the system does not tell."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count()


def _of_samples(samples: list[Sample]) -> dict[str, float | None]:
    def series(name: str) -> list[float]:
        return [one.values[name] for one in samples if name in one.values]

    def figure(name: str, of: Callable[[list[float]], float]) -> float | None:
        values = series(name)
        return of(values) if values else None

    return {
        "ram_peak": figure("ram", max),
        "ram_mean": figure("ram", _mean),
        "ram_end": figure("ram", lambda values: values[-1]),
        "system_ram_free": figure("system_ram_free", min),
        "gpu_memory_peak": figure("gpu_memory", max),
        "gpu_share": figure("gpu_share", _mean),
        "power_mean": figure("power", _mean),
        "power_peak": figure("power", max),
        "temperature": figure("temperature", max),
        "clock_sm": figure("clock_sm", min),
        "clock_memory": figure("clock_memory", min),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def torch_cuda() -> Any:
    """Return ``torch.cuda`` if this process uses it already; never the first to start it."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return torch.cuda
