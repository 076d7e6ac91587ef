"""Reader of InvokeAI's records."""

from __future__ import annotations

from typing import Any

from ..text import parse_json
from .found import Found

_VARIANCE = (
    "It was drawn with InvokeAI's seed variance, noise of another kind on the prompt's embedding: "
    "the picture will differ."
)


def read_invokeai(text: str) -> Found | None:
    """Return what the chunk ``invokeai_metadata`` says; any key may be absent or null."""
    value = parse_json(text)
    if not isinstance(value, dict) or not isinstance(value.get("positive_prompt"), str):
        return None
    cfg = value.get("cfg_scale")
    return Found(
        software="InvokeAI",
        prompt=value["positive_prompt"],
        negative=_text(value.get("negative_prompt")),
        seed=value.get("seed"),
        steps=value.get("steps"),
        cfg=value.get("guidance") if cfg is None else cfg,
        # Their schedulers are named after samplers; "_k" means Karras' noise levels.
        sampler=_text(value.get("scheduler")).removesuffix("_k"),
        scheduler="karras" if _text(value.get("scheduler")).endswith("_k") else None,
        shift=value.get("z_image_shift", value.get("shift")),
        size=(value.get("width"), value.get("height")),
        loras=[pair for item in _list(value.get("loras")) for pair in _lora(item)],
        models=[name] if (name := _name(value.get("model"))) else [],
        details={
            key: value[key]
            for key in ("generation_mode", "app_version")
            if isinstance(value.get(key), str)
        },
        notes=[_VARIANCE] if value.get("z_image_seed_variance_enabled") is True else [],
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(model: Any) -> str:
    """Return a model's name: ``name`` since version 4, ``model_name`` before, or a plain text."""
    if isinstance(model, dict):
        return _text(model.get("name")) or _text(model.get("model_name"))
    return _text(model)


def _lora(item: Any) -> list[tuple[str, Any]]:
    if not isinstance(item, dict):
        return []
    name = _name(item.get("model") or item.get("lora"))
    return [(name, item.get("weight"))] if name else []
