"""Routes of pictures: sending them, and looking at them."""

from __future__ import annotations

import io
import mimetypes
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from PIL import Image
from starlette.datastructures import FormData, UploadFile
from starlette.responses import FileResponse, JSONResponse

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import UNREADABLE, open_image
from zimg_kernel.images.text import parse_json

from ...caller import caller
from ..comfy_server import ComfyServer
from ..files import KINDS, Folders

_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp")
_SAFE = {"Content-Security-Policy": "sandbox"}  # the guard says nosniff


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/upload/image")
    async def upload_image(request: Request) -> Response:
        """Keep a picture that a client sends; return its name."""
        folders = server.workspace(caller(request)).folders
        async with request.form(max_files=4, max_fields=40) as form:
            sent = await _sent(form)
            if sent is None:
                return Response(status_code=400)
            return await anyio.to_thread.run_sync(_keep, folders, form, *sent)

    @routes.post("/upload/mask")
    async def upload_mask(request: Request) -> Response:
        """Keep a picture with the transparency of the one that is sent."""
        folders = server.workspace(caller(request)).folders
        async with request.form(max_files=4, max_fields=40) as form:
            sent = await _sent(form)
            if sent is None:
                return Response(status_code=400)
            return await anyio.to_thread.run_sync(_keep_masked, folders, form, *sent)

    @routes.get("/view")
    async def view(request: Request) -> Response:
        """Return a picture; a small copy with ``preview``, a part with ``channel``."""
        folders = server.workspace(caller(request)).folders
        asked = dict(request.query_params)
        found = _find(folders, asked)
        if isinstance(found, int):
            return Response(status_code=found)
        try:
            return await anyio.to_thread.run_sync(_shown, found, asked)
        except (*UNREADABLE, BadInput):
            return Response(status_code=400)

    return routes


async def _sent(form: FormData) -> tuple[str, bytes] | None:
    """Return name and bytes of the picture in a form, or None if there is none."""
    file = form.get("image")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return file.filename, await file.read()


def _keep(folders: Folders, form: FormData, name: str, data: bytes) -> Response:
    kind, subfolder = _text(form, "type") or "input", _text(form, "subfolder")
    overwrite = _text(form, "overwrite") in ("true", "1")
    if kind not in KINDS or folders.folder(kind, subfolder) is None:
        return Response(status_code=400)
    try:
        name = folders.add(name, data, subfolder, kind, overwrite)
    except BadInput:
        return Response(status_code=400)
    return JSONResponse({"name": name, "subfolder": subfolder, "type": kind})


def _keep_masked(folders: Folders, form: FormData, name: str, data: bytes) -> Response:
    reference = parse_json(_text(form, "original_ref"))
    if not isinstance(reference, dict):
        return Response(status_code=400)
    asked = {
        key: str(reference[key]) for key in ("filename", "subfolder", "type") if key in reference
    }
    found = _find(folders, asked)
    if isinstance(found, int):
        return Response(status_code=400)
    try:
        with open_image(found) as original, open_image(io.BytesIO(data)) as mask:
            picture = original.convert("RGBA")
            alpha = mask.convert("RGBA").getchannel("A")
        if alpha.size != picture.size:
            return Response(status_code=400)
        picture.putalpha(alpha)
    except (*UNREADABLE, BadInput):
        return Response(status_code=400)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=4)
    return _keep(folders, form, name, file.getvalue())


def _find(folders: Folders, asked: dict[str, str]) -> Path | int:
    """Return the file that a client asks for, or the status that refuses it."""
    if "filename" not in asked:
        return 404
    if ".." in asked["filename"] or asked["filename"].startswith("/"):
        return 400
    # A folder in the name does not count, as in ComfyUI.
    name, _, kind = folders.annotated(asked["filename"], asked.get("type", "output"))
    if not asked["filename"] or kind not in KINDS:
        return 400
    subfolder = asked.get("subfolder", "")
    if folders.folder(kind, subfolder) is None:
        return 403
    return folders.find(name, subfolder, kind) or 404


def _shown(path: Path, asked: dict[str, str]) -> Response:
    channel = asked.get("channel", "rgba")
    if "preview" in asked:
        return _preview(path, asked["preview"], channel)
    if channel in ("rgb", "a"):
        with open_image(path) as image:
            return _answer(_channel(image, channel), "PNG", path.name)
    kind = mimetypes.guess_type(path.name)[0]
    return FileResponse(
        path,
        media_type=kind if kind in _PICTURES else "application/octet-stream",
        headers=_SAFE | {"Content-Disposition": _named(path.name)},
    )


def _channel(image: Image.Image, channel: str) -> Image.Image:
    layer = image.convert("RGBA")
    if channel == "rgb":
        return Image.merge("RGB", layer.split()[:3])
    empty = Image.new("RGBA", image.size)
    empty.putalpha(layer.getchannel("A"))
    return empty


def _preview(path: Path, wanted: str, channel: str) -> Response:
    parts = wanted.split(";")
    opaque = channel == "rgb"
    form = "jpeg" if parts[0] == "jpeg" and channel != "a" else "webp"
    quality = int(parts[-1]) if parts[-1] in map(str, range(1, 101)) else 90
    with open_image(path) as image:
        shown = image.convert("RGB" if form == "jpeg" or opaque else "RGBA")
        return _answer(shown, form.upper(), path.name, quality=quality)


def _answer(image: Image.Image, form: str, name: str, **options: Any) -> Response:
    file = io.BytesIO()
    image.save(file, form, **options)
    headers = _SAFE | {"Content-Disposition": _named(name)}
    return Response(file.getvalue(), media_type=f"image/{form.lower()}", headers=headers)


def _named(name: str) -> str:
    plain = name.encode("ascii", "replace").decode().replace('"', "_")
    return f'filename="{plain}"'


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
