"""Status of a shared engine: its processes, and what its service tells of the queue."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from importlib.resources import files
from typing import Any

import psutil

from zimg_kernel.errors import BadInput

from .place import Place
from .problems import read_problems
from .processes import roles_left

_ANSWER = 5.0  # seconds in which the service shall tell


def read_status(place: Place | None) -> dict[str, Any]:
    """Return what there is of an engine, as JSON has it; starts nothing.

    Returns
    -------
    dict
        ``state`` ("up", "starting", "down", "elsewhere"), ``folder``, ``scheduler``, ``host``,
        ``processes``, ``problems`` (sentences) and, where the service answers, ``service``: users,
        jobs, workers, speed.
    """
    if place is None:
        return {"state": "down", "processes": []}
    told: dict[str, Any] = {
        "state": "down", "folder": str(place.folder), "scheduler": place.scheduler,
        "host": place.host, "matches": place.matches, "processes": [],
    }  # fmt: skip
    if not place.here:
        return told | {"state": "elsewhere" if place.wanted == "up" else "down"}
    told["processes"] = [
        {"role": role, **described} for role, owner in sorted(roles_left(place).items())
        if (described := _described(owner.pid))
    ]  # fmt: skip
    if place.wanted == "up" or told["processes"]:
        with contextlib.suppress(OSError, ValueError, KeyError):
            told["service"] = ask(place, "status")
        told["problems"] = read_problems(place.folder)
        told["state"] = "up" if "service" in told else "starting"
    return told


def read_metrics(place: Place | None) -> str:
    """Return the metrics of an engine in Prometheus' text format.

    Raises
    ------
    BadInput
        No engine runs here.
    """
    if place is not None and place.here:
        with contextlib.suppress(OSError, ValueError):
            return str(ask(place, "metrics"))
    raise BadInput(
        "No engine answers here, so there are no metrics: start one with zimg up.",
        code="no-engine",
    )


def read_dashboard() -> str:
    """Return Grafana's dashboard of the metrics, as JSON to import."""
    return files(__package__).joinpath("grafana.json").read_text(encoding="utf-8")


def ask(place: Place, method: str, timeout: float = _ANSWER, **options: Any) -> Any:
    """Ask the service one thing over a connection of its own.

    Raises
    ------
    OSError
        It does not answer.
    ValueError
        It answers with a refusal.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(place.socket))
        connection.sendall(json.dumps({"id": 0, "method": method, **options}).encode() + b"\n")
        with connection.makefile("rb") as lines:
            line = lines.readline()
    if not line:
        raise OSError("the service ended the connection")
    answer = json.loads(line)
    if "error" in answer:
        raise ValueError(str(answer["error"]))
    return answer["result"]


def _described(pid: int) -> dict[str, Any]:
    try:
        process = psutil.Process(pid)
        return {
            "pid": pid, "seconds": round(time.time() - process.create_time(), 1),
            "memory": process.memory_info().rss, "cpu_seconds": sum(process.cpu_times()[:2]),
        }  # fmt: skip
    except psutil.Error:
        return {}
