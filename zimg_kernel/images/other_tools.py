"""Parameters of A1111, ComfyUI and other tools: read through sd-parsers, written for A1111."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.params import MAX_STEPS, GenerationParams


def read_foreign(image: Image.Image) -> dict[str, Any] | None:
    """Return the record of another tool's picture in our fields, or None if it has none.

    What fits our fields is taken over (prompt, negative prompt, steps, seed, size, guidance
    as their scale less 1); the model's name is kept only as text, for it is seldom one of
    our cards, and everything else goes into ``foreign``.
    """
    from sd_parsers import ParserManager  # takes 40 ms: only where needed

    try:
        found = ParserManager().parse(image)
    except Exception:  # a parser may fail on any file
        found = None
    if found is None or not found.full_prompt.strip():
        return _from_comfyui_graph(image)
    sampler = dict(found.samplers[0].parameters) if found.samplers else {}
    fields: dict[str, Any] = {
        "prompt": found.full_prompt,
        "negative_prompt": found.full_negative_prompt,
        "width": image.width if image.width % 16 == 0 else None,
        "height": image.height if image.height % 16 == 0 else None,
    }
    fields.update(_numbers(sampler))
    foreign = {
        "models": [str(model) for model in found.models],
        "sampler": {name: str(value) for name, value in sampler.items()},
    }
    return _record(fields, str(found.generator.value), foreign)


def _record(fields: dict[str, Any], software: str, foreign: Any) -> dict[str, Any] | None:
    try:
        params = GenerationParams(**fields)
    except BadInput:
        return None
    return {"params": params.model_dump(), "software": software, "foreign": foreign}


def _from_comfyui_graph(image: Image.Image) -> dict[str, Any] | None:
    """Read a graph that came through ComfyUI's API, which carries no ``workflow`` beside it.

    sd-parsers needs that; here the sampler's ``positive`` and ``negative`` are followed back
    to the first text.
    """
    try:
        graph = json.loads(image.info.get("prompt", ""))
        nodes = {str(name): node["inputs"] for name, node in graph.items()}
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    for inputs in nodes.values():
        if "positive" not in inputs or not {"seed", "noise_seed"} & set(inputs):
            continue
        prompt = next(_texts(nodes, inputs["positive"]), "")
        fields = {
            "prompt": prompt,
            "negative_prompt": next(_texts(nodes, inputs.get("negative")), ""),
            "width": image.width if image.width % 16 == 0 else None,
            "height": image.height if image.height % 16 == 0 else None,
            **_numbers({**inputs, "cfg_scale": inputs.get("cfg")}),
        }
        if fields["negative_prompt"] == prompt:  # zeroed out: Turbo's graphs have no negative
            fields["negative_prompt"] = ""
        return _record(fields, "ComfyUI", {"graph": graph})
    return None


def _texts(nodes: dict[str, dict[str, Any]], link: Any, depth: int = 0) -> Iterator[str]:
    """Yield the texts behind a link ([node, output]), nearest first."""
    inputs = nodes.get(str(link[0])) if isinstance(link, list) and link else None
    if inputs is None or depth > 20:
        return
    for name in ("text", "prompt", "string", "value"):
        if isinstance(inputs.get(name), str):
            yield inputs[name]
    for value in inputs.values():
        yield from _texts(nodes, value, depth + 1)


def _numbers(sampler: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    steps = _number(sampler.get("steps"))
    seed = _number(sampler.get("seed", sampler.get("noise_seed")))
    scale = _number(sampler.get("cfg_scale"))
    if steps is not None and 1 <= steps <= MAX_STEPS:
        found["steps"] = int(steps)
    if seed is not None and 0 <= seed < 2**64:
        found["seed"] = int(seed)
    if scale is not None and 1 <= scale <= 31:
        found["guidance"] = scale - 1
    return found


def _number(value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    try:
        text = str(value)
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return None


def a1111_text(record: dict[str, Any]) -> str:
    """Return the parameters as A1111 writes them, which most other tools can read."""
    p = record["params"]
    lines = [p["prompt"]]
    if p.get("negative_prompt"):
        lines.append(f"Negative prompt: {p['negative_prompt']}")
    facts = {
        "Steps": p.get("steps"),
        "Sampler": {"euler": "Euler", "lcm": "LCM", "unipc": "UniPC"}.get(p.get("sampler", "")),
        "Schedule type": None if p.get("sigmas") == "linear" else p.get("sigmas"),
        # Their scale counts from 1 (off); ours from 0.
        "CFG scale": None if p.get("guidance") is None else f"{1 + p['guidance']:g}",
        "Shift": p.get("shift"),
        "Seed": p.get("seed"),
        "Size": f"{p.get('width')}x{p.get('height')}",
        "Model": p.get("model"),
        **_lora_facts(record),
        "Version": "zimg workbench",
    }
    lines.append(
        ", ".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    )
    return "\n".join(lines)


def _lora_facts(record: dict[str, Any]) -> dict[str, str]:
    """Names, weights and file hashes of LoRAs; quoted, as A1111 writes what holds a comma."""
    loras = record["params"].get("loras") or ()
    versions = record.get("versions") or {}
    hashes = {name: versions.get(f"lora {name}") for name, _ in loras}
    facts = {
        "Loras": ", ".join(f"{name}: {weight:g}" for name, weight in loras),
        "Lora hashes": ", ".join(f"{name}: {found}" for name, found in hashes.items() if found),
    }
    return {key: json.dumps(text, ensure_ascii=False) for key, text in facts.items() if text}
