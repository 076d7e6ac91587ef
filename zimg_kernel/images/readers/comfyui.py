"""Reader of ComfyUI's graphs, also those that pass through its API."""

from __future__ import annotations

from ..text import parse_json
from .comfyui_graph import Graph, Node
from .comfyui_models import loras, model_chain, model_names, shift
from .comfyui_samplers import (
    are_separate,
    latent_size,
    numeric_setting,
    prompt,
    samplers,
    text_setting,
)
from .comfyui_workflow import graph_of_workflow
from .found import Found

_KEPT_GRAPH = 20_000  # characters; larger ones would slow the gallery: they stay in the file


def read_comfyui(text: str, size: tuple[int, int]) -> Found | None:
    """Return what a graph or a workflow says, or None if it is none with a sampler.

    Parameters
    ----------
    text : str
        JSON.
    size : tuple of int
        Width and height of the picture, px.
    """
    value = parse_json(text)
    if isinstance(value, dict) and isinstance(value.get("prompt"), dict):
        value = value["prompt"]  # as it is sent to the API
    graph = Graph.of(value)
    if graph is None:
        graph = Graph.of(graph_of_workflow(value))
    if graph is None:
        return None
    found = _found(graph, size)
    if found is not None and len(text) <= _KEPT_GRAPH:
        found.graph = value
    return found


def _found(graph: Graph, size: tuple[int, int]) -> Found | None:
    candidates = samplers(graph, size)
    chosen = next((node for node in candidates if prompt(graph, node, "positive")), None)
    if chosen is None:
        return None
    chain = model_chain(graph, chosen)
    sampler = text_setting(graph, chosen, "sampler_name") or _sampler_class(graph, chosen)
    cfg = numeric_setting(graph, chosen, "cfg", "cfg_scale", "guidance_scale", "cfg_conds")
    guider = graph.target(chosen.inputs.get("guider"))
    if cfg is None and guider is not None and "basicguider" in guider.kind:
        cfg = 1  # one prediction a step, no guidance
    found = Found(
        software="ComfyUI",
        prompt=prompt(graph, chosen, "positive"),
        negative=prompt(graph, chosen, "negative"),
        seed=numeric_setting(graph, chosen, "seed", "noise_seed"),
        steps=_steps(graph, chosen),
        cfg=cfg,
        sampler=sampler,
        scheduler=text_setting(graph, chosen, "scheduler"),
        shift=shift(graph, chain),
        size=latent_size(graph, chosen),
        loras=loras(graph, chain),
        models=model_names(chain),
    )
    denoise = numeric_setting(graph, chosen, "denoise")
    if denoise is not None:
        found.details["denoise"] = denoise
    if len(candidates) > 1:
        note = f"{len(candidates)} samplers made it: the values are those of the first pass."
        if are_separate(graph, *candidates[:2]):
            note = (
                f"{len(candidates)} samplers are in its graph, and nothing tells which of them "
                "drew this picture: the values may be another's."
            )
        found.notes.append(note)
    return found


def _steps(graph: Graph, sampler: Node) -> int | float | None:
    found = numeric_setting(graph, sampler, "steps", "steps_total", "num_steps")
    sigmas = graph.target(sampler.inputs.get("sigmas"))
    if found is None and sigmas is not None and isinstance(sigmas.inputs.get("sigmas"), str):
        found = len(sigmas.inputs["sigmas"].replace(",", " ").split()) - 1  # levels by hand
    return found


def _sampler_class(graph: Graph, sampler: Node) -> str | None:
    """Return the kind of a sampler node without a name, such as ``eulerancestral``."""
    node = graph.target(sampler.inputs.get("sampler"))
    return node.kind.removeprefix("sampler") if node is not None else None
