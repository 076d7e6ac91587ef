"""Routes of jobs: submit, list, look at, cancel."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from zimg_kernel.service.caller import caller
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.json_text import json_body
from zimg_kernel.service.refusal import Refused
from zimg_kernel.service.served import Served

from .answers import job_answer
from .requests import hook_of, key_of, params_of
from .schemas import (
    ERRORS,
    CancelAnswer,
    JobAnswer,
    JobsAnswer,
    generate_schema,
    json_request,
)

JobId = Annotated[str, Path(pattern="^job-[0-9a-f-]{8,60}$", description="A job's id.")]


def find(context: ServiceContext, connection: HTTPConnection, job_id: str) -> Served:
    """Return a job of the caller; called in a thread.

    Raises
    ------
    Refused
        There is none of this id, or it is another caller's.
    """
    served = context.jobs.get(job_id)
    if served is None or served.accepted.token != caller(connection).token_id:
        raise Refused(
            "There is no job of this id among yours.", status=404, code="unknown-job", field="id"
        )
    return served


def router(context: ServiceContext) -> APIRouter:
    """Return the routes below ``/v1/jobs``."""
    routes = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    options = context.options
    schema = generate_schema(options.max_pictures, options.max_pixels, options.max_prompt)
    schema["properties"]["webhook"] = {
        "type": ["string", "null"],
        "maxLength": 2000,
        "description": "Address that gets the job as JSON when it has ended; its host has to be "
        "named with zimg serve --hook.",
    }

    @routes.post(
        "", status_code=202, openapi_extra=json_request(schema),
        responses={**ERRORS, 202: {"model": JobAnswer}},
    )  # fmt: skip
    async def submit(request: Request) -> Response:
        """Accept a job and answer at once; its events tell how far it is."""
        fields = await json_body(request)
        hook = hook_of(context, fields.pop("webhook", None))
        params, who, key = params_of(fields), caller(request), key_of(request)

        def accept() -> Served:
            return context.serve(params, who, key=key, hook=hook)

        served = await anyio.to_thread.run_sync(accept)
        answer = job_answer(context, request, served)
        return JSONResponse(answer, 202, headers={"Location": answer["url"]})

    @routes.get("", responses={**ERRORS, 200: {"model": JobsAnswer}})
    async def listed(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """List the caller's jobs, newest first."""
        who = caller(request)

        def look() -> list[Served]:
            found = context.accepted.recent(who.token_id, limit, offset)
            return [job for job in map(context.jobs.of, found) if job is not None]

        served = await anyio.to_thread.run_sync(look)
        return JSONResponse({"jobs": [job_answer(context, request, one) for one in served]})

    @routes.get("/{job_id}", responses={**ERRORS, 200: {"model": JobAnswer}})
    async def look_at(request: Request, job_id: JobId) -> Response:
        """Tell of a job."""
        served = await anyio.to_thread.run_sync(find, context, request, job_id)
        return JSONResponse(job_answer(context, request, served))

    @routes.post("/{job_id}/cancel", responses={**ERRORS, 200: {"model": CancelAnswer}})
    @routes.delete("/{job_id}", responses={**ERRORS, 200: {"model": CancelAnswer}})
    async def cancel(request: Request, job_id: JobId) -> Response:
        """Cancel a job: one that waits at once, one that runs at its next step."""
        served = await anyio.to_thread.run_sync(find, context, request, job_id)
        cancelled = await anyio.to_thread.run_sync(context.engine.cancel, served.job.id)
        who = caller(request)
        context.audit.note(who.name, "cancel", "done", job=job_id, address=who.address)
        return JSONResponse({"cancelled": cancelled})

    return routes
