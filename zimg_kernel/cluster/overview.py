"""Overview of what a service does at a moment: workers, users, jobs, speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dispatch import Dispatcher
    from .tasks import Work

_SHOWN = 100  # jobs that are listed


def overview(dispatcher: Dispatcher) -> dict[str, Any]:
    """Return what a service's workers, users and jobs are at, as JSON has it.

    Parameters
    ----------
    dispatcher : Dispatcher
        Of the service; its state is read from another thread, so a moment may be torn.

    Returns
    -------
    dict
        ``waiting`` and ``drawn`` (pictures), ``workers``, ``users`` and ``jobs`` (lists of dicts).
    """
    now = time.monotonic()
    works = [work for work in list(dispatcher.works.values()) if not work.over]
    seats = list(dispatcher.seats.values())
    return {
        "waiting": sum(work.waiting for work in works),
        "workers": [
            {
                "worker": seat.name,
                "pid": seat.pid,
                "models": sorted(seat.warm),
                "draws": ", ".join(
                    f"{run.work.user}: {run.work.job.id}"
                    for run in list(seat.runs.values()) if run.token == seat.drawing
                ),
                "at_hand": len(seat.runs),
            }
            for seat in seats
        ],
        "users": _users(works, dispatcher),
        "jobs": [_job(work, now) for work in works[:_SHOWN]],
    }  # fmt: skip


def _users(works: list[Work], dispatcher: Dispatcher) -> list[dict[str, Any]]:
    names = sorted({work.user for work in works})
    return [
        {
            "user": name,
            "jobs": sum(work.user == name for work in works),
            "waiting": sum(work.waiting for work in works if work.user == name),
            "drawing_seconds": round(dispatcher.shares.used(name), 1),
        }
        for name in names
    ]


def _job(work: Work, now: float) -> dict[str, Any]:
    running = len(work.runs)
    return {
        "job": work.job.id,
        "user": work.user,
        "model": str(work.request.params.model),
        "pictures": f"{work.written}/{len(work.singles)}",
        "on_workers": running,
        "seconds": round(work.drawing_time(now), 1),
        "prompt": work.request.params.prompt,
    }
