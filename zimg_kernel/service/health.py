"""Routes that tell how the service is: alive, ready, metrics."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from zimg_kernel import __version__

from .caller import caller
from .context import ServiceContext


def router(context: ServiceContext) -> APIRouter:
    """Return the routes ``/healthz``, ``/readyz`` and ``/metrics``."""
    routes = APIRouter(tags=["service"])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok", "version": __version__}

    @routes.get("/readyz", responses={503: {"description": "It is about to end, or full."}})
    async def readyz() -> Response:
        """Tell whether a request would be taken now."""
        waiting = len(context.jobs.open())
        full = waiting >= context.options.max_waiting
        reason = "stopping" if context.stopping.is_set() else "full" if full else ""
        told: dict[str, Any] = {"status": reason or "ready", "waiting": waiting}
        return JSONResponse(told, status_code=503 if reason else 200)

    @routes.get("/metrics", response_class=PlainTextResponse)
    async def metrics(request: Request) -> str:
        """Tell the service's counters in Prometheus' text format; of callers the asking one's.

        An administrator's token sees those of all.
        """
        who = caller(request)
        return context.metrics.text(None if who.admin else who.name)

    return routes
