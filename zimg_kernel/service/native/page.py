"""Page of the service: a form, the picture as it comes, the gallery; all from this server."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.refusal import Refused

_FOLDER = Path(__file__).parent / "web"
_FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "words.js": "text/javascript",
}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def router(context: ServiceContext) -> APIRouter:
    """Return the routes ``/`` and ``/web``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    async def index() -> Response:
        """Return the page."""
        return FileResponse(_FOLDER / "index.html", headers=PAGE_HEADERS)

    @routes.get("/web/{name}")
    async def part(name: str) -> Response:
        """Return a part of the page."""
        if name not in _FILES:
            raise Refused("There is nothing at this address.", status=404, code="not-found")
        return FileResponse(_FOLDER / name, media_type=_FILES[name], headers=PAGE_HEADERS)

    return routes
