"""Server that answers as ComfyUI 0.33.0 was recorded to: its routes, messages and their order.

It draws nothing but a colour for each prompt and seed, and has faults on request.
"""

from __future__ import annotations

import asyncio
import io
import json
import struct
import threading
import time
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from PIL import Image
from tornado import httpserver, netutil, web, websocket

MODELS = ["z_image_bf16.safetensors", "z_image_turbo_bf16.safetensors"]
LISTS = {
    "UNETLoader": {"unet_name": MODELS},
    "CLIPLoader": {"clip_name": ["clip_l.safetensors", "qwen_3_4b.safetensors"]},
    "VAELoader": {"vae_name": ["ae.safetensors", "taesd"]},
    "LoraLoaderModelOnly": {"lora_name": ["styles/ink.safetensors", "film.safetensors"]},
}
KNOWN = {
    *LISTS, "CLIPTextEncode", "ConditioningZeroOut", "EmptySD3LatentImage", "KSampler",
    "LoadImage", "LoadImageMask", "ModelSamplingAuraFlow", "SaveImage", "SetLatentNoiseMask",
    "VAEDecode", "VAEEncode",
}  # fmt: skip
SAMPLER, OUTPUT = "3", "9"


@dataclass
class Faults:
    """What goes wrong, or otherwise than usual.

    Attributes
    ----------
    step_seconds : float
    status : dict of str to (int, int)
        Route: a status that it answers with, and how many times.
    pauses : dict of str to float
        Route: seconds until it answers.
    drop_at, die_at : int or None
        Step after which all sockets are closed; after which the server is gone.
    error : tuple of (str, str) or None
        Type and message of an exception in the sampler.
    sockets : bool
        Whether there are any.
    previews : {"metadata", "plain", ""}
        Their form; with metadata they come before the step, else after it.
    token : str
        That must be shown.
    forgets_files, damages_files : int
        How many pictures cannot be fetched; how many are cut off.
    interrupts_any : bool
        Whether a request to interrupt ends what runs, whoever's it names, as in ComfyUI 0.3.40.
    """

    step_seconds: float = 0.01
    status: dict[str, tuple[int, int]] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    drop_at: int | None = None
    die_at: int | None = None
    error: tuple[str, str] | None = None
    sockets: bool = True
    previews: str = "metadata"
    token: str = ""
    forgets_files: int = 0
    damages_files: int = 0
    interrupts_any: bool = False


class Gone(Exception):
    """The server ended in the middle of a prompt."""


