"""Client that asks a server of ComfyUI's API, real or ours."""

from __future__ import annotations

import io
import json
import time
import uuid
from typing import Any

import requests
import websocket
from PIL import Image

from .graphs import Graph, turbo

MODEL = "z_image_turbo_bf16.safetensors"


class Asker:
    """A client of one of the servers.

    Parameters
    ----------
    url : str
    token : str
        Shown as Bearer, where there is one.
    model : str
        File that the graphs draw with.
    """

    def __init__(self, url: str, token: str = "", model: str = MODEL) -> None:
        self.url, self.model = url.rstrip("/"), model
        self.session = requests.Session()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.session.headers.update(self.headers)
        self.tag = uuid.uuid4().hex[:8]
        self._seed = int(self.tag, 16)

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=60, **more)

    def answer(self, method: str, path: str, **more: Any) -> list[Any]:
        """Return status, content type and body of an answer."""
        return told(self.ask(method, path, **more))

    def graph(self, steps: int = 2, **sampler: Any) -> Graph:
        """Return text-to-image that was never drawn before."""
        self._seed += 1
        found = turbo(seed=self._seed, steps=steps, size=64, **sampler)
        found["11"]["inputs"]["unet_name"] = self.model
        found["9"]["inputs"]["filename_prefix"] = self.tag
        return found

    def prompt(self, graph: Any, **more: Any) -> list[Any]:
        """Return the answer to a graph."""
        return self.answer("POST", "/prompt", json={"prompt": graph, **more})

    def post(self, graph: Any, **more: Any) -> str:
        """Post a graph that is right; return its id."""
        answer = self.ask("POST", "/prompt", json={"prompt": graph, **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prompt_id"])

    def ended(self, prompt_id: str, seconds: float = 120) -> dict[str, Any]:
        """Return the history of a prompt once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.ask("GET", f"/history/{prompt_id}").json()
            if found:
                entry: dict[str, Any] = found[prompt_id]
                return entry
            time.sleep(0.02)
        raise AssertionError(f"{prompt_id} has not ended")

    def run(self, graph: Graph, **more: Any) -> dict[str, Any]:
        return self.ended(self.post(graph, **more))

    def running(self, graph: Graph, **more: Any) -> str:
        """Post a graph and wait until it runs."""
        prompt_id = self.post(graph, **more)
        while not any(one[1] == prompt_id for one in self.queue()["queue_running"]):
            assert not self.ask("GET", f"/history/{prompt_id}").json()
            time.sleep(0.01)
        return prompt_id

    def rest(self) -> None:
        """Wait until nothing runs or waits."""
        while self.ask("GET", "/prompt").json()["exec_info"]["queue_remaining"]:
            time.sleep(0.05)

    def queue(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", "/queue").json()
        return found

    def stop(self, prompt_id: str) -> None:
        """End a prompt that runs."""
        while not self.ask("GET", f"/history/{prompt_id}").json():
            self.ask("POST", "/interrupt", json={"prompt_id": prompt_id})
            time.sleep(0.05)

    def upload(self, name: str, data: bytes, route: str = "image", **fields: str) -> list[Any]:
        files = {"image": (name, data, "image/png")}
        return self.answer("POST", f"/upload/{route}", files=files, data=fields)

    def socket(self, client: str | None = None, **flags: bool) -> websocket.WebSocket:
        query = f"?clientId={client}" if client is not None else ""
        header = [f"{name}: {value}" for name, value in self.headers.items()]
        opened = websocket.create_connection(
            self.url.replace("http", "ws", 1) + "/ws" + query, header=header, timeout=60
        )
        if flags:
            opened.send(json.dumps({"type": "feature_flags", "data": flags}))
        return opened


def told(answer: requests.Response) -> list[Any]:
    """Return status, content type and body; a picture by its format and size."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    body: Any = answer.text
    if kind == "application/json" and answer.content:
        body = answer.json()
    elif kind.startswith("image/"):
        with Image.open(io.BytesIO(answer.content)) as image:
            body = [image.format, image.mode, list(image.size)]
    return [answer.status_code, kind if answer.content else "", body]


def png(colour: tuple[int, ...] = (200, 30, 30), size: int = 32) -> bytes:
    """Return a picture of one colour; of four channels where the colour has."""
    file = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", (size, size), colour).save(file, "PNG")
    return file.getvalue()
