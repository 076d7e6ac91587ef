"""Routes that tell what there is: LoRA files, and what a caller has used."""

from __future__ import annotations

from typing import Any

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
        """Tell what the caller has used by day: pictures, seconds of drawing, energy in J.

        An administrator's token sees what everybody has used.
        """
        who = caller(request)

        def look() -> list[dict[str, Any]]:
            rows = context.usage.all(None if who.admin else who.token_id)
            names = {token.id: token.name for token in context.tokens.all()}
            return [{"caller": names.get(row["token"], row["token"] or "local"), **row}
                    for row in rows]  # fmt: skip

        return JSONResponse({"days": await anyio.to_thread.run_sync(look)})

    return routes