class RecordedServer:
    """The server, in a thread of its own."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.posted: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.interrupts: list[Any] = []
        self.uploads: dict[str, bytes] = {}
        self.freed = 0
        self._forget()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, at the same port as before."""
        self._do(self._start())

    def stop(self) -> None:
        """Be gone, with all that was in memory."""
        self._do(self._stop())

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def forget_prompt(self, prompt_id: str) -> None:
        """Remove what waits, as somebody else might."""
        self.waiting = [one for one in self.waiting if one["prompt_id"] != prompt_id]

    def _do(self, what: Awaitable[Any]) -> Any:
        async def run() -> Any:
            return await what

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _forget(self) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.running: dict[str, Any] | None = None
        self.history: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.sockets: dict[str, Socket] = {}
        self.cached: dict[str, str] = {}
        self.interrupted = False
        self.number = 0

    async def _start(self) -> None:
        sockets = netutil.bind_sockets(self.port, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        app = web.Application([(r"(?:/t/[^/]+)?(?:/api)?/ws", Socket, {"server": self}),
                               (r".*", Routes, {"server": self})])  # fmt: skip
        self._http = httpserver.HTTPServer(app, max_body_size=1 << 24)
        self._http.add_sockets(sockets)
        self._work = asyncio.get_running_loop().create_task(self._execute())

    async def _stop(self) -> None:
        self._work.cancel()
        self._http.stop()
        for one in list(self.sockets.values()):
            one.cut()
        await self._http.close_all_connections()
        self._forget()

    def send(self, client: str, kind: str, data: dict[str, Any]) -> None:
        self._send(client, json.dumps({"type": kind, "data": data}))

    def _send(self, client: str, message: str | bytes) -> None:
        socket = self.sockets.get(client)
        if socket is not None:
            with suppress(websocket.WebSocketClosedError):
                socket.write_message(message, binary=isinstance(message, bytes))

    def _status(self) -> None:
        left = len(self.waiting) + (self.running is not None)
        for client in list(self.sockets):
            self.send(client, "status", {"status": {"exec_info": {"queue_remaining": left}}})

    async def _execute(self) -> None:
        while True:
            if not self.waiting:
                await asyncio.sleep(0.002)
                continue
            self.running = self.waiting.pop(0)
            self._status()
            try:
                await self._run(self.running)
            except Gone:
                asyncio.get_running_loop().create_task(self._stop())
                return
            client, prompt_id = self.running["client_id"], self.running["prompt_id"]
            self.running = None
            self._status()
            self.send(client, "executing", {"node": None, "prompt_id": prompt_id})

    async def _run(self, prompt: dict[str, Any]) -> None:
        client, prompt_id, graph = prompt["client_id"], prompt["prompt_id"], prompt["prompt"]
        messages: list[tuple[str, Any]] = []

        def tell(kind: str, **data: Any) -> None:
            data = {"prompt_id": prompt_id, **data, "timestamp": int(time.time() * 1000)}
            messages.append((kind, data))
            self.send(client, kind, data)

        entry = {"prompt": [prompt["number"], prompt_id, graph, {"client_id": client}, [OUTPUT]],
                 "outputs": {}, "meta": {}}  # fmt: skip
        tell("execution_start")
        key = json.dumps({id: node["inputs"] for id, node in graph.items() if id != OUTPUT})
        whole = key + json.dumps(graph[OUTPUT])
        known = [*graph] if whole in self.cached else []
        tell("execution_cached", nodes=known)
        ended = "success"
        nodes: dict[str, Any] = {}
        for id in [] if known else sorted(graph, key=lambda id: (id == OUTPUT, id == "8", int(id))):
            nodes[id] = {"value": 0, "max": 1, "state": "running", "node_id": id}
            self.send(client, "progress_state", {"prompt_id": prompt_id, "nodes": nodes})
            executing = {"node": id, "display_node": id, "prompt_id": prompt_id}
            self.send(client, "executing", executing)
            if id == SAMPLER:
                ended = await self._sample(client, prompt_id, graph[id]["inputs"], nodes)
                if ended != "success":
                    break
        if ended == "interrupted":
            tell("execution_interrupted", node_id=SAMPLER, node_type="KSampler", executed=[])
        elif ended == "error":
            assert self.faults.error is not None
            kind, text = self.faults.error
            tell("execution_error", node_id=SAMPLER, node_type="KSampler", executed=[],
                 exception_message=text, exception_type=kind, traceback=[])  # fmt: skip
        else:
            name = self.cached.get(whole) or self._draw(graph)
            self.cached[whole] = name
            output = {"images": [{"filename": name, "subfolder": "", "type": "output"}]}
            executed = {"node": OUTPUT, "display_node": OUTPUT, "output": output,
                        "prompt_id": prompt_id}  # fmt: skip
            self.send(client, "executed", executed)
            entry["outputs"] = {OUTPUT: output}
            tell("execution_success")
        good = ended == "success"
        entry["status"] = {"status_str": "success" if good else "error", "completed": good,
                           "messages": messages}  # fmt: skip
        self.history[prompt_id] = entry

    async def _sample(
        self, client: str, prompt_id: str, inputs: dict[str, Any], nodes: dict[str, Any]
    ) -> str:
        steps = inputs["steps"]
        for step in range(1, steps + 1):
            await asyncio.sleep(self.faults.step_seconds)
            if self.interrupted:
                self.interrupted = False
                return "interrupted"
            if self.faults.error and step == 2:
                return "error"
            nodes[SAMPLER] |= {"value": step, "max": steps}
            self.send(client, "progress_state", {"prompt_id": prompt_id, "nodes": nodes})
            progress = {"value": step, "max": steps, "prompt_id": prompt_id, "node": SAMPLER}
            if self.faults.previews == "metadata":
                self._send(client, _preview(4, prompt_id, step))
            self.send(client, "progress", progress)
            if self.faults.previews == "plain":
                self._send(client, _preview(1, prompt_id, step))
            if self.faults.drop_at == step:
                self.faults.drop_at = None
                for one in list(self.sockets.values()):
                    one.cut()
            if self.faults.die_at == step:
                self.faults.die_at = None
                raise Gone
        return "success"

    def _draw(self, graph: dict[str, Any]) -> str:
        inputs = graph[SAMPLER]["inputs"]
        latent = graph[inputs["latent_image"][0]]
        positive = graph[inputs["positive"][0]]["inputs"]["text"]
        colour = crc32(f"{positive}{inputs['seed']}".encode())
        if latent["class_type"] == "EmptySD3LatentImage":
            size = latent["inputs"]["width"], latent["inputs"]["height"]
        else:
            source = next(n for n in graph.values() if n["class_type"] == "LoadImage")
            with Image.open(io.BytesIO(self.uploads[source["inputs"]["image"]])) as image:
                size = image.size
        picture = Image.new("RGB", size, (colour & 255, colour >> 8 & 255, colour >> 16 & 255))
        file = io.BytesIO()
        picture.save(file, "PNG")
        name = f"{graph[OUTPUT]['inputs']['filename_prefix']}_{len(self.files) + 1:05d}_.png"
        self.files[name] = file.getvalue()
        return name

    def refusal(self, graph: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a graph that cannot be run."""
        for id, node in graph.items():
            kind = node["class_type"]
            if kind not in KNOWN:
                return _error("missing_node_type", f"Node '{kind}' not found. The custom node may "
                              "not be installed.", f"Node ID '#{id}'",
                              {"node_id": id, "class_type": kind, "node_title": kind})  # fmt: skip
        for id, node in graph.items():
            for name, known in LISTS.get(node["class_type"], {}).items():
                value = node["inputs"][name]
                if value not in known:
                    found = {"type": "value_not_in_list", "message": "Value not in list",
                             "details": f"{name}: '{value}' not in {known}",
                             "extra_info": {"input_name": name}}  # fmt: skip
                    return {**_error("prompt_outputs_failed_validation",
                                     "Prompt outputs failed validation", ""),
                            "node_errors": {id: {"errors": [found], "dependent_outputs": [OUTPUT],
                                                 "class_type": node["class_type"]}}}  # fmt: skip
        return None


def allowed(handler: Any) -> bool:
    """Whether a request shows the token, as a header or in its path."""
    token = handler.server.faults.token
    shown = handler.request.headers.get("Authorization", "")
    return not token or token == shown or handler.request.path.startswith(f"/t/{token}/")


class Routes(web.RequestHandler):
    """Everything but the WebSocket."""

    def initialize(self, server: RecordedServer) -> None:
        self.server = server

    async def prepare(self) -> None:
        server, faults = self.server, self.server.faults
        self.route = self.request.path.removeprefix(f"/t/{faults.token}").removeprefix("/api")
        if not allowed(self):
            raise web.Finish(self._answer(401, {"error": "no token"}))
        first = f"/{self.route.split('/')[1]}"
        server.asked.append(first)
        await asyncio.sleep(faults.pauses.get(first, 0))
        status, times = faults.status.get(first, (200, 0))
        if times:
            faults.status[first] = status, times - 1
            raise web.Finish(self._answer(status, {"error": "later"}))

    def _answer(self, status: int, content: Any = None) -> None:
        self.set_status(status)
        if content is not None:
            self.set_header("Content-Type", "application/json")
            self.write(json.dumps(content))

    def get(self) -> None:
        server = self.server
        _, route, *rest = self.route.split("/")
        running = [server.running] if server.running else []
        match route:
            case "system_stats":
                self._answer(200, STATS)
            case "object_info":
                lists = {name: [choices, {}] for name, choices in LISTS.get(rest[0], {}).items()}
                known = {rest[0]: {"input": {"required": lists}}} if rest[0] in KNOWN else {}
                self._answer(200, known)
            case "history":
                entry = server.history.get(rest[0])
                self._answer(200, {rest[0]: entry} if entry else {})
            case "queue":
                rows = [
                    [[one["number"], one["prompt_id"], one["prompt"], {}, [OUTPUT]] for one in part]
                    for part in (running, server.waiting)
                ]
                self._answer(200, {"queue_running": rows[0], "queue_pending": rows[1]})
            case "view":
                self._view(server.files.get(self.get_query_argument("filename")))
            case _:
                self._answer(404)

    def _view(self, data: bytes | None) -> None:
        faults = self.server.faults
        if faults.forgets_files:
            faults.forgets_files -= 1
            data = None
        if data is None:
            self._answer(404)
            return
        if faults.damages_files:
            faults.damages_files -= 1
            data = data[: len(data) // 2]
        self.set_header("Content-Type", "image/png")
        self.write(data)

    def post(self) -> None:
        server = self.server
        if self.route == "/upload/image":
            file = self.request.files["image"][0]
            name, folder = file["filename"], self.get_body_argument("subfolder")
            server.uploads[f"{folder}/{name}"] = file["body"]
            self._answer(200, {"name": name, "subfolder": folder, "type": "input"})
            return
        body = json.loads(self.request.body)
        match self.route:
            case "/prompt":
                server.number += 1
                if refusal := server.refusal(body["prompt"]):
                    self._answer(400, refusal)
                    return
                server.posted.append(body)
                server.waiting.append({**body, "number": server.number})
                server._status()
                answer = {"prompt_id": body["prompt_id"], "number": server.number}
                self._answer(200, {**answer, "node_errors": {}})
            case "/queue":
                for prompt_id in body.get("delete", ()):
                    server.forget_prompt(prompt_id)
                self._answer(200)
            case "/interrupt":
                server.interrupts.append(body)
                wanted = body.get("prompt_id")
                named = wanted in (None, (server.running or {}).get("prompt_id"))
                if server.running and (named or server.faults.interrupts_any):
                    server.interrupted = True
                self._answer(200)
            case "/free":
                server.freed += 1
                self._answer(200)
            case _:
                self._answer(404)


class Socket(websocket.WebSocketHandler):
    """A client's socket."""

    def initialize(self, server: RecordedServer) -> None:
        self.server = server

    def prepare(self) -> None:
        if not self.server.faults.sockets or not allowed(self):
            self.set_status(404)
            self.finish()

    def open(self, *_: Any) -> None:
        self.client = self.get_query_argument("clientId")
        self.server.sockets[self.client] = self
        left = {"exec_info": {"queue_remaining": len(self.server.waiting)}}
        self.server.send(self.client, "status", {"status": left, "sid": self.client})
        running = self.server.running
        if running and running["client_id"] == self.client:
            self.server.send(self.client, "executing", {"node": SAMPLER})

    def on_message(self, message: str | bytes) -> None:
        told = json.loads(message)
        if told["type"] == "feature_flags":
            self.server.send(self.client, "feature_flags", {"supports_preview_metadata": True})

    def on_close(self) -> None:
        # As in the real one: also where another socket of this client has been opened since.
        self.server.sockets.pop(self.client, None)

    def cut(self) -> None:
        """End the connection without a word."""
        self.server.sockets.pop(self.client, None)
        if self.ws_connection is not None:
            self.ws_connection.stream.close()  # type: ignore[attr-defined]


STATS = {
    "system": {"os": "posix", "ram_total": 64 << 30, "ram_free": 48 << 30,
               "comfyui_version": "0.33.0", "python_version": "3.12.3",
               "pytorch_version": "2.13.0+cu130"},
    "devices": [{"name": "cuda:0 NVIDIA H200", "type": "cuda", "index": 0,
                 "vram_total": 150 << 30, "vram_free": 120 << 30,
                 "torch_vram_total": 24 << 30, "torch_vram_free": 1 << 30}],
}  # fmt: skip


def _error(kind: str, message: str, details: str, extra: Any = None) -> dict[str, Any]:
    error = {"type": kind, "message": message, "details": details, "extra_info": extra or {}}
    return {"error": error, "node_errors": {}}


def _preview(kind: int, prompt_id: str, step: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (step * 20 % 256, 0, 0)).save(file, "JPEG")
    if kind == 1:
        return struct.pack(">II", 1, 1) + file.getvalue()
    told = {"node_id": SAMPLER, "prompt_id": prompt_id, "image_type": "image/jpeg"}
    metadata = json.dumps(told).encode()
    return struct.pack(">II", 4, len(metadata)) + metadata + file.getvalue()
