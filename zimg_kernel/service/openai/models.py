"""Models in OpenAI's form, with what our own page wants to know of them."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.native.schemas import ERRORS
from zimg_kernel.service.refusal import Refused


def router(context: ServiceContext) -> APIRouter:
    """Return the routes ``/v1/models``."""
    routes = APIRouter(prefix="/v1/models", tags=["openai"])

    @routes.get("", responses=ERRORS)
    async def listed() -> Response:
        """List the models."""
        models = await anyio.to_thread.run_sync(context.models)
        return JSONResponse({"object": "list", "data": [_model(one) for one in models]})

    @routes.get("/{model}", responses=ERRORS)
    async def one(model: str) -> Response:
        """Tell of a model."""
        for status in await anyio.to_thread.run_sync(context.models):
            if status.card.id == model:
                return JSONResponse(_model(status))
        raise Refused(
            "There is no model of this id: GET /v1/models lists those there are.",
            status=404,
            code="unknown-model",
            field="model",
        )

    return routes


def _model(status: ModelStatus) -> dict[str, Any]:
    card = status.card
    width, height = card.default_size
    return {
        "id": card.id,
        "object": "model",
        "created": 0,
        "owned_by": "zimg",
        "title": card.title,
        "ready": status.ready,
        "loaded": status.loaded,
        "default": status.default,
        "steps": card.steps,
        "width": width,
        "height": height,
        "min_side": card.min_side,
        "max_side": card.max_side,
        "max_tokens": card.max_tokens,
    }
