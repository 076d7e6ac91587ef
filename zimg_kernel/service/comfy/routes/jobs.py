"""Routes of jobs: prompts in one list, whatever has become of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from ...caller import caller
from ..comfy_server import ComfyServer
from ..prompt import Prompt
from .prompts import body_of

_STATUSES = {
    "pending": "pending",
    "running": "in_progress",
    "success": "completed",
    "error": "failed",
    "interrupted": "cancelled",
}
_MOST = 1_000  # ids in one request


class _Wrong(Exception):
    """A query that cannot be answered."""


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/jobs")
    queue = server.queue

    @routes.get("")
    async def list_jobs(request: Request) -> Response:
        """Return jobs by status, order and page."""
        try:
            found, limit, offset = _chosen(queue.all(caller(request).token_id), request)
        except _Wrong as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        page = found[offset:] if limit is None else found[offset : offset + limit]
        pagination = {
            "offset": offset,
            "limit": limit,
            "total": len(found),
            "has_more": offset + len(page) < len(found),
        }
        jobs = [_described(prompt) for prompt in page]
        return JSONResponse({"jobs": jobs, "pagination": pagination})

    @routes.post("/cancel")
    async def cancel_jobs(request: Request) -> Response:
        """Stop or take out several jobs."""
        given = (await body_of(request)).get("job_ids")
        if not isinstance(given, list) or len(given) > _MOST:
            return JSONResponse({"error": "job_ids must be a list of job ids"}, 400)
        token = caller(request).token_id
        done = [server.runner.cancel(each, token) for each in given if isinstance(each, str)]
        return JSONResponse({"cancelled": any(done)})

    @routes.get("/{job_id}")
    async def get_job(job_id: str, request: Request) -> Response:
        """Return one job with its graph and outputs."""
        prompt = queue.find(job_id, caller(request).token_id)
        if prompt is None:
            return JSONResponse({"error": "Job not found"}, 404)
        return JSONResponse(_detailed(prompt))

    @routes.post("/{job_id}/cancel")
    async def cancel_job(job_id: str, request: Request) -> Response:
        """Stop a job, or take it out of the queue."""
        done = server.runner.cancel(job_id, caller(request).token_id)
        return JSONResponse({"cancelled": done})

    return routes


def _chosen(found: list[Prompt], request: Request) -> tuple[list[Prompt], int | None, int]:
    query = request.query_params
    wanted = query.get("status")
    if wanted:
        names = wanted.split(",")
        unknown = [name for name in names if name not in _STATUSES.values()]
        if unknown:
            known = ", ".join(_STATUSES.values())
            raise _Wrong(f"status must be one of {known}, not {unknown[0][:40]}")
        found = [prompt for prompt in found if _STATUSES[prompt.state] in names]
    by = query.get("sort_by", "created_at")
    order = query.get("sort_order", "desc")
    keys: dict[str, Callable[[Prompt], float]] = {
        "created_at": lambda prompt: prompt.created,
        "execution_duration": lambda prompt: (prompt.ended or 0) - (prompt.started or 0),
    }
    if by not in keys:
        raise _Wrong("sort_by must be created_at or execution_duration")
    if order not in ("asc", "desc"):
        raise _Wrong("sort_order must be asc or desc")
    found = sorted(found, key=keys[by], reverse=order == "desc")
    limit = _whole(query.get("limit"), "limit")
    return found, limit, _whole(query.get("offset"), "offset") or 0


def _whole(given: str | None, name: str) -> int | None:
    if given is None:
        return None
    try:
        value = int(given[:20])
    except ValueError:
        raise _Wrong(f"{name} must be an integer") from None
    if value < 0:
        raise _Wrong(f"{name} must not be negative")
    return value


def _described(prompt: Prompt) -> dict[str, Any]:
    pictures = [
        image | {"nodeId": node, "mediaType": "images"}
        for node, shown in prompt.shown.items()
        for image in shown.get("images", [])
    ]
    job = {
        "id": prompt.id,
        "status": _STATUSES[prompt.state],
        "priority": prompt.item()[0],
        "create_time": prompt.created,
        "execution_start_time": prompt.started,
        "execution_end_time": prompt.ended,
        "outputs_count": len(pictures),
        "previewable_outputs_count": len(pictures),
        "preview_output": pictures[-1] if pictures else None,
    }
    return job | ({"execution_error": prompt.error} if prompt.error else {})


def _detailed(prompt: Prompt) -> dict[str, Any]:
    ended = not prompt.open
    return _described(prompt) | {
        "outputs": prompt.shown,
        "execution_status": prompt.history()["status"] if ended else None,
        "workflow": {"prompt": prompt.graph, "extra_data": prompt.extra},
    }
