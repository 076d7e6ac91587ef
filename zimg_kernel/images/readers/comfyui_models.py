"""Models, LoRAs and shift behind a sampler in a graph of ComfyUI."""

from __future__ import annotations

import re
from typing import Any

from .comfyui_graph import Graph, Node
from .lora_tags import take_lora_tags
from .numbers import number

_LORA = re.compile(r"(?:lora_name|lora_model|lora)_?(\d*)|lora_(\d+)_name")
_WEIGHTS = (
    "strength_model", "model_weight", "model_str", "model_strength", "lora_model_strength",
    "lora_wt", "lora_weight", "strength", "weight", "lora_strength", "wt",
)  # fmt: skip
_SIMPLE = ("lora_wt", "strength")
_SWITCHES = ("switch", "enabled", "lora_on", "on", "toggle")
_MODELS = ("unet_name", "ckpt_name", "base_ckpt_name", "diffusion_model", "model_name", "gguf_name")
_NOT_FOLLOWED = re.compile(
    r"positive|negative|conditioning.*|.*latent.*|samples|images?|pixels|noise|sigmas|sampler|clip|"
    r"vae|mask|text|prompt|control_net"
)
_OFF = ("none", "off", "false", "")


def model_chain(graph: Graph, sampler: Node) -> list[Node]:
    """Return the nodes that a sampler's model comes through, nearest first."""
    start = [v for k, v in sampler.inputs.items() if not _NOT_FOLLOWED.fullmatch(k)]
    return list(graph.walk(start, lambda node, name: not _NOT_FOLLOWED.fullmatch(name)))


def model_names(chain: list[Node]) -> list[str]:
    """Return the names of model files, without their repetitions."""
    names = [
        node.inputs[name]
        for node in chain
        for name in _MODELS
        if isinstance(node.inputs.get(name), str) and "lora" not in node.kind
    ]
    return list(dict.fromkeys(names))


def shift(graph: Graph, chain: list[Node]) -> int | float | None:
    """Return the shift of the noise levels that the sampler gets, if a node sets one."""
    for node in chain:
        if "modelsampling" in node.kind and "shift" in node.inputs:
            return graph.number(node.inputs["shift"], "shift")
    return None


def loras(graph: Graph, chain: list[Node]) -> list[tuple[str, Any]]:
    """Return names and weights of the LoRAs on the way, in the order in which they are applied."""
    found: list[tuple[str, Any]] = []
    for node in reversed(chain):
        found += [pair for pair in _of_node(graph, node) if pair not in found]
    return found


def _of_node(graph: Graph, node: Node) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in node.inputs.items():
        name = _LORA.fullmatch(key)
        if name and isinstance(value, str) and value.strip().lower() not in _OFF:
            found += _weighted(graph, node, value, name[1] or name[2] or "")
        elif isinstance(value, dict):  # Power Lora Loader, LoRA Manager
            listed = value.get("__value__")
            found += _listed(listed if isinstance(listed, list) else [value])
        elif "lora" in node.kind and key == "loras" and isinstance(value, list):
            found += _listed(value)
    if not found and "lora" in node.kind and isinstance(text := node.inputs.get("text"), str):
        found += take_lora_tags(text)[1]
    return found


def _weighted(graph: Graph, node: Node, name: str, n: str) -> list[tuple[str, Any]]:
    inputs = node.inputs
    for switch in _SWITCHES:
        value = inputs.get(f"{switch}_{n}" if n else switch)
        if value is False or (isinstance(value, str) and value.lower() in _OFF):
            return []
    count = number(inputs.get("lora_count", inputs.get("num_loras")))
    if n and count is not None and int(n) > count:
        return []
    simple = "simple" in (inputs.get("input_mode"), inputs.get("mode"))  # one weight for both
    for weight in (*(_SIMPLE if simple else ()), *_WEIGHTS):
        for key in (f"{weight}_{n}", f"{weight}{n}", f"lora_{n}_{weight}") if n else (weight,):
            if key in inputs:
                return [(name, graph.number(inputs[key], weight, "strength"))]
    return [(name, 1.0)]


def _listed(items: list[Any]) -> list[tuple[str, Any]]:
    found = []
    for item in items:
        if not isinstance(item, dict):
            continue
        name = item.get("lora", item.get("name"))
        on = item.get("on", item.get("active", True))
        if isinstance(name, str) and name.strip().lower() not in _OFF and on is not False:
            found.append((name, number(item.get("strength", item.get("strength_model", 1.0)))))
    return found
