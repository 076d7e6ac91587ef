"""Routes of OpenAI's images interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from zimg_kernel.service.caller import caller
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.form import Form, read_form
from zimg_kernel.service.json_text import json_body
from zimg_kernel.service.native.events import HEADERS
from zimg_kernel.service.native.requests import key_of, params_of
from zimg_kernel.service.pictures import name_of, url_of
from zimg_kernel.service.results import pictures_of
from zimg_kernel.service.served import Served

from . import models
from .answers import base64_of, described, usage_of
from .edits import NO_PROMPT, read_uploads, submit_edit, submit_variation
from .fields import Wanted, read_fields
from .schemas import EDIT, GENERATION, RESPONSES, VARIATION


def router(context: ServiceContext) -> APIRouter:
    """Return the routes below ``/v1/images`` and ``/v1/models``."""
    routes = APIRouter(tags=["openai"])
    routes.include_router(models.router(context))

    @routes.post("/v1/images/generations", openapi_extra=GENERATION, responses=RESPONSES)
    async def generations(request: Request) -> Response:
        """Draw pictures, in OpenAI's form."""
        given = await json_body(request)
        options = {**_options(request), "preview": "none"}

        def submit() -> tuple[Wanted, Served]:
            wanted = _read(context, given)
            params = params_of(wanted.fields)
            if wanted.stream and wanted.partial_images:
                options["preview"] = "latent"
            return wanted, context.serve(params, caller(request), **options)

        wanted, served = await anyio.to_thread.run_sync(submit)
        return await _answer(context, request, wanted, served, "image_generation", 0)

    async def changed(request: Request, form: Form, submit: Callable[..., Served]) -> Response:
        options = {**_options(request), "preview": "latent"}

        def hand_in() -> tuple[Wanted, Served, int]:
            fields = {name: form.one(name) for name in form.fields}
            wanted = _read(context, fields)
            uploads = read_uploads(form)
            served = submit(context, wanted, uploads, caller(request), options)
            return wanted, served, len(uploads.images)

        wanted, served, sources = await anyio.to_thread.run_sync(hand_in)
        return await _answer(context, request, wanted, served, "image_edit", sources)

    @routes.post("/v1/images/edits", openapi_extra=EDIT, responses=RESPONSES)
    async def edits(request: Request) -> Response:
        """Change a picture by a prompt, and by a mask if there is one, in OpenAI's form."""
        return await changed(request, await read_form(request), submit_edit)

    @routes.post("/v1/images/variations", openapi_extra=VARIATION, responses=RESPONSES)
    async def variations(request: Request) -> Response:
        """Draw a picture again with other noise, in OpenAI's form."""
        form = await read_form(request)
        form.fields.setdefault("prompt", [NO_PROMPT])
        return await changed(request, form, submit_variation)

    return routes


def _options(request: Request) -> dict[str, Any]:
    """Return the options of a submission: a repeated request joins the job of the first one."""
    retries = request.headers.get("x-stainless-retry-count", "0")
    return {"key": key_of(request), "join": retries.isascii() and retries.strip("0") != ""}


def _read(context: ServiceContext, given: dict[str, Any]) -> Wanted:
    return read_fields(given, context.models(), context.engine.default_model())


async def _answer(
    context: ServiceContext, request: Request, wanted: Wanted, served: Served, kind: str,
    sources: int,
) -> Response:  # fmt: skip
    if wanted.stream:
        from .stream import stream

        events = stream(context, served, wanted, kind, sources)
        return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)
    images = await pictures_of(context, served)

    def build() -> dict[str, Any]:
        data: list[dict[str, Any]] = []
        for image in images:
            if wanted.url:
                url = url_of(context, request, name_of(context, image))
                data.append({"url": url, "revised_prompt": None})
            else:
                data.append({"b64_json": base64_of(image, wanted), "revised_prompt": None})
        usage = usage_of(served.job.params, len(images), sources)
        notes = [*wanted.notes, *served.job.notes, *served.job.warnings]
        when = {"created": int(served.job.accepted.timestamp())}
        return {**when, **described(served, wanted), "data": data, "usage": usage, "notes": notes}

    answer = await anyio.to_thread.run_sync(build)
    return JSONResponse(answer, headers={"X-Zimg-Job": served.job.id})
