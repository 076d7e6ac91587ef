"""Samplers in a graph of ComfyUI: which one made the picture, and with which settings."""

from __future__ import annotations

import re
from typing import Any

from .comfyui_graph import Graph, Node

_CONDITIONING = ("positive", "guider", "conditioning", "text_embeds")
_LATENTS = re.compile(
    r"(optional_|init_|input_)?(latents?|latent_.*|.*_latent|samples|images?|pixels)\d*"
)
_PIPES = re.compile(r"pipe|.*_pipe|.*pipe_.*|context|ctx|base_ctx")
_SETTINGS = re.compile(r"noise|guider|sigmas|sampler|scheduler|settings|config|.*_config|options")
_EMPTY = re.compile(r"empty.*(latent|image)|latent.*empty")
_CANVAS = "empty_latent_width"  # in loaders that make the latent, too
_NO_SAMPLER = re.compile(r"select|modelsampling|scheduler|presampling|config|detect|settings")


def is_sampler(node: Node) -> bool:
    """Tell whether a node denoises."""
    inputs = node.inputs
    if _NO_SAMPLER.search(node.kind) and "detailer" not in node.kind:
        return False
    if "guider" in inputs and "sigmas" in inputs:
        return True
    if any(name in inputs for name in _CONDITIONING):
        return any(name in inputs for name in ("seed", "noise_seed", "noise", "sigmas")) and (
            any(name in inputs for name in ("steps", "sigmas", "sampler", "sampler_name"))
        )
    return "sampler" in node.kind and any(_PIPES.fullmatch(name) for name in inputs)


def samplers(graph: Graph, size: tuple[int, int]) -> list[Node]:
    """Return the samplers of the saved picture, the one that decides it first.

    That is the pass that starts from an empty latent, or else from no other sampler's; later
    ones refine, repair or enlarge. Of several such, one of the picture's ``size`` comes first.
    """
    found = [node for node in graph.nodes.values() if is_sampler(node)]
    if len(found) < 2:
        return found
    for kind in ("save", "preview"):
        ends = [n for n in graph.nodes.values() if kind in n.kind and graph.target(_shown(n))]
        behind = graph.walk([_shown(node) for node in ends], lambda node, name: True)
        ours = [node for node in behind if is_sampler(node)]
        if ours:
            found = ours
            break
    return sorted(found, key=lambda n: (_rank(graph, n), latent_size(graph, n) != size))


def _shown(node: Node) -> Any:
    return node.inputs.get("images", node.inputs.get("image"))


def _rank(graph: Graph, sampler: Node) -> int:
    """Return 0 for a pass that starts from nothing, 1 from a picture, 2 from another pass."""
    if not any(_LATENTS.fullmatch(name) or _PIPES.fullmatch(name) for name in sampler.inputs):
        return 2
    start = [v for k, v in sampler.inputs.items() if _LATENTS.fullmatch(k)]
    way = graph.walk(start, lambda node, name: not is_sampler(node) and _is_source(name))
    reached = list(way)
    if any(is_sampler(node) for node in reached):
        return 2
    return 0 if any(_EMPTY.search(n.kind) or _CANVAS in n.inputs for n in reached) else 1


def are_separate(graph: Graph, sampler: Node, other: Node) -> bool:
    """Tell whether two samplers draw pictures of the same size, neither from the other's."""
    sizes = {latent_size(graph, node) for node in (sampler, other)}
    return _rank(graph, sampler) == _rank(graph, other) == 0 and len(sizes) == 1


def latent_size(graph: Graph, sampler: Node) -> tuple[Any, Any]:
    """Return width and height of the canvas that a sampler gets, px; None where unknown."""
    start = [v for k, v in sampler.inputs.items() if "latent" in k or k == "samples"]
    for node in graph.walk(start, lambda node, name: name in ("samples", "", "any", "latent")):
        sides = node.inputs.get("width"), node.inputs.get("height")
        if None not in sides:
            return graph.number(sides[0], "width"), graph.number(sides[1], "height")
    return None, None


