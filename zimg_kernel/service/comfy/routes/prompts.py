"""Routes of prompts: posting, queue, history, interruption."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from ...caller import caller
from ...json_text import read_json
from ...refusal import Refused
from ..comfy_server import ComfyServer
from ..graph.problems import Refusal
from .errors import refused


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    queue = server.queue

    @routes.post("/prompt")
    async def post_prompt(request: Request) -> Response:
        """Let a graph wait for its turn."""
        body = await body_of(request)
        who = caller(request)
        try:
            return JSONResponse(await anyio.to_thread.run_sync(server.post, body, who))
        except Refusal as refusal:
            return refused(refusal)

    @routes.get("/prompt")
    async def get_prompt(request: Request) -> dict[str, Any]:
        """Return how many prompts wait or run."""
        return server.hub.status(caller(request).token_id)

    @routes.get("/queue")
    async def get_queue(request: Request) -> dict[str, Any]:
        """Return what runs and what waits."""
        token = caller(request).token_id
        return {
            "queue_running": [prompt.item() for prompt in queue.running(token)],
            "queue_pending": [prompt.item() for prompt in queue.pending(token)],
        }

    @routes.post("/queue")
    async def post_queue(request: Request) -> Response:
        """Take waiting prompts out: some, or all."""
        body, token = await body_of(request), caller(request).token_id
        if body.get("clear"):
            for prompt in queue.pending(token):
                server.runner.withdraw(prompt.id, token)
        for prompt_id in _ids(body.get("delete")):
            server.runner.withdraw(prompt_id, token)
        return Response()

    @routes.get("/history")
    async def get_history(request: Request) -> Response:
        """Return prompts that have ended, the oldest first."""
        most, offset = _whole(request, "max_items"), _whole(request, "offset")
        found = queue.history(caller(request).token_id)
        if most is not None and (offset is None or offset < 0):
            offset = max(0, len(found) - most) if most > 0 else 0
        found = found[max(0, offset or 0) :]
        found = found if most is None else found[: max(0, most)]
        return JSONResponse({prompt.id: prompt.history() for prompt in found})

    @routes.get("/history/{prompt_id}")
    async def get_one(prompt_id: str, request: Request) -> Response:
        """Return one prompt that has ended; nothing before."""
        found = queue.ended(prompt_id, caller(request).token_id)
        return JSONResponse({found.id: found.history()} if found else {})

    @routes.post("/history")
    async def post_history(request: Request) -> Response:
        """Forget prompts that have ended: some, or all."""
        body, token = await body_of(request), caller(request).token_id
        forgotten = _ids(body.get("delete"))
        if body.get("clear"):
            forgotten += [prompt.id for prompt in queue.history(token)]
        for prompt_id in forgotten:
            queue.forget(prompt_id, token)
        return Response()

    @routes.post("/interrupt")
    async def post_interrupt(request: Request) -> Response:
        """Stop what runs; with a prompt_id only if that one does."""
        try:
            body = await body_of(request)
        except Refused:  # no body, or none that names a prompt
            body = {}
        wanted = body.get("prompt_id")
        running = queue.running(caller(request).token_id)
        for prompt in running[:1] if not wanted else running:
            if not wanted or prompt.id == wanted:
                server.runner.interrupt(prompt)
        return Response()

    @routes.post("/free")
    async def post_free(request: Request) -> Response:
        """Give back memory: models, and the results that are kept."""
        body = await body_of(request)
        if body.get("unload_models"):
            await anyio.to_thread.run_sync(server.free_models)
        if body.get("free_memory"):
            server.workspace(caller(request)).cache.clear()
        return Response()

    return routes


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object of a body; a list is taken for an empty one, as ComfyUI does."""
    value = read_json(await request.body())
    return value if isinstance(value, dict) else {}


def _ids(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _whole(request: Request, name: str) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    try:
        return int(given[:20])
    except ValueError:
        raise Refused(
            f"{name} must be a whole number, not {given[:40]!r}.", code="wrong-type", field=name
        ) from None
