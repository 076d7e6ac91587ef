"""Answers of the own interface: a job, its pictures, a PNG with its parameters."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.responses import Response

from zimg_kernel.errors import ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.error_forms import error_object
from zimg_kernel.service.pictures import base_of, name_of, url_of
from zimg_kernel.service.refusal import status_of
from zimg_kernel.service.served import Served

_LONGEST_HEADER = 4000


def job_answer(
    context: ServiceContext, connection: HTTPConnection, served: Served
) -> dict[str, Any]:
    """Return a job as JSON."""
    job = served.job
    base = base_of(connection)
    error = error_object(status_of(job.error), job.error)["error"] if job.error else None
    return {
        "id": job.id,
        "status": job.status,
        "progress": round(job.progress, 4),
        "ahead": _ahead(context, served),
        "created": job.accepted.isoformat(timespec="milliseconds"),
        "started": _time(job.started),
        "ended": _time(job.ended),
        "parameters": job.params.model_dump(mode="json", exclude={"schema_version"}),
        "pictures": [
            picture_answer(context, connection, image, index)
            for index, image in enumerate(list(job.images))
            if image.path is not None
        ],
        "warnings": list(job.warnings),
        "notes": list(job.notes),
        "error": error,
        "url": f"{base}/v1/jobs/{job.id}",
        "events": f"{base}/v1/jobs/{job.id}/events",
    }


def picture_answer(
    context: ServiceContext, connection: HTTPConnection, image: GeneratedImage, index: int
) -> dict[str, Any]:
    """Return a picture of a job as JSON."""
    name = name_of(context, image)
    return {
        "index": index,
        "name": name,
        "url": url_of(context, connection, name),
        "thumbnail": thumbnail_url(connection, name),
        "seed": image.seed,
        "width": image.params.width or 0,
        "height": image.params.height or 0,
        "seconds": image.timings.get("total"),
    }


def thumbnail_url(connection: HTTPConnection, name: str) -> str:
    """Return the address of a picture's thumbnail."""
    return f"{base_of(connection)}/v1/gallery/thumbnail/{quote(name)}"


def png_answer(
    context: ServiceContext, served: Served, image: GeneratedImage, data: bytes
) -> Response:
    """Return a PNG with its parameters in headers: all but the texts, which are in the file."""
    shown = image.params.model_dump(
        mode="json", exclude={"schema_version", "prompt", "negative_prompt"}, exclude_none=True
    )
    headers = {
        "X-Zimg-Seed": str(image.seed),
        "X-Zimg-Job": served.job.id,
        "X-Zimg-Parameters": _header(shown),
        "X-Zimg-Warnings": _header(list(served.job.warnings)),
        "Cache-Control": "no-store",
    }
    try:
        headers["Content-Location"] = "/static/" + quote(name_of(context, image))
    except ZimgError:
        pass  # it was not saved; here are its bytes
    return Response(data, media_type="image/png", headers=headers)


def _header(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text if len(text) <= _LONGEST_HEADER else "null"


def _ahead(context: ServiceContext, served: Served) -> int | None:
    if served.job.status != "queued":
        return None
    order = [other.job.id for other in context.jobs.open()]
    return order.index(served.job.id) if served.job.id in order else None


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="milliseconds") if when else None
