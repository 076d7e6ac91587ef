"""Reader of records that are one list of plainly named fields: Easy Diffusion, mflux and others."""

from __future__ import annotations

import ast
import contextlib
from typing import Any

from .found import Found
from .numbers import number

_NAMES = {
    "seed": ("seed", "noise_seed"),
    "steps": ("steps", "num_inference_steps", "numsteps", "num_steps", "step"),
    "cfg": ("cfg_scale", "guidance_scale", "cfgscale", "cfg", "guidance", "scale"),
    "sampler": ("sampler", "sampler_name", "samplername", "scheduler_name"),
    "scheduler": ("scheduler", "schedule", "schedule_type"),
    "shift": ("shift",),
}
_MAX_LIST = 10_000  # characters
_PROMPT = ("prompt", "positive_prompt", "positiveprompt")
_NEGATIVE = ("negative_prompt", "negativeprompt", "uc", "negative")
_EASY = ("use_stable_diffusion_model", "stable_diffusion_model")  # the second where it is a title
_MODELS = ("model", "base_model", "model_name", "modelname", *_EASY)


def read_plain_fields(value: Any) -> Found | None:
    """Return what a mapping with a prompt and a seed or steps says, or None if it has none."""
    if not isinstance(value, dict):
        return None
    by_name = {str(k).strip().lower().replace(" ", "_"): v for k, v in value.items()}
    prompt = next((by_name[n] for n in _PROMPT if isinstance(by_name.get(n), str)), None)
    taken: dict[str, Any] = {
        field: next((by_name[n] for n in names if by_name.get(n) is not None), None)
        for field, names in _NAMES.items()
    }
    if not isinstance(prompt, str) or number(taken["seed"]) is None:
        return None
    if number(taken["steps"]) is None and number(taken["cfg"]) is None:
        return None
    negative = next((by_name[n] for n in _NEGATIVE if isinstance(by_name.get(n), str)), "")
    models = [by_name[n] for n in _MODELS if isinstance(by_name.get(n), str) and by_name[n]]
    return Found(
        software=_tool(by_name),
        prompt=prompt,
        negative=negative,
        size=(by_name.get("width"), by_name.get("height")),
        loras=_loras(by_name),
        models=models[:1],
        **taken,
    )


def _tool(fields: dict[str, Any]) -> str:
    if "mflux_version" in fields:
        return "mflux"
    if any(name in fields for name in _EASY):
        return "Easy Diffusion"
    named = fields.get("software")
    return named[:60] if isinstance(named, str) and named else "another tool"


def _loras(fields: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return LoRAs of a list of pairs or objects, of two parallel lists, or of one name."""
    found = [
        pair
        for name in ("loras", "lora", "models")
        if isinstance(fields.get(name), list)
        for item in fields[name]
        if (pair := _lora(item, sure=name != "models"))
    ]
    names = _first(fields, "lora_paths", "use_lora_model", "lora_model")
    weights = _first(fields, "lora_scales", "lora_alpha", "lora_strength")
    names, weights = _listed(names), _listed(weights) or [None]
    weights += [1.0] * (len(names) - len(weights))
    pairs = zip(names, weights, strict=False)
    return found + [(n, w) for n, w in pairs if isinstance(n, str) and n]


def _first(fields: dict[str, Any], *names: str) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _listed(value: Any) -> list[Any]:
    """Return a list, also one that Easy Diffusion wrote as text: of Python's form, or ``a, b``."""
    if isinstance(value, list):
        return list(value)
    if not isinstance(value, str):
        return [] if value is None else [value]
    text = value.strip()
    if text in ("", "None"):
        return []
    if text.startswith("[") and len(text) <= _MAX_LIST:
        with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            parsed = ast.literal_eval(text)
            return parsed if isinstance(parsed, list) else []
    return [part.strip() for part in text.split(",")]


def _lora(item: Any, sure: bool) -> tuple[str, Any] | None:
    if isinstance(item, dict):
        if not sure and str(item.get("type", "")).lower() != "lora":
            return None
        names = (item.get(key) for key in ("modelFileName", "name", "model", "file", "label"))
        name = next((n for n in names if isinstance(n, str) and n), "")
        return (name, item.get("weight", item.get("strength"))) if name else None
    if sure and isinstance(item, list) and len(item) >= 2:  # in either order
        name, weight = item[:2] if number(item[0]) is None else (item[1], item[0])
        return (name, weight) if isinstance(name, str) else None
    return (item, 1.0) if sure and isinstance(item, str) else None
