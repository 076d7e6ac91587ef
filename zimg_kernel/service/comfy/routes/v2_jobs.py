"""Jobs as API v2 describes them, and their events."""

from __future__ import annotations

import asyncio
import base64
import json
import mimetypes
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request

from ..asset_names import asset_id
from ..comfy_server import ComfyServer
from ..files import Folders
from ..prompt import Prompt
from .links import address, far_future, moment

_STATUSES = {
    "pending": "queued",
    "running": "running",
    "success": "succeeded",
    "error": "failed",
    "interrupted": "canceled",
}
_SILENCE = 15.0  # seconds until a comment keeps a connection alive


def described(server: ComfyServer, prompt: Prompt, request: Request) -> dict[str, Any]:
    """Return a job."""
    own = address(request, f"/api/v2/jobs/{prompt.id}")
    folders = server.workspaces.of_prompt(prompt).folders
    position = None
    if prompt.state == "pending":
        ids = [waiting.id for waiting in server.queue.pending(prompt.token)]
        position = ids.index(prompt.id) if prompt.id in ids else None
    return {
        "id": prompt.id,
        "status": _STATUSES[prompt.state],
        "created_at": moment(prompt.created),
        "create_time": moment(prompt.created),
        "update_time": moment(prompt.ended or prompt.started or prompt.created),
        "started_at": moment(prompt.started),
        "completed_at": moment(prompt.ended),
        "expires_at": far_future(),
        "queue_position": position,
        "progress": _progress(server, prompt),
        "outputs": outputs(prompt, prompt.shown, folders, request),
        "error": _error(prompt),
        "metadata": prompt.metadata,
        "outputs_reused": False,
        "urls": {"self": own, "events": f"{own}/events", "cancel": f"{own}/cancel"},
    }


def outputs(
    prompt: Prompt, shown: dict[str, Any], folders: Folders, request: Request
) -> list[dict[str, Any]]:
    """Return the pictures that output nodes show, by node."""
    found = []
    for node, kinds in shown.items():
        for image in kinds.get("images", []):
            name, subfolder, kind = image["filename"], image["subfolder"], image["type"]
            path = folders.find(name, subfolder, kind)
            asset = asset_id(name, subfolder, kind)
            found.append(
                {
                    "node_id": node,
                    "name": name,
                    "type": "image",
                    "content_type": mimetypes.guess_type(name)[0] or "image/png",
                    "size_bytes": path.stat().st_size if path else 0,
                    "id": asset,
                    "hash": None,
                    "url": address(request, f"/api/v2/assets/{asset}/content"),
                    "url_expires_at": far_future(),
                    "job_id": prompt.id,
                }
            )
    return found


def _error(prompt: Prompt) -> dict[str, Any] | None:
    if prompt.state != "error":
        return None
    error = prompt.error or {}
    said = error.get("exception_message") or " ".join(prompt.notes) or "The job failed."
    return {
        "code": "node_execution_error",
        "message": said.strip(),
        "node_id": error.get("node_id"),
        "class_type": error.get("node_type"),
        "traceback": None,
    }


def _progress(server: ComfyServer, prompt: Prompt) -> dict[str, Any] | None:
    if prompt.state != "running":
        return None
    return _share(prompt, server.runner.feed(prompt).latest)


def _share(prompt: Prompt, state: dict[str, Any]) -> dict[str, Any]:
    """Return how far a job is, from its latest message ``progress_state``."""
    nodes = state.get("nodes", {})
    total = len(prompt.graph)
    done = sum(node["state"] == "finished" for node in nodes.values())
    running = next((node for node in nodes.values() if node["state"] == "running"), None)
    found: dict[str, Any] = {"nodes_done": done, "nodes_total": total}
    part = 0.0
    if running is not None:
        part = running["value"] / running["max"] if running["max"] else 0.0
        kind = prompt.graph[running["node_id"]]["class_type"]
        found |= {"current_node": running["node_id"], "current_node_class": kind}
        if running["max"] > 1:
            found |= {"step": int(running["value"]), "steps": int(running["max"])}
    return {"value": min(1.0, (done + part) / max(1, total)), **found}


async def events(server: ComfyServer, prompt: Prompt, request: Request) -> AsyncIterator[str]:
    """Yield a job's events as server-sent events, until it has ended."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    def watch(event: str, data: Any) -> None:
        loop.call_soon_threadsafe(waiting.put_nowait, (event, data))

    folders = server.workspaces.of_prompt(prompt).folders
    told: set[str] = set()
    end = server.runner.feed(prompt).watch(watch) if prompt.open else None
    try:
        yield _event("status", {"status": _STATUSES[prompt.state]})
        while end is not None and prompt.open and not server.context.stopping.is_set():
            try:
                event, data = await asyncio.wait_for(waiting.get(), _SILENCE)
            except TimeoutError:
                yield ": still there\n\n"
                continue
            if event == "end":
                break
            for name, value in _translated(prompt, event, data):
                yield _event(name, value)
            if event == "executed":
                told.add(data["node"])
                shown = {data["node"]: data["output"] or {}}
                for output in outputs(prompt, shown, folders, request):
                    yield _event("output", output)
        rest = {node: shown for node, shown in prompt.shown.items() if node not in told}
        for output in outputs(prompt, rest, folders, request):
            yield _event("output", output)
        yield _event("status", {"status": _STATUSES[prompt.state]})
    finally:
        if end is not None:
            end()


def _translated(prompt: Prompt, event: str, data: Any) -> list[tuple[str, dict[str, Any]]]:
    match event:
        case "execution_start":
            return [("status", {"status": "running"})]
        case "progress_state":
            return [("progress", _share(prompt, data))]
        case "preview":
            node, jpeg = data
            sent = base64.b64encode(jpeg).decode()
            told = {"node_id": node, "content_type": "image/jpeg", "data_base64": sent}
            return [("preview", told)]
    return []


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
