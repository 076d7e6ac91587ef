"""Jobs as JSON objects, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zimg_kernel.params import GenerationParams

from .events import Warned
from .events_json import error_to_dict
from .job import Job


def job_to_dict(job: Job) -> dict[str, Any]:
    """Return where a job stands as an object of JSON, without its events.

    It holds ``id``, ``params``, ``origin``, ``priority``, ``notes``, ``warnings`` (objects of
    ``text`` and ``code``), the times ``accepted``, ``started`` and ``ended`` (ISO 8601 in UTC, or
    null), ``status``, ``progress`` (0 to 1), ``pictures`` (ids of the finished ones) and
    ``error`` (class, code, field and text, or null).
    """
    return {
        "id": job.id,
        "params": job.params.model_dump(mode="json"),
        "origin": job.origin,
        "priority": job.priority,
        "notes": list(job.notes),
        "warnings": [vars(warning) for warning in job.coded_warnings],
        "accepted": job.accepted.isoformat(),
        "started": job.started.isoformat() if job.started else None,
        "ended": job.ended.isoformat() if job.ended else None,
        "status": job.status,
        "progress": round(job.progress, 4),
        "pictures": [f"{job.id}/{index}" for index in range(len(job.images))],
        "error": error_to_dict(job.error) if job.error else None,
    }


def job_from_dict(data: Mapping[str, Any]) -> Job:
    """Return a job that somebody else draws, before its first event.

    Its events are to be reported to it (:meth:`Job.report`) as they arrive, from the first one.
    """
    job = Job(
        GenerationParams.from_dict(dict(data["params"])),
        [Warned(**warning) for warning in data["warnings"]],
        tuple(data["notes"]),
        origin=data["origin"],
        priority=data["priority"],
        job_id=data["id"],
    )
    job.accepted = datetime.fromisoformat(data["accepted"])
    return job