def _is_source(name: str) -> bool:
    return bool(_LATENTS.fullmatch(name) or _PIPES.fullmatch(name) or name in ("", "any", "input"))


def setting(graph: Graph, sampler: Node, *names: str) -> Any:
    """Return a setting of a sampler: its own, or one of the nodes that it is made up of."""
    start = [v for k, v in sampler.inputs.items() if _is_setting(k)]
    parts = graph.walk(start, lambda node, name: _is_setting(name) and not is_sampler(node))
    for node in (sampler, *parts):
        for name in names:
            if name in node.inputs:
                return node.inputs[name]
    return None


def _is_setting(name: str) -> bool:
    return bool(_SETTINGS.fullmatch(name) or _PIPES.fullmatch(name))


def numeric_setting(graph: Graph, sampler: Node, *names: str) -> int | float | None:
    """Return a number among the settings of a sampler, also one behind links."""
    return graph.number(setting(graph, sampler, *names), *names)


def text_setting(graph: Graph, sampler: Node, *names: str) -> str | None:
    """Return a name among the settings of a sampler, also one behind links."""
    found = setting(graph, sampler, *names)
    node = graph.target(found)
    if node is None:
        return found if isinstance(found, str) else None
    for name in names:
        if isinstance(node.inputs.get(name), str):
            return str(node.inputs[name])
    return graph.text(found)


def prompt(graph: Graph, sampler: Node, role: str) -> str:
    """Return the text that a sampler draws to (``positive``) or away from (``negative``)."""
    names = [role, "text_embeds", *(["conditioning", "cond1"] if role == "positive" else [])]
    start = setting(graph, sampler, *names)
    if start is None:
        start = next((v for k, v in sampler.inputs.items() if _PIPES.fullmatch(k)), None)
    texts: list[str] = []
    _collect(graph, start, role, set(), texts, 0)
    return ", ".join(dict.fromkeys(text for text in texts if text.strip()))


_DEPTH = 150
_ENCODERS = re.compile(r"textencode|cliptext|encodeprompt|promptencode|conditioning \(")
_NOT_FOLLOWED = {
    "clip", "model", "vae", "image", "images", "mask", "pixels", "control_net", "style_model",
    "clip_vision_output", "clip_vision", "samples", "latent", "latent_image",
}  # fmt: skip


def _collect(
    graph: Graph, link: Any, role: str, seen: set[str], texts: list[str], depth: int
) -> None:
    node = graph.target(link)
    if node is None:
        if isinstance(link, str):
            texts.append(link)
        return
    # Zeroed out, as Turbo's graphs have it in place of a negative prompt: no text counts.
    if node.id in seen or depth > _DEPTH or "zeroout" in node.kind:
        return
    seen.add(node.id)
    inputs = node.inputs
    chosen = graph.chosen(node)
    if chosen is not None and not _ENCODERS.search(node.kind):
        for value in chosen[:1]:
            _collect(graph, value, role, seen, texts, depth + 1)
        return
    joined = [name for name in inputs if re.match(r"conditioning|cond_?\d", name)]
    if role in inputs and not _ENCODERS.search(node.kind):
        _collect(graph, inputs[role], role, seen, texts, depth + 1)
    elif joined:
        for name in joined:
            _collect(graph, inputs[name], role, seen, texts, depth + 1)
    elif _ENCODERS.search(node.kind) or "clip" in inputs or _holds_text(node):
        text = graph.text([node.id, 0], role)
        texts += [text] if text else []
    else:
        for name, value in inputs.items():
            if name not in _NOT_FOLLOWED and graph.target(value):
                _collect(graph, value, role, seen, texts, depth + 1)


def _holds_text(node: Node) -> bool:
    return any(isinstance(node.inputs.get(name), str) for name in ("text", "prompt", "string"))
