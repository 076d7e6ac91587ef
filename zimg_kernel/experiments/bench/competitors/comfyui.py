"""A ComfyUI server, driven by its HTTP API with a workflow in API format.

The workflow stays as it is but for prompts, size, steps, guidance, seed and number of pictures,
which are found by the kinds of its nodes.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import time
import uuid
from pathlib import Path
from typing import Any

from zimg_kernel.comfy_client.address import Address
from zimg_kernel.comfy_client.history import is_error, mapping, seconds_of
from zimg_kernel.comfy_client.messages import files_of
from zimg_kernel.comfy_client.refusals import failed
from zimg_kernel.comfy_client.server import ComfyServer
from zimg_kernel.comfy_client.template import load_template
from zimg_kernel.errors import BadInput, ZimgError

from .competitor import Answer, Competitor, Request

_POLL = 0.05  # seconds between two looks into the history
_SAMPLERS = ("KSampler", "KSamplerAdvanced")


class ComfyCompetitor(Competitor):
    """One workflow on one server.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8188``; a token in it is shown to the server alone.
    workflow : Path or None
        A file saved with "Export (API)"; by default the template for Z-Image-Turbo that
        :class:`~zimg_kernel.comfy_client.ComfyEngine` draws with.
    """

    kind = "comfyui"
    in_process = False

    def __init__(self, url: str, workflow: Path | None = None) -> None:
        self._comfy = ComfyServer(Address.of(url))
        self.url = self._comfy.shown
        self.name = f"comfyui:{self.url}" + (f":{workflow.stem}" if workflow else "")
        self._graph = read_workflow(workflow) if workflow else ready_workflow()
        self._prompt_id = ""
        self._server: dict[str, Any] = {}
        self._sent: set[str] = set()

    def ready(self) -> None:
        """Ask the server who it is."""
        if not self._server:
            self._server = self._comfy.stats()

    def draw(self, request: Request) -> Answer:
        """Queue the workflow, wait for the history to have it, fetch the pictures."""
        from zimg_kernel.images.open_file import open_image

        graph, params = self._never_sent(request.params)
        self._prompt_id = str(uuid.uuid4())
        began = time.perf_counter()
        entry = self._run(graph)
        files = [file for node in mapping(entry.get("outputs")).values() for file in files_of(node)]
        files = [file for file in files if file.type == "output"] or files
        if not files:
            raise ZimgError(
                f"{self.url} finished the workflow without a picture: it needs a SaveImage node.",
                code="no-picture",
                field="workflow",
            )
        data = [self._comfy.view(file) for file in files]
        total = time.perf_counter() - began
        server = seconds_of(entry.get("status"))
        path = request.folder / f"{request.name}.png"
        path.write_bytes(data[0])
        images = [open_image(io.BytesIO(one)).convert("RGB") for one in data]
        return Answer(
            images=images,
            times={"total": total, **({"server": server} if server else {})},
            params=params,
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
        with contextlib.suppress(ZimgError):
            self._comfy.withdraw(self._prompt_id)

    def recover(self) -> None:
        """Ask the server to unload its models."""
        with contextlib.suppress(ZimgError):
            self._comfy.free()

    def _never_sent(self, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a filled workflow that was not sent before, and its parameters.

        ComfyUI keeps what its nodes gave and draws nothing for a graph that it has seen: every
        repetition gets the next seed. Embeddings of a prompt that it knows are kept all the same.
        """
        seed = params.get("seed")
        while True:
            graph = fill_workflow(self._graph, params)
            text = json.dumps(graph, sort_keys=True)
            if text not in self._sent or seed is None:
                self._sent.add(text)
                return graph, params
            seed += 1
            params = {**params, "seed": seed}

    def _run(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Queue a graph and return its entry in the history."""
        self._prompt_id = self._comfy.queue_prompt(graph, self._prompt_id, uuid.uuid4().hex)
        while True:
            entry = self._comfy.history(self._prompt_id) or {}
            if is_error(entry):
                raise failed(self.url, entry["status"])
            if entry:
                return entry
            time.sleep(_POLL)


def ready_workflow() -> dict[str, Any]:
    """Return the plain graph for Z-Image-Turbo."""
    return load_template("text_to_image").filled({"shift": 3.0}, guided=False)


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
        guidance = params.get("guidance")
        _set(inputs, "cfg", None if guidance is None else 1.0 + guidance)  # ComfyUI's 1 is our 0
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
