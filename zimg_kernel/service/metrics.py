"""Prometheus metrics of the service: requests by status, jobs, pictures, seconds, energy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .usage import Used


class ServiceMetrics(Collector):
    """Counts what the service does.

    Parameters
    ----------
    waiting : callable
        Returns how many jobs wait or run.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._registry = CollectorRegistry(auto_describe=False)
        made: dict[str, Any] = {"registry": self._registry}
        self._answers = Counter("zimg_http_answers", "HTTP answers.", ["status"], **made)
        self._jobs = Counter("zimg_http_jobs", "Ended jobs by outcome.", ["outcome"], **made)
        self._pictures = Counter("zimg_http_pictures", "Pictures by caller.", ["caller"], **made)
        self._seconds = Counter(
            "zimg_http_drawing_seconds", "Seconds of drawing by caller.", ["caller"], **made
        )
        self._joules = Counter(
            "zimg_http_energy_joules", "Energy of drawing by caller.", ["caller"], **made
        )
        self._registry.register(self)

    def answered(self, status: int) -> None:
        """Count an answer."""
        self._answers.labels(str(status)).inc()

    def ended(self, caller: str, outcome: str, used: Used) -> None:
        """Count a job and what it took."""
        self._jobs.labels(outcome).inc()
        self._pictures.labels(caller).inc(used.pictures)
        self._seconds.labels(caller).inc(used.seconds)
        self._joules.labels(caller).inc(used.joules)

    def text(self, caller: str | None = None) -> str:
        """Return everything in Prometheus' text format.

        Parameters
        ----------
        caller : str, optional
            Leave out the rows of every other one.
        """
        seen = self._registry if caller is None else _RowsOf(self._registry, caller)
        return generate_latest(seen).decode()

    def collect(self) -> Iterator[Any]:
        """Yield what is read at this moment."""
        yield GaugeMetricFamily("zimg_http_waiting", "Jobs that wait or run.", self._waiting())


class _RowsOf(CollectorRegistry):
    """What a registry collects, of one caller and of nobody."""

    def __init__(self, registry: CollectorRegistry, caller: str) -> None:
        super().__init__(auto_describe=False)
        self._whole, self._caller = registry, caller

    def collect(self) -> Iterator[Any]:
        """Yield the families with the rows that are left."""
        for family in self._whole.collect():
            family.samples = [
                row
                for row in family.samples
                if row.labels.get("caller", self._caller) == self._caller
            ]
            yield family
