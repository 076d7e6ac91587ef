"""WebSocket of messages: status, progress, previews."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from ...caller import caller
from ..comfy_server import ComfyServer
from ..hub import Socket
from .information import feature_flags

_LONGEST_ID = 200


def router(server: ComfyServer) -> APIRouter:
    """Return the route."""
    routes = APIRouter()

    @routes.websocket("/ws")
    async def ws(websocket: WebSocket) -> None:
        """Send a client what happens to its prompts."""
        token = caller(websocket).token_id
        await websocket.accept()
        sid = websocket.query_params.get("clientId", "")[:_LONGEST_ID] or uuid.uuid4().hex
        socket = Socket((token, sid), asyncio.get_running_loop())
        status = {"status": server.hub.status(token), "sid": sid}
        socket.send(_text("status", status))
        ended = server.hub.add(socket)
        for data in _where(server, token, sid):
            socket.send(_text("executing", data))
        for prompt_id in ended:
            socket.send(_text("executing", {"node": None, "prompt_id": prompt_id}))
        sender = asyncio.create_task(_send(websocket, socket))
        listener = asyncio.create_task(_listen(websocket, socket, server))
        try:
            await asyncio.wait((sender, listener), return_when=asyncio.FIRST_COMPLETED)
        finally:
            server.hub.remove(socket)
            for task in (sender, listener):
                task.cancel()
            await asyncio.gather(sender, listener, return_exceptions=True)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
                await websocket.close()

    return routes


def _where(server: ComfyServer, token: str, client: str) -> list[dict[str, Any]]:
    """Return where the prompts of a client are that run already."""
    found = []
    for prompt in server.queue.running(token):
        node = server.runner.running_node(prompt)
        if prompt.client == client and node is not None:
            found.append({"node": node, "display_node": node, "prompt_id": prompt.id})
    return found


async def _send(websocket: WebSocket, socket: Socket) -> None:
    while (message := await socket.next()) is not None:
        if isinstance(message, str):
            await websocket.send_text(message)
        else:
            await websocket.send_bytes(message)


async def _listen(websocket: WebSocket, socket: Socket, server: ComfyServer) -> None:
    """Read what the client says: only its first message counts."""
    first = True
    while True:
        try:
            message = await websocket.receive()
        except (WebSocketDisconnect, RuntimeError):
            return
        if message["type"] == "websocket.disconnect":
            return
        if first:
            _take_flags(message.get("text"), socket, server)
        first = False


def _take_flags(text: str | None, socket: Socket, server: ComfyServer) -> None:
    try:
        said = json.loads(text or "")
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict) or said.get("type") != "feature_flags":
        return
    flags = said.get("data")
    socket.previews = isinstance(flags, dict) and flags.get("supports_preview_metadata") is True
    socket.send(_text("feature_flags", feature_flags(server)))


def _text(event: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": event, "data": data})
