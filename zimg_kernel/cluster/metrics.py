"""Metrics of a shared engine for Prometheus, in a registry of their own.

The service makes one :class:`Metrics` and tells it of what happens; :meth:`Metrics.text` is what
``zimg status --metrics`` prints and a web route may serve. Labels hold no users and no prompts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import start_http_server, write_to_textfile
from prometheus_client.registry import Collector

from zimg_kernel import __version__
from zimg_kernel.images.image import GeneratedImage

from .energy import CardReader, ProcessorEnergy

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 150, 600)
_WRITTEN_EVERY = 15.0  # seconds; Prometheus mostly reads as often
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """What an engine has and does at one moment.

    Attributes
    ----------
    waiting, drawing : int
        Pictures.
    jobs : int
        That wait or run.
    oldest : float
        Age in seconds of the job that has waited longest; 0 if none waits.
    workers : int
    loaded : dict of str to int
        By model, the workers that have it in memory.
    memory : dict of str to int
        By process, its bytes.
    restarts : dict of str to int
        By process.
    disk_free : int or None
        Bytes on the gallery's disk.
    """

    waiting: int = 0
    drawing: int = 0
    jobs: int = 0
    oldest: float = 0.0
    workers: int = 0
    loaded: dict[str, int] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    disk_free: int | None = None


class Metrics(Collector):
    """Counts what happens, and reads the state whenever it is asked for.

    Parameters
    ----------
    state : callable
        Returns the :class:`State` of now; called in any thread.
    """

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state
        self._cards, self._processors = CardReader(), ProcessorEnergy()
        self.registry = CollectorRegistry(auto_describe=False)
        made: dict[str, Any] = {"registry": self.registry}
        self._pictures = Counter("zimg_pictures", "Pictures drawn.", ["model"], **made)
        self._jobs = Counter("zimg_jobs_ended", "Jobs by how they ended.", ["outcome"], **made)
        self._errors = Counter("zimg_errors", "Refusals and failures by code.", ["code"], **made)
        self._deaths = Counter("zimg_worker_deaths", "Workers that died while drawing.", **made)
        self._parts = Histogram(
            "zimg_part_seconds", "Seconds of a picture by part.", ["part"], buckets=_SECONDS, **made
        )
        self.registry.register(self)

    def drawn(self, image: GeneratedImage) -> None:
        """Count a picture and its seconds: text_encoder, transformer (its steps), vae, total."""
        self._pictures.labels(str(image.params.model)).inc()
        for part, seconds in image.timings.items():
            self._parts.labels(part).observe(seconds)

    def saved(self, seconds: float) -> None:
        """Count the seconds of saving a picture."""
        self._parts.labels("save").observe(seconds)

    def ended(self, outcome: str) -> None:
        """Count a job that is done, failed or cancelled."""
        self._jobs.labels(outcome).inc()

    def failed(self, code: str) -> None:
        """Count a refusal or a failure."""
        self._errors.labels(code).inc()

    def died(self) -> None:
        """Count a worker that died while it was drawing."""
        self._deaths.inc()

    def text(self) -> str:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry).decode()

    def serve(self, port: int) -> Callable[[], None]:
        """Serve the text on a port of 127.0.0.1; return what ends that."""
        server, _ = start_http_server(port, addr="127.0.0.1", registry=self.registry)

        def end() -> None:
            server.shutdown()
            server.server_close()

        return end

    def keep_file(self, path: Path, every: float = _WRITTEN_EVERY) -> Callable[[], None]:
        """Write the text into a file again and again, for node-exporter's textfile collector.

        It asks for a name that ends in ``.prom``. Returns what ends that.
        """
        ended = threading.Event()

        def write() -> None:
            while True:
                try:
                    write_to_textfile(str(path), self.registry)  # takes its name when whole
                except OSError as error:
                    _log.warning("the metrics could not be written to %s (%s)", path, error)
                if ended.wait(every):
                    return

        threading.Thread(target=write, name="zimg-metrics", daemon=True).start()
        return ended.set

    def collect(self) -> Iterator[Any]:
        """Yield what is read at this moment; what cannot be read is absent."""
        now = self._state()
        yield InfoMetricFamily("zimg_engine", "The engine.", {"version": __version__})
        for name, told, value in (
            ("zimg_queue_waiting_pictures", "Pictures that wait.", now.waiting),
            ("zimg_queue_drawing_pictures", "Pictures that workers have.", now.drawing),
            ("zimg_queue_jobs", "Jobs that wait or run.", now.jobs),
            ("zimg_queue_oldest_seconds", "Age of the job that waits longest.", now.oldest),
            ("zimg_workers", "Workers that are ready.", now.workers),
            ("zimg_ram_available_bytes", "RAM for more.", psutil.virtual_memory().available),
            ("zimg_disk_free_bytes", "Room on the gallery's disk.", now.disk_free),
        ):
            if value is not None:
                yield GaugeMetricFamily(name, told, value)
        cards = self._cards.memory()
        used, total = ({card: sizes[at] for card, sizes in cards.items()} for at in (0, 1))
        for name, told, label, values in (
            ("zimg_models_loaded", "Workers that hold a model.", "model", now.loaded),
            ("zimg_process_memory_bytes", "Memory of a process.", "process", now.memory),
            ("zimg_gpu_memory_used_bytes", "Memory in use of a card.", "gpu", used),
            ("zimg_gpu_memory_total_bytes", "Memory of a card.", "gpu", total),
            ("zimg_gpu_power_watts", "Power of a card.", "gpu", self._cards.power()),
        ):
            yield from _family(GaugeMetricFamily, name, told, label, values)
        yield from _family(
            CounterMetricFamily, "zimg_restarts", "Starts of a process after its first.",
            "process", now.restarts,
        )  # fmt: skip
        yield from _family(
            CounterMetricFamily, "zimg_gpu_energy_joules",
            "Energy of a card since its driver was loaded.", "gpu", self._cards.energy(),
        )  # fmt: skip
        joules = self._processors.read()
        if joules is not None:
            yield CounterMetricFamily(
                "zimg_cpu_energy_joules", "Energy of the processors since the service began.",
                value=joules,
            )  # fmt: skip


def _family(kind: Any, name: str, told: str, label: str, values: dict[str, Any]) -> Iterator[Any]:
    if values:
        family = kind(name, told, labels=[label])
        for key, value in values.items():
            family.add_metric([key], value)
        yield family
