"""A ComfyUI server, driven by its HTTP API with a workflow in API format.

The workflow stays as it is but for prompts, size, steps, guidance, seed and number of pictures,
which are found by the kinds of its nodes.
"""

from __future__ import annotations

import copy
import io
import json
import time
import uuid
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError

from .competitor import Answer, Competitor, Request

_POLL = 0.05  # seconds between two looks into the history
_WAIT = 10.0  # seconds for a single answer of the server
_SAMPLERS = ("KSampler", "KSamplerAdvanced")


class ComfyCompetitor(Competitor):
    """One workflow on one server.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8188``.
    workflow : Path or None
        A file saved with "Export (API)"; by default the plain graph for Z-Image-Turbo of
        ``zimage_turbo_workflow.json`` beside this file.
    """

    kind = "comfyui"
    in_process = False

    def __init__(self, url: str, workflow: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self.name = f"comfyui:{self.url}" + (f":{workflow.stem}" if workflow else "")
        self._graph = read_workflow(workflow or Path(__file__).with_name(_READY))
        self._prompt_id = ""
        self._server: dict[str, Any] = {}

    def ready(self) -> None:
        """Ask the server who it is."""
        if not self._server:
            self._server = self._get("/system_stats").json()

    def draw(self, request: Request) -> Answer:
        """Queue the workflow, wait for the history to have it, fetch the pictures."""
        from zimg_kernel.images.open_file import open_image

        graph = fill_workflow(self._graph, request.params)
        self._prompt_id = str(uuid.uuid4())
        began = time.perf_counter()
        entry = self._run(graph)
        files = [
            one for node in entry.get("outputs", {}).values() for one in node.get("images", [])
        ]
        files = [one for one in files if one.get("type") == "output"] or files
        if not files:
            raise ZimgError(
                f"{self.url} finished the workflow without a picture: it needs a SaveImage node.",
                code="no-picture",
                field="workflow",
            )
        data = [self._get("/view", params=one).content for one in files]
        total = time.perf_counter() - began
        path = request.folder / f"{request.name}.png"
        path.write_bytes(data[0])
        images = [open_image(io.BytesIO(one)).convert("RGB") for one in data]
        return Answer(
            images=images,
            times={"total": total, **_server_times(entry)},
            params=request.params,
            path=path,
        )

    def facts(self) -> dict[str, Any]:
        """Return what the server tells of itself, and the models that the workflow names."""
        system = self._server.get("system", {})
        devices = [one.get("name", "") for one in self._server.get("devices", [])]
        named = sorted(
            {value for node in self._graph.values() for value in node["inputs"].values()
             if isinstance(value, str) and value.endswith((".safetensors", ".gguf", ".sft"))}
        )  # fmt: skip
        return {"url": self.url, "comfyui": system.get("comfyui_version", ""),
                "pytorch": system.get("pytorch_version", ""), "devices": devices,
                "models": named}  # fmt: skip

    def cancel(self) -> None:
        """Ask the server to stop this workflow, whether it waits or runs."""
        import requests

        for route, body in (("/queue", {"delete": [self._prompt_id]}),
                            ("/interrupt", {"prompt_id": self._prompt_id})):  # fmt: skip
            try:
                requests.post(self.url + route, json=body, timeout=_WAIT)
            except requests.RequestException:
                return

    def recover(self) -> None:
        """Ask the server to unload its models."""
        import requests

        try:
            requests.post(
                f"{self.url}/free", json={"unload_models": True, "free_memory": True}, timeout=_WAIT
            )
        except requests.RequestException:
            return

    def _run(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Queue a graph and return its entry in the history."""
        body = {"prompt": graph, "prompt_id": self._prompt_id, "client_id": uuid.uuid4().hex}
        queued = self._post("/prompt", body)
        prompt_id = queued.get("prompt_id") or self._prompt_id
        self._prompt_id = prompt_id
        while True:
            entry: dict[str, Any] = self._get(f"/history/{prompt_id}").json().get(prompt_id) or {}
            status = entry.get("status", {})
            if status.get("status_str") == "error":
                raise _server_error(self.url, status)
            if entry.get("outputs") or status.get("completed"):
                return entry
            time.sleep(_POLL)

    def _get(self, route: str, params: dict[str, Any] | None = None) -> Any:
        return self._ask("GET", route, params=params)

    def _post(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("POST", route, json=body).json()
        return answer

    def _ask(self, method: str, route: str, **more: Any) -> Any:
        import requests

        try:
            answer = requests.request(method, self.url + route, timeout=_WAIT, **more)
        except requests.RequestException as error:
            raise ZimgError(
                f"The ComfyUI server at {self.url} does not answer ({type(error).__name__}): start "
                "it, or leave it out.",
                code="server-unreachable",
                field="comfyui",
            ) from None
        if answer.status_code != 200:
            raise ZimgError(
                f"The ComfyUI server at {self.url} refused {route} ({answer.status_code}: "
                f"{answer.text[:200]}).",
                code="server-refused",
                field="comfyui",
            )
        return answer


_READY = "zimage_turbo_workflow.json"


def read_workflow(path: Path) -> dict[str, Any]:
    """Return a workflow in API format.

    Raises
    ------
    BadInput
        No file, no JSON, or a workflow of the editor's own format.
    """
    try:
        graph = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(
            f"{path} cannot be read as a workflow ({error}).",
            code="workflow-unreadable",
            field="workflow",
        ) from None
    whole = (
        isinstance(graph, dict)
        and graph
        and all(
            isinstance(node, dict) and "class_type" in node and isinstance(node.get("inputs"), dict)
            for node in graph.values()
        )
    )
    if not whole:
        raise BadInput(
            f"{path} is no workflow in API format: save it in ComfyUI with Export (API).",
            code="workflow-unreadable",
            field="workflow",
        )
    return dict(graph)


def fill_workflow(graph: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of a workflow with the parameters of a request in it.

    Raises
    ------
    BadInput
        It has no sampler whose prompt could be set.
    """
    graph = copy.deepcopy(graph)
    samplers = [node for node in graph.values() if node["class_type"] in _SAMPLERS]
    if not samplers:
        raise BadInput(
            f"The workflow has no {' or '.join(_SAMPLERS)} node, whose prompt, seed and steps "
            "could be set.",
            code="workflow-unknown",
            field="workflow",
        )
    for node in samplers:
        inputs = node["inputs"]
        seed = "noise_seed" if "noise_seed" in inputs else "seed"
        _set(inputs, seed, params.get("seed"))
        _set(inputs, "steps", params.get("steps"))
        _set(inputs, "cfg", params.get("guidance") or None)
        _set_text(graph, inputs.get("positive"), params.get("prompt"))
        _set_text(graph, inputs.get("negative"), params.get("negative_prompt"))
    for node in graph.values():
        inputs = node["inputs"]
        if "Latent" in node["class_type"] and {"width", "height", "batch_size"} <= set(inputs):
            _set(inputs, "width", params.get("width"))
            _set(inputs, "height", params.get("height"))
            _set(inputs, "batch_size", params.get("count"))
    return graph


def _set(inputs: dict[str, Any], name: str, value: Any) -> None:
    if value is not None and name in inputs:
        inputs[name] = value


def _set_text(graph: dict[str, Any], link: Any, text: str | None) -> None:
    """Set the text of the node that a link [node, output] leads to, through what lies between."""
    seen: set[str] = set()
    while text is not None and isinstance(link, list) and link[0] not in seen:
        seen.add(link[0])
        node = graph.get(link[0], {"inputs": {}, "class_type": ""})
        if isinstance(node["inputs"].get("text"), str):
            node["inputs"]["text"] = text
            return
        if node["class_type"] == "ConditioningZeroOut":  # of the positive one: no text of its own
            return
        link = node["inputs"].get("conditioning")


def _server_times(entry: dict[str, Any]) -> dict[str, float]:
    """Return the seconds between begin and end by the history's own messages (ms)."""
    marks = {
        name: data.get("timestamp") for name, data in entry.get("status", {}).get("messages", [])
    }
    began, ended = marks.get("execution_start"), marks.get("execution_success")
    return {"server": (ended - began) / 1000} if began and ended else {}


def _server_error(url: str, status: dict[str, Any]) -> Exception:
    said = [data for name, data in status.get("messages", []) if name == "execution_error"]
    reason = str(said[-1].get("exception_message", "")).strip() if said else "no reason given"
    kind = str(said[-1].get("exception_type", "")) if said else ""
    if "OutOfMemory" in kind or "out of memory" in reason.lower():
        from zimg_kernel.errors import OutOfMemory

        return OutOfMemory(f"{url} ran out of memory.", code="out-of-memory", field="comfyui")
    return ZimgError(
        f"The workflow failed at {url}: {reason[:300]}", code="workflow-failed", field="workflow"
    )
