"""Routes that tell what there is: LoRA files, and what a caller has used."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zimg_kernel.lora.files import names
from zimg_kernel.service.caller import caller
from zimg_kernel.service.context import ServiceContext

from .schemas import ERRORS


def router(context: ServiceContext) -> APIRouter:
    """Return the routes; models are told at ``/v1/models``, in OpenAI's form."""
    routes = APIRouter(tags=["service"])

    @routes.get("/v1/loras", responses=ERRORS)
    async def loras() -> Response:
        """List the names of the LoRA files."""
        return JSONResponse({"loras": list(await anyio.to_thread.run_sync(names))})

    @routes.get("/v1/usage", responses=ERRORS)
    async def usage(request: Request) -> Response:
        """Tell what the caller has used by day: pictures, seconds of drawing, energy in J."""
        days = await anyio.to_thread.run_sync(context.usage.all, caller(request).token_id)
        return JSONResponse({"days": days})

    return routes
