"""Events of a job as server-sent events, with previews."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Header, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from zimg_kernel.engine.events import (
    LAST,
    Event,
    Failed,
    Finished,
    Queued,
    Started,
    Step,
    Warned,
)
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.error_forms import error_object
from zimg_kernel.service.refusal import status_of
from zimg_kernel.service.served import Served

from .answers import job_answer, picture_answer
from .jobs import JobId, find
from .schemas import ERRORS

QUIET = 15.0  # seconds after which a comment keeps the connection open
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_SEEN: dict[str, Any] = {"description": "The job has ended, and its last event was received."}


def router(context: ServiceContext) -> APIRouter:
    """Return the route of events."""
    routes = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    stream = {
        "description": "Events queued, started, warning, step, picture, and at last done, failed "
        "or cancelled; the last one holds the whole job. Each has an id.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }

    @routes.get(
        "/{job_id}/events", responses={**ERRORS, 200: stream, 204: _SEEN},
        response_class=StreamingResponse,
    )  # fmt: skip
    async def events(
        request: Request,
        job_id: JobId,
        preview: Annotated[bool, Query(description="Whether steps carry a preview.")] = True,
        last: Annotated[
            str,
            Header(
                alias="Last-Event-ID",
                max_length=100,
                description="Id of the last event that was received: those after it are sent.",
            ),
        ] = "",
    ) -> Response:
        """Follow a job: what has happened already, then what happens, as server-sent events."""
        served = await anyio.to_thread.run_sync(find, context, request, job_id)
        position = _position(served, last)
        if served.job.finished and not served.job.since(position):
            return Response(status_code=204)  # else a browser would connect again for ever
        told = _told(context, request, served, preview, position)
        return StreamingResponse(told, media_type="text/event-stream", headers=HEADERS)

    return routes


def _position(served: Served, last: str) -> int:
    """Return how many events a client has seen, by the id of the last one; 0 if it is none."""
    mark, _, number = last.partition("-")
    if mark != served.mark or re.fullmatch("[0-9]{1,6}", number) is None:
        return 0
    return min(int(number), len(served.job.since(0)))


async def _told(
    context: ServiceContext, request: Request, served: Served, preview: bool, position: int
) -> AsyncIterator[str]:
    following = served.follow(context.stopping, QUIET, position)
    async with contextlib.aclosing(following) as events:
        async for event in events:
            if event is None:
                yield ": still here\n\n"
                continue
            name, data = _event(context, request, served, event)
            if preview and isinstance(event, Step):
                jpeg = await anyio.to_thread.run_sync(served.preview, event)
                url = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode() if jpeg else None
                data["preview"] = url
            position += 1
            yield f"id: {served.mark}-{position}\n" + sse(name, data)


def sse(name: str, data: dict[str, Any]) -> str:
    """Return an event as text of the event stream format (WHATWG HTML, server-sent events)."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _event(
    context: ServiceContext, request: Request, served: Served, event: Event
) -> tuple[str, dict[str, Any]]:
    match event:
        case Queued():
            return "queued", {"ahead": event.ahead}
        case Started():
            return "started", {}
        case Warned():
            return "warning", {"text": event.text, "code": event.code}
        case Step():
            place = {"step": event.step, "steps": event.steps}
            return "step", {**place, "index": event.index, "count": event.count}
        case Finished() if event.image.path is None:
            return "warning", {"text": "A picture was not saved.", "code": "not-saved"}
        case Finished():
            return "picture", picture_answer(context, request, event.image, event.index)
    assert isinstance(event, LAST)
    told = job_answer(context, request, served)
    if isinstance(event, Failed):
        told |= error_object(status_of(event.error), event.error)
    return served.job.status, told
