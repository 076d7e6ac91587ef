"""Routes that tell about the server: nodes, models, memory, features."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from zimg_kernel import __version__

from ...caller import caller
from ..comfy_server import ComfyServer
from ..nodes.model_names import TEXT_ENCODERS, VAES, lora_names, model_files

COMFYUI_VERSION = "0.33.0"
"""The release whose answers these routes give; clients read it."""

_NOTHING = ("/embeddings", "/extensions", "/userdata")
_EMPTY = ("/settings", "/i18n", "/workflow_templates", "/global_subgraphs")


def router(server: ComfyServer) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.get("/object_info")
    async def object_info(request: Request) -> Response:
        """Describe all nodes."""
        registry = server.workspace(caller(request)).registry
        return JSONResponse(await anyio.to_thread.run_sync(registry.object_info))

    @routes.get("/object_info/{name}")
    async def one_node(name: str, request: Request) -> Response:
        """Describe one node; nothing where there is none of this name."""
        registry = server.workspace(caller(request)).registry
        return JSONResponse(await anyio.to_thread.run_sync(registry.object_info, name))

    @routes.get("/models")
    async def folders() -> list[str]:
        """Return the kinds of model files."""
        return list(_FOLDERS)

    @routes.get("/models/{folder}")
    async def models(folder: str, request: Request) -> Response:
        """Return the names of the model files of a kind."""
        found = _FOLDERS.get(folder)
        if found is None:
            return Response(status_code=404)
        services = server.workspace(caller(request)).services
        return JSONResponse(await anyio.to_thread.run_sync(found, services))

    @routes.get("/system_stats")
    async def system_stats() -> Response:
        """Return versions, devices and memory."""
        return JSONResponse(await anyio.to_thread.run_sync(_stats, server))

    @routes.get("/features")
    async def features() -> dict[str, Any]:
        """Return what this server can do beyond the basic messages."""
        return feature_flags(server)

    @routes.get("/users")
    async def users() -> dict[str, Any]:
        """Return that there is no choice of users."""
        return {"storage": "server", "migrated": True}

    @routes.post("/settings")
    async def keep_settings() -> Response:
        """Take settings of ComfyUI's page, which are kept nowhere."""
        return Response()

    for path in _NOTHING:
        routes.add_api_route(path, _no_items, include_in_schema=False)
    for path in _EMPTY:
        routes.add_api_route(path, _no_entries, include_in_schema=False)
    return routes


def feature_flags(server: ComfyServer) -> dict[str, Any]:
    """Return what ``feature_flags`` messages say."""
    return {
        "supports_preview_metadata": True,
        "max_upload_size": server.context.options.max_body,
        "zimg_version": __version__,
    }


async def _no_items() -> list[Any]:
    return []


async def _no_entries() -> dict[str, Any]:
    return {}


_FOLDERS: dict[str, Any] = {
    "checkpoints": model_files,
    "diffusion_models": model_files,
    "loras": lora_names,
    "text_encoders": lambda services: list(TEXT_ENCODERS),
    "vae": lambda services: list(VAES),
    "embeddings": lambda services: [],
}


def _stats(server: ComfyServer) -> dict[str, Any]:
    resources = server.context.engine.resources()
    readings = {reading.name: reading for reading in resources.memory}
    ram = next((r for name, r in readings.items() if "RAM" in name), None)
    device = resources.device or "cpu"
    cards = [reading for name, reading in readings.items() if "RAM" not in name]
    chosen = cards[0] if cards and not device.startswith("cpu") else ram
    total = chosen.total if chosen else 0
    free = max(0, chosen.total - chosen.used) if chosen else 0
    return {
        "system": {
            "os": sys.platform,
            "ram_total": ram.total if ram else 0,
            "ram_free": max(0, ram.total - ram.used) if ram else 0,
            "comfyui_version": COMFYUI_VERSION,
            "zimg_version": __version__,
            "python_version": sys.version,
            "pytorch_version": _version("torch"),
            "embedded_python": False,
            "argv": [],
        },
        "devices": [
            {
                "name": chosen.name if chosen and chosen is not ram else device,
                "type": device.partition(":")[0],
                "index": 0 if cards else None,
                "vram_total": total,
                "vram_free": free,
                "torch_vram_total": total,
                "torch_vram_free": free,
            }
        ],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
