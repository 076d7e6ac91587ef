"""Routes of jobs, of API v2 as comfy-sdk speaks it."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, StreamingResponse

from zimg_kernel.errors import BadInput

from ...caller import Caller, caller
from ..asset_names import with_file_names
from ..comfy_server import ComfyServer
from ..graph.problems import Refusal
from ..prompt import Prompt
from .errors import refused_v2
from .links import fault
from .prompts import body_of
from .v2_jobs import described, events

_MOST = 200  # jobs of one page
_LONGEST_KEY = 256
_MOST_LABELS = 16


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v2/jobs")

    @routes.post("")
    async def submit(request: Request) -> Response:
        """Let a graph wait for its turn; the same Idempotency-Key is the same job."""
        body = await body_of(request)
        who, key = caller(request), request.headers.get("idempotency-key", "")
        if len(key) > _LONGEST_KEY:
            return fault(
                400, "invalid_request", f"An Idempotency-Key has up to {_LONGEST_KEY} characters."
            )
        try:
            prompt = await anyio.to_thread.run_sync(_accepted, server, body, who, key)
        except Refusal as refusal:
            return refused_v2(refusal)
        except BadInput as error:
            return fault(422, "invalid_workflow", str(error))
        return JSONResponse(described(server, prompt, request), 201)

    @routes.get("")
    async def listed(request: Request) -> Response:
        """Return jobs, the newest first; by labels with metadata[NAME]=VALUE."""
        query = request.query_params
        labels = {
            name[9:-1]: value
            for name, value in query.items()
            if name.startswith("metadata[") and name.endswith("]")
        }
        found = [
            prompt
            for prompt in server.queue.all(caller(request).token_id)
            if all(prompt.metadata.get(name) == value for name, value in labels.items())
        ]
        found.sort(key=lambda prompt: prompt.created, reverse=True)
        given = query.get("limit", "50"), query.get("cursor", "0")
        if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in given):
            return fault(400, "invalid_request", "limit and cursor are whole numbers.")
        limit, first = min(_MOST, max(1, int(given[0]))), int(given[1])
        page = found[first : first + limit]
        more = first + limit < len(found)
        return JSONResponse(
            {
                "jobs": [described(server, prompt, request) for prompt in page],
                "next_cursor": str(first + limit) if more else None,
                "has_more": more,
            }
        )

    @routes.get("/{job_id}")
    async def one(job_id: str, request: Request) -> Response:
        """Return a job."""
        prompt = _find(server, job_id, request)
        return _missing() if prompt is None else JSONResponse(described(server, prompt, request))

    @routes.get("/{job_id}/events")
    async def follow(job_id: str, request: Request) -> Response:
        """Send a job's events until it has ended."""
        prompt = _find(server, job_id, request)
        if prompt is None:
            return _missing()
        stream = events(server, prompt, request)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    @routes.get("/{job_id}/workflow")
    async def workflow(job_id: str, request: Request) -> Response:
        """Return the graph that a job runs."""
        prompt = _find(server, job_id, request)
        if prompt is None:
            return _missing()
        return JSONResponse({"workflow": prompt.graph, "format": "api"})

    @routes.post("/{job_id}/cancel")
    async def cancel(job_id: str, request: Request) -> Response:
        """Stop a job, or take it out of the queue."""
        prompt = _find(server, job_id, request)
        if prompt is None:
            return _missing()
        await anyio.to_thread.run_sync(server.runner.cancel, job_id, caller(request).token_id)
        told = described(server, prompt, request)
        if prompt.state == "running":  # until its next step
            told["status"] = "canceling"
        return JSONResponse(told)

    return routes


def _accepted(server: ComfyServer, body: dict[str, Any], who: Caller, key: str) -> Prompt:
    known = server.queue.by_key(key, who.token_id)
    if known is not None:
        return known
    if not isinstance(body.get("workflow"), dict):
        raise Refusal("no_prompt", "No workflow provided", "workflow is a graph in API form")
    given = body.get("metadata")
    labels = given.items() if isinstance(given, dict) else ()
    metadata = {
        name[:64]: value[:512] for name, value in list(labels)[:16] if isinstance(value, str)
    }
    graph = with_file_names(server.workspace(who).folders, body["workflow"])
    prompt, _ = server.accept(graph, who, extra=body.get("extra_data"), metadata=metadata, key=key)
    return prompt


def _find(server: ComfyServer, job_id: str, request: Request) -> Prompt | None:
    return server.queue.find(job_id, caller(request).token_id)


def _missing() -> Response:
    return fault(404, "not_found", "There is no such job.")
