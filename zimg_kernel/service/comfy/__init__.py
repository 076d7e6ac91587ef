"""ComfyUI's API over our engines: graphs of nodes, routes and a WebSocket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

    from ..context import ServiceContext
    from ..error_forms import ErrorForms


def router(context: ServiceContext) -> APIRouter:
    """Return all routes; the queue of prompts begins to work with the application."""
    from fastapi import APIRouter

    from .comfy_server import ComfyServer
    from .routes import assets, information, jobs, pictures, prompts, socket, v2

    server = ComfyServer(context)

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        server.start()
        try:
            yield
        finally:
            server.stop()

    routes = APIRouter(lifespan=lifespan, tags=["ComfyUI"])
    for part in (prompts, pictures, information, socket):
        own = _with_heads(part.router(server))
        routes.include_router(own)
        routes.include_router(own, prefix="/api", include_in_schema=False)
    for part in (jobs, v2, assets):
        routes.include_router(part.router(server))
    return routes


def _with_heads(routes: APIRouter) -> APIRouter:
    """Let all routes that can be read be asked for their headers alone, as ComfyUI's can."""
    from fastapi.routing import APIRoute

    for route in tuple(routes.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            routes.add_api_route(
                route.path, route.endpoint, methods=["HEAD"], include_in_schema=False
            )
    return routes


def use_error_forms(forms: ErrorForms) -> None:
    """Answer what the guard refuses in ComfyUI's form."""
    from .routes.errors import PATHS, comfy_form, v2_form

    for path in PATHS:
        forms.use(path, comfy_form)
    forms.use("/api", comfy_form)
    forms.use("/api/v2", v2_form)
