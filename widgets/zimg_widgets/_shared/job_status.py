"""Requests as a Studio shows them: the state of the stage, the rows of the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zimg_kernel import Job
from zimg_kernel.engine.events import Step
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.session_entries import Request

from .kernel_sentences import joined, translated

_ROWS = 100  # more are counted, not listed
_LONG = 160  # characters of a prompt in a row


def job_status(
    requests: Sequence[Request],
    last: Request | None,
    labels: Mapping[str, str],
    language: str = "en",
) -> tuple[dict[str, Any], Step | None]:
    """Return the stage's state, and the step whose preview belongs to it.

    Parameters
    ----------
    requests : sequence of Request
        What waits and runs.
    last : Request or None
        What began last.
    labels : mapping
        The stage's labels.
    language : {"en", "zh"}
        Of errors and warnings.
    """
    if not requests and (last is None or last.job.finished):
        return _ended(last, labels, language), None
    request = requests[0] if requests else last  # it began after they were listed
    assert request is not None
    job, step = request.job, request.step
    params = job.params
    state = {
        "prompt": params.prompt,
        "width": params.width,
        "height": params.height,
        "fraction": job.progress,
        "warning": joined(job.warnings, language),
        "announcement": "",
    }
    if request.began is None:
        return state | {"status": "queued", "text": labels["queued"]}, None
    if job.cancel_requested:
        return state | {"status": "running", "text": labels["cancelling"]}, step
    if step is None:
        return state | {"status": "loading", "text": labels["loading"]}, None
    parts = []
    if params.count > 1:
        index = min(max(step.index, len(job.images)), params.count - 1)
        parts.append(labels["which"].format(index=index + 1, count=params.count))
    if step.step < step.steps:
        parts.append(labels["step"].format(step=step.step, steps=step.steps))
    else:
        parts.append(labels["finishing"])
    parts.append(f"{request.seconds:.1f} s")
    return state | {"status": "running", "text": " · ".join(parts)}, step


def _ended(request: Request | None, labels: Mapping[str, str], language: str) -> dict[str, Any]:
    if request is None:
        return {"status": "idle"}
    job = request.job
    state: dict[str, Any] = {"status": job.status, "warning": joined(job.warnings, language)}
    if job.status == "failed":
        return state | {"error": translated(job.error, language)}
    if job.status == "cancelled":
        text = labels["kept"].format(count=len(job.images)) if job.images else labels["cancelled"]
        return state | {"text": text, "announcement": text}
    return state | {"announcement": labels["done"]}


def queue_rows(requests: Sequence[Request], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row for each request that waits or runs; of very many, for the first ones."""
    rows = []
    for request in requests[:_ROWS]:
        job = request.job
        status = "cancelling" if job.cancel_requested else job.status
        rows.append(
            {
                "id": job.id,
                "prompt": job.params.prompt[:_LONG],
                "detail": f"{_what(job)} · {labels.get(status, status)}",
                "status": status,
                "fraction": round(job.progress, 3),
            }
        )
    return rows + _more(len(requests), labels)


def interrupted_rows(
    requests: Sequence[Interrupted], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return a row for each request that its kernel left; of very many, for the first ones."""
    rows: list[dict[str, Any]] = [
        {
            "id": request.id,
            "prompt": request.params.prompt[:_LONG],
            "detail": f"{request.params.count}× · {request.accepted.astimezone():%Y-%m-%d %H:%M}",
        }
        for request in requests[:_ROWS]
    ]
    return rows + _more(len(requests), labels)


def _more(count: int, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    if count <= _ROWS:
        return []
    text = labels["more"].format(count=count - _ROWS)
    return [{"id": "more", "prompt": text, "detail": "", "status": "more"}]


def _what(job: Job) -> str:
    params = job.params
    size = f"{params.width}×{params.height}"
    return f"{params.count}× {size}" if params.count > 1 else size
