"""A ComfyUI server by its HTTP API: a small server that answers as ComfyUI does."""

from __future__ import annotations

import gc
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from refusals import refused
from tests.experiments.bench.competitors_for_tests import Clock, Painter, run, striped
from zimg_kernel.errors import ZimgError
from zimg_kernel.experiments.bench.competitors.choose import competitor
from zimg_kernel.experiments.bench.competitors.comfyui import (
    ComfyCompetitor,
    fill_workflow,
    read_workflow,
    ready_workflow,
)
from zimg_kernel.experiments.bench.result import Case


class Server(ThreadingHTTPServer):
    """Draws each workflow when its history is asked for the second time."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.graphs: dict[str, Any] = {}
        self.asked: dict[str, int] = {}
        self.fails = ""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/prompt":
            self.server.graphs[body["prompt_id"]] = body["prompt"]
            self._json({"prompt_id": body["prompt_id"], "number": 1, "node_errors": {}})
        else:
            self._json({"queue_running": [], "queue_pending": []})

    def do_GET(self) -> None:
        if self.path == "/system_stats":
            self._json({"system": {"comfyui_version": "0.33.0"}, "devices": [{"name": "cpu"}]})
        elif self.path.startswith("/history/"):
            name = self.path.rpartition("/")[2]
            self.server.asked[name] = self.server.asked.get(name, 0) + 1
            self._json({name: self._entry(name)} if self.server.asked[name] > 1 else {})
        else:
            file = io.BytesIO()
            striped(64, 32).save(file, "PNG")
            self._send(file.getvalue(), "image/png")

    def _entry(self, name: str) -> dict[str, Any]:
        if self.server.fails:
            said = {"exception_message": self.server.fails, "exception_type": "RuntimeError"}
            return {"outputs": {}, "status": {"status_str": "error", "completed": False,
                                              "messages": [["execution_error", said]]}}  # fmt: skip
        images = [{"filename": "a.png", "subfolder": "", "type": "output"}]
        messages = [["execution_start", {"timestamp": 1000}],
                    ["execution_success", {"timestamp": 2500}]]  # fmt: skip
        status = {"status_str": "success", "completed": True, "messages": messages}
        return {"outputs": {"9": {"images": images}}, "status": status}

    def _json(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), "application/json")

    def _send(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that listens."""
    one = Server()
    threading.Thread(target=one.serve_forever, daemon=True).start()
    yield one
    one.shutdown()
    one.server_close()


CASES = [
    Case(name="one", params={"prompt": "雪山", "seed": 7, "steps": 9, "width": 64, "height": 32})
]


def test_a_server_is_measured_beside_others(server: Server, tmp_path: Path) -> None:
    comfy = ComfyCompetitor(f"http://127.0.0.1:{server.server_port}/")
    result = run(tmp_path, [comfy, Painter(Clock())], CASES, rounds=2)
    runs = [one for one in result.runs if one.competitor == comfy.name]
    assert [one.status for one in runs] == ["ok", "ok"]
    assert runs[0].times["server"] == 1.5
    assert runs[0].times["total"] > 0
    assert "ram_peak" not in runs[0].resources
    graph, again = server.graphs.values()
    assert again["3"]["inputs"]["seed"] == runs[1].params["seed"] == 8  # 7 would be in its cache
    assert graph["27"]["inputs"]["text"] == "雪山"
    sampler = graph["3"]["inputs"]
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (7, 9, 1.0)
    assert (graph["13"]["inputs"]["width"], graph["13"]["inputs"]["height"]) == (64, 32)
    facts = next(one.facts for one in result.competitors if one.name == comfy.name)
    assert facts["comfyui"] == "0.33.0"
    assert "z_image_turbo_bf16.safetensors" in facts["models"]


@pytest.mark.parametrize(
    ("said", "status"), [("no such node", "failed"), ("CUDA out of memory", "out-of-memory")]
)
def test_an_error_of_the_server_is_told(
    said: str, status: str, server: Server, tmp_path: Path
) -> None:
    server.fails = said
    comfy = ComfyCompetitor(f"http://127.0.0.1:{server.server_port}")
    result = run(tmp_path, [comfy], CASES, rounds=1)
    assert result.runs[0].status == status


def test_a_server_that_is_not_there_stops_nobody(tmp_path: Path) -> None:
    with refused("comfy-unreachable", "ZIMG_COMFY_URL", ZimgError):
        ComfyCompetitor("http://127.0.0.1:9").ready()
    result = run(
        tmp_path, [ComfyCompetitor("http://127.0.0.1:9"), Painter(Clock())], CASES, rounds=1
    )
    assert {one.status for one in result.runs} == {"failed", "ok"}


def test_a_negative_prompt_of_its_own_is_set_and_a_zeroed_one_is_not() -> None:
    graph = ready_workflow()
    params = {"prompt": "cat", "negative_prompt": "dog", "guidance": 4}
    assert fill_workflow(graph, params)["27"]["inputs"]["text"] == "cat"
    assert fill_workflow(graph, params)["3"]["inputs"]["cfg"] == 5
    graph["33"] = {"class_type": "CLIPTextEncode", "inputs": {"clip": ["30", 0], "text": ""}}
    assert fill_workflow(graph, params)["33"]["inputs"]["text"] == "dog"
    assert graph["27"]["inputs"]["text"] == ""


def test_other_workflows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "workflow.json"
    for text in ('{"nodes": [], "links": []}', "[", "{}"):
        path.write_text(text)
        with refused("workflow-unreadable", "workflow"):
            read_workflow(path)
    with refused("workflow-unknown", "workflow"):
        fill_workflow({"1": {"class_type": "SaveImage", "inputs": {}}}, {})


def test_a_file_that_sd_cpp_cannot_load_is_refused_and_the_process_lives(
    engine: Any, tmp_path: Path
) -> None:
    pytest.importorskip("stable_diffusion_cpp", reason="stable-diffusion.cpp is not installed")
    (file := tmp_path / "model.gguf").write_text("no model")
    asked = competitor(f"sd-cpp:{file}", engine)
    for _ in range(2):
        with refused("file-unreadable", "sd-cpp") as caught:
            asked.ready()
        assert "unknown format" in str(caught.value)
        gc.collect()


def test_names_of_competitors_are_read(engine: Any, tmp_path: Path) -> None:
    assert competitor("nano-turbo", engine).kind == "engine"
    assert competitor("stock:nano-turbo", engine).name == "stock:nano-turbo"
    (ready := tmp_path / "ready.json").write_text(json.dumps(ready_workflow()))
    assert competitor(f"comfyui:http://127.0.0.1:1,workflow={ready}", engine).kind == "comfyui"
    file = tmp_path / "model.gguf"
    file.write_bytes(b"x")
    assert competitor(f"sd-cpp:{file},vae={file}", engine).name == "sd-cpp:model"
    for name in ("other:thing", "stock:nano-turbo,x=1", "comfyui:http://a,workflow"):
        with refused("unknown-competitor", "model"):
            competitor(name, engine)
    with refused("file-missing", "model"):
        competitor("sd-cpp:/no/such.gguf", engine)
