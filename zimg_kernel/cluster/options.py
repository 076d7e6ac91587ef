"""Options of a shared engine, as ``zimg up`` was told them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Options:
    """What a shared engine was told; kept in its private file.

    Attributes
    ----------
    workers : int
        Processes that draw on this machine.
    host : str
        Address on which the scheduler listens.
    port : int
        Port of the scheduler; 0 for a free one.
    scheduler : str
        Address of a scheduler that runs already, such as ``tls://node1:8786``; empty for an own
        one. Its workers are started by others.
    tls_ca, tls_cert, tls_key : str
        Files of that scheduler's certificates; empty for the engine's own.
    job_seconds : float
        Time limit of one job; 0 for none.
    quota : int
        Pictures that one user may have waiting; 0 for no limit.
    hung_seconds : float
        Seconds without a sign of life after which a process is killed and started again; 0 for
        never.
    idle_minutes : float
        Minutes without work after which models leave the memory; 0 for never.
    users : tuple of str
        Names that clients may give as their user; empty for any.
    dashboard : str
        Address of distributed's own dashboard; empty for none.
    metrics_port : int
        Port of the Prometheus metrics on 127.0.0.1; 0 for none.
    metrics_file : str
        File of the Prometheus metrics for node-exporter's textfile collector; empty for none.
    cards : tuple of str
        Value of ``CUDA_VISIBLE_DEVICES`` of each worker; empty where there are no GPUs.
    managed : bool
        Whether systemd, supervisord or a person brings the supervisor back.
    """

    workers: int = 1
    host: str = "127.0.0.1"
    port: int = 0
    scheduler: str = ""
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    job_seconds: float = 0.0
    quota: int = 0
    hung_seconds: float = 60.0
    idle_minutes: float = 0.0
    users: tuple[str, ...] = ()
    dashboard: str = ""
    metrics_port: int = 0
    metrics_file: str = ""
    cards: tuple[str, ...] = ()
    managed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the options as JSON has them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Options:
        """Return options from JSON; those that another version wrote are left out."""
        known = {field.name for field in fields(cls)}
        found: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
        return cls(**found)
