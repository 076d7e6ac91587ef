"""Routes of assets, of API v2: uploads by their contents, and pictures by their ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse

from zimg_kernel.errors import BadInput

from ...caller import caller
from ..asset_names import Asset, add_asset, find_asset, find_by_hash
from ..comfy_server import ComfyServer
from .links import address, far_future, fault
from .prompts import body_of


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/v2/assets")

    @routes.head("/by-hash/{digest}")
    async def by_hash(digest: str, request: Request) -> Response:
        """Tell whether a file with this digest is here."""
        found = find_by_hash(server.workspace(caller(request)).folders, digest)
        return Response(status_code=200 if found else 404)

    @routes.post("/from-hash")
    async def from_hash(request: Request) -> Response:
        """Return the asset of a digest that is here already."""
        body = await body_of(request)
        folders = server.workspace(caller(request)).folders
        found = find_by_hash(folders, str(body.get("hash")))
        if found is None:
            return fault(404, "not_found", "No file with this hash is here.")
        return JSONResponse(_told(request, found, body.get("file_path"), created=False), 201)

    @routes.post("")
    async def upload(request: Request) -> Response:
        """Keep a file under the name of its digest."""
        folders = server.workspace(caller(request)).folders
        async with request.form(max_files=1, max_fields=40) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                return fault(400, "invalid_request", "The part file is missing.")
            data = await file.read()
            expected, path = form.get("expected_hash"), form.get("file_path")
        wanted = expected if isinstance(expected, str) else ""
        try:
            found, new = await anyio.to_thread.run_sync(add_asset, folders, data, wanted)
        except BadInput as error:
            code = "hash_mismatch" if error.code == "hash-mismatch" else "invalid_request"
            return fault(400, code, str(error))
        shown = path if isinstance(path, str) else file.filename
        return JSONResponse(_told(request, found, shown, created=new), 201)

    @routes.get("/{asset}")
    async def one(asset: str, request: Request) -> Response:
        """Describe an asset."""
        found = find_asset(server.workspace(caller(request)).folders, asset)
        if found is None:
            return fault(404, "not_found", "There is no such asset.")
        return JSONResponse(_told(request, found, found.path.name, created=False))

    @routes.get("/{asset}/content")
    async def content(asset: str, request: Request) -> Response:
        """Return the bytes of an asset."""
        found = find_asset(server.workspace(caller(request)).folders, asset)
        if found is None:
            return fault(404, "not_found", "There is no such asset.")
        headers = {"Content-Security-Policy": "sandbox"}
        return FileResponse(found.path, media_type=found.content_type, headers=headers)

    @routes.delete("/{asset}")
    async def delete(asset: str, request: Request) -> Response:
        """Delete an upload; pictures that were drawn stay."""
        found = find_asset(server.workspace(caller(request)).folders, asset)
        if found is None or found.hash is None:
            return fault(404, "not_found", "There is no such upload.")
        found.path.unlink(missing_ok=True)
        return Response(status_code=204)

    return routes


def _told(request: Request, asset: Asset, file_path: Any, created: bool) -> dict[str, Any]:
    state = asset.path.stat()
    return {
        "id": asset.id,
        "hash": asset.hash,
        "size_bytes": state.st_size,
        "content_type": asset.content_type,
        "file_path": file_path if isinstance(file_path, str) else None,
        "created_at": datetime.fromtimestamp(state.st_mtime, UTC).isoformat(),
        "url": address(request, f"/api/v2/assets/{asset.id}/content"),
        "url_expires_at": far_future(),
        "created_new": created,
    }
