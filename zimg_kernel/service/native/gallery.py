"""Routes of the gallery: search, thumbnails, parameters, files under ``/static``."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from zimg_kernel.gallery.entries import Entry
from zimg_kernel.images.metadata import read_record
from zimg_kernel.images.thumbnails import thumbnail
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.pictures import file_of, url_of
from zimg_kernel.service.refusal import Refused

from .answers import thumbnail_url
from .schemas import ERRORS, GalleryAnswer

_IMAGE = {"schema": {"type": "string", "format": "binary"}}
Name = Annotated[str, Path(max_length=512, description="A picture's name in the gallery.")]


def router(context: ServiceContext) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["gallery"])

    def file(name: str) -> FilePath:
        found = file_of(context, name)
        if found is None:
            raise Refused(
                "There is no picture of this name in the gallery.",
                status=404,
                code="unknown-picture",
                field="name",
            )
        return found

    @routes.get("/v1/gallery", responses={**ERRORS, 200: {"model": GalleryAnswer}})
    async def search(
        request: Request,
        text: Annotated[str, Query(max_length=1000, description="Words of the prompt.")] = "",
        model: Annotated[str | None, Query(max_length=200, description="A model's id.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 40,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> Response:
        """Search the gallery, newest first."""

        def look() -> tuple[int, list[Entry]]:
            found = context.gallery.search(text, model=model, limit=limit, offset=offset)
            return context.gallery.count(text, model=model), list(found)

        total, entries = await anyio.to_thread.run_sync(look)
        pictures = [_entry(context, request, entry) for entry in entries]
        return JSONResponse({"total": total, "pictures": pictures})

    @routes.get("/v1/gallery/parameters/{name:path}", responses=ERRORS)
    async def parameters(name: Name) -> Response:
        """Tell everything that a picture's file holds of how it was made."""

        def read() -> dict[str, Any]:
            return dict(read_record(file(name)))

        return JSONResponse(await anyio.to_thread.run_sync(read))

    jpeg = {"description": "A JPEG of up to 256 px.", "content": {"image/jpeg": _IMAGE}}

    @routes.get(
        "/v1/gallery/thumbnail/{name:path}", responses={**ERRORS, 200: jpeg},
        response_class=Response,
    )  # fmt: skip
    async def small(name: Name) -> Response:
        """Return a small JPEG of a picture."""
        data = await anyio.to_thread.run_sync(lambda: thumbnail(file(name)))
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(data, media_type="image/jpeg", headers=headers)

    png = {"description": "The file.", "content": {"image/png": _IMAGE}}

    @routes.get("/static/{name:path}", responses={**ERRORS, 200: png}, response_class=FileResponse)
    async def static(name: Name) -> Response:
        """Return a picture's file."""
        path = await anyio.to_thread.run_sync(file, name)
        return FileResponse(path, headers={"Cache-Control": "private, max-age=3600"})

    return routes


def _entry(context: ServiceContext, request: Request, entry: Entry) -> dict[str, Any]:
    name = entry.path.relative_to(context.gallery.folder).as_posix()
    width, height = entry.record.get("size") or (0, 0)
    return {
        "name": name,
        "url": url_of(context, request, name),
        "thumbnail": thumbnail_url(request, name),
        "prompt": entry.prompt,
        "model": entry.model,
        "seed": entry.seed,
        "width": width,
        "height": height,
        "created": entry.record["created"],
    }
