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

    def text(self) -> str:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Any]:
        """Yield what is read at this moment."""
        yield GaugeMetricFamily("zimg_http_waiting", "Jobs that wait or run.", self._waiting())
