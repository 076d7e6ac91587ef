"""Routes that draw and wait: ``POST /v1/generate`` and ``POST /generate``."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.service.caller import caller
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.json_text import json_body
from zimg_kernel.service.pictures import encode, name_of, url_of
from zimg_kernel.service.results import pictures_of
from zimg_kernel.service.served import Served

from .answers import png_answer
from .requests import key_of, params_of
from .schemas import ERRORS, GeneratedAnswer, generate_schema, json_request


def router(context: ServiceContext) -> APIRouter:
    """Return the two routes."""
    routes = APIRouter(tags=["pictures"])
    options = context.options
    told = json_request(generate_schema(1, options.max_pixels, options.max_prompt))

    async def draw(request: Request) -> tuple[Served, GeneratedImage]:
        params = params_of(await json_body(request))
        if params.count != 1:
            raise BadInput(
                "This address answers with one picture: leave count out, or ask for several with "
                "POST /v1/jobs.",
                code="count-not-one",
                field="count",
            )
        who, key = caller(request), key_of(request)

        def submit() -> Served:
            return context.serve(params, who, key=key, preview="none")

        served = await anyio.to_thread.run_sync(submit)
        return served, (await pictures_of(context, served))[0]

    png = {
        "description": "The picture; its parameters are in the file and in the headers.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "X-Zimg-Seed": {"schema": {"type": "string"}, "description": "The seed that was used."},
            "X-Zimg-Job": {"schema": {"type": "string"}, "description": "Id of the job."},
            "X-Zimg-Parameters": {
                "schema": {"type": "string"},
                "description": "All parameters but the texts, as JSON.",
            },
        },
    }

    @routes.post(
        "/v1/generate", openapi_extra=told, responses={**ERRORS, 200: png}, response_class=Response
    )
    async def v1_generate(request: Request) -> Response:
        """Draw a picture, wait for it, and answer with the PNG."""
        served, image = await draw(request)
        data = await anyio.to_thread.run_sync(encode, image)
        return png_answer(context, served, image, data)

    @routes.post(
        "/generate", openapi_extra=told, responses={**ERRORS, 200: {"model": GeneratedAnswer}}
    )
    async def generate(request: Request) -> Response:
        """Draw a picture, wait for it, and answer with its address."""
        served, image = await draw(request)
        url = url_of(context, request, name_of(context, image))
        told = {"status": "success", "image_url": url, "seed": image.seed, "job": served.job.id}
        return JSONResponse(told)

    return routes
