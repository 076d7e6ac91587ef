"""ComfyUI's workflows as its page saves them, turned into graphs in API form."""

from __future__ import annotations

from typing import Any

_MAX_NODES = 5_000
_DEPTH = 8  # subgraphs inside subgraphs
_MUTED, _BYPASSED = 2, 4  # modes of a node
_INSIDE, _OUTSIDE = -10, -20  # ids of a subgraph's own inputs and outputs
#: Names of widgets where a node does not list them, as before version 1.16 of the page.
_WIDGETS = {
    "KSampler": "seed _ steps cfg sampler_name scheduler denoise",
    "KSamplerAdvanced": "add_noise noise_seed _ steps cfg sampler_name scheduler start_at_step "
    "end_at_step return_with_leftover_noise",
    "CLIPTextEncode": "text",
    "CLIPTextEncodeFlux": "clip_l t5xxl guidance",
    "EmptyLatentImage": "width height batch_size",
    "EmptySD3LatentImage": "width height batch_size",
    "UNETLoader": "unet_name weight_dtype",
    "UnetLoaderGGUF": "unet_name",
    "CheckpointLoaderSimple": "ckpt_name",
    "unCLIPCheckpointLoader": "ckpt_name",
    "LoraLoader": "lora_name strength_model strength_clip",
    "LoraLoaderModelOnly": "lora_name strength_model",
    "ModelSamplingAuraFlow": "shift",
    "ModelSamplingSD3": "shift",
    "RandomNoise": "noise_seed _",
    "BasicScheduler": "scheduler steps denoise",
    "KSamplerSelect": "sampler_name",
    "CFGGuider": "cfg",
    "SamplerCustom": "add_noise noise_seed _ cfg",
    "PrimitiveNode": "value",
    "PrimitiveInt": "value _",
    "PrimitiveFloat": "value",
    "PrimitiveString": "value",
    "PrimitiveStringMultiline": "value",
    "StringConcatenate": "string_a string_b delimiter",
    "Seed (rgthree)": "seed",
}
_SEEDS = ("seed", "noise_seed")
_CONTROLS = ("fixed", "randomize", "increment", "decrement")


def graph_of_workflow(value: Any) -> dict[str, Any] | None:
    """Return the graph in API form that a workflow stands for, or None if it is none.

    Muted nodes are left out, bypassed ones hand on what they get, and subgraphs are unfolded:
    their nodes have ids such as ``57:3``.
    """
    if not isinstance(value, dict) or not isinstance(value.get("nodes"), list):
        return None
    definitions = value.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    subgraphs = {
        item["id"]: item
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    }
    unfolded = _Unfolded(subgraphs)
    unfolded.add(value, "", {}, 0)
    return unfolded.graph or None


class _Unfolded:
    """The graph in API form, filled by one call of :meth:`add` for the whole and each subgraph."""

    def __init__(self, subgraphs: dict[str, Any]) -> None:
        self.subgraphs = subgraphs
        self.graph: dict[str, Any] = {}
        self.left = _MAX_NODES

    def add(self, part: dict[str, Any], prefix: str, outer: dict[int, Any], depth: int) -> None:
        """Add the nodes of a workflow or subgraph; ``outer`` has what its inputs get by number."""
        links = _links(part)
        nodes = [node for node in part["nodes"] if isinstance(node, dict)][:_MAX_NODES]
        for node in nodes:
            self.left -= 1
            if self.left < 0:
                return
            if node.get("mode") == _MUTED:
                continue
            inputs, sources = {}, []
            for slot in _list(node.get("inputs")):
                if not isinstance(slot, dict):
                    continue
                link = links.get(_key(slot.get("link")))
                source = self._source(link, prefix, outer)
                sources.append(source)
                if source is not None:
                    inputs[str(slot.get("name"))] = source
            name = f"{prefix}{node.get('id')}"
            kind = node.get("type")
            inner = self.subgraphs.get(kind) if isinstance(kind, str) else None
            if inner is not None and isinstance(inner.get("nodes"), list) and depth < _DEPTH:
                given = dict(enumerate(sources)) | _promoted(node, sources)
                self.add(inner, f"{name}:", given, depth + 1)
                inputs = self._outputs(inner, f"{name}:")
                kind = "subgraph"
            elif node.get("mode") == _BYPASSED:
                kind = "bypassed"
            else:
                inputs = {**_widgets(node), **inputs}
            self.graph[name] = {"class_type": str(kind), "inputs": inputs}

    def _source(self, link: Any, prefix: str, outer: dict[int, Any]) -> Any:
        if link is None:
            return None
        origin, slot = link[:2]
        if origin == _INSIDE:
            return outer.get(slot)
        return [f"{prefix}{origin}", slot]

    def _outputs(self, inner: dict[str, Any], prefix: str) -> dict[str, Any]:
        """Return the links to what comes out of a subgraph, as inputs of its node."""
        for origin, slot, target in _links(inner).values():
            if target == _OUTSIDE:
                return {"": [f"{prefix}{origin}", slot]}
        return {}


def _links(part: dict[str, Any]) -> dict[Any, tuple[Any, int, Any]]:
    """Return origin, its output, and target of each link by the link's id."""
    found = {}
    for link in _list(part.get("links")):
        if isinstance(link, dict):
            keys = ("id", "origin_id", "origin_slot", "target_id")
            number, origin, slot, target = (link.get(key) for key in keys)
        elif isinstance(link, list) and len(link) >= 4:
            number, origin, slot, target = link[:4]
        else:
            continue
        if isinstance(origin, int | str) and isinstance(slot, int):
            found[_key(number)] = (origin, slot, target)
    return found


def _widgets(node: dict[str, Any]) -> dict[str, Any]:
    """Return the values that were typed or chosen in a node, by name."""
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return {str(name): value for name, value in values.items()}
    listed = [slot["widget"] for slot in _list(node.get("inputs")) if _is_widget(slot)]
    names = [str(widget.get("name")) for widget in listed if isinstance(widget, dict)]
    known = _WIDGETS.get(str(node.get("type")), "").split()
    if known:  # an older page lists only those with a link
        names = known
    found: dict[str, Any] = {}
    rest = list(_list(values))
    for name in names:
        if not rest:
            break
        found[name] = rest.pop(0)
        if not known and name in _SEEDS and rest and rest[0] in _CONTROLS:
            rest.pop(0)
    if not names and len(rest) == 1:
        found["value"] = rest[0]
    # Loaders of several LoRAs keep each as an object.
    found |= {f"lora_{n}": item for n, item in enumerate(rest) if isinstance(item, dict)}
    found.pop("_", None)
    return found


def _promoted(node: dict[str, Any], sources: list[Any]) -> dict[int, Any]:
    """Return the values that are typed at a subgraph's own node, by the number of the input."""
    slots = [slot for slot in _list(node.get("inputs")) if isinstance(slot, dict)]
    named = [number for number, slot in enumerate(slots) if _is_widget(slot)]
    typed = list(_list(node.get("widgets_values")))
    found = dict(zip(named, typed, strict=False)) if len(typed) == len(named) else {}
    return {n: value for n, value in found.items() if sources[n] is None}


def _is_widget(slot: Any) -> bool:
    return isinstance(slot, dict) and isinstance(slot.get("widget"), dict)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _key(value: Any) -> Any:
    return value if isinstance(value, int | str) else None
