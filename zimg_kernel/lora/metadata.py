"""Metadata of a LoRA file: title, trigger words, base model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

_TRIGGERS = (
    "modelspec.trigger_phrase",
    "trigger_phrase",
    "trigger_word",
    "trigger_words",
    "trainedWords",
    "ss_trigger_words",
)
_TITLES = ("modelspec.title", "ss_output_name", "name")
_BASES = ("modelspec.architecture", "ss_base_model_version", "base_model", "ss_sd_model_name")
_MOST_WORDS = 8
_OFTEN = 0.9  # of the pictures that have the most frequent tag


def title(metadata: Mapping[str, Any]) -> str:
    """Return the name that its maker gave it, or nothing."""
    return _first(metadata, _TITLES)


def said_base(metadata: Mapping[str, Any]) -> str:
    """Return the model that the metadata names, or nothing."""
    return _first(metadata, _BASES)


def trigger_words(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the words that its maker says call it up."""
    words: list[str] = []
    for key in _TRIGGERS:
        value = metadata.get(key)
        listed = _json(value)
        parts = listed if isinstance(listed, list) else str(value or "").split(",")
        words += [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    return tuple(dict.fromkeys(words))[:_MOST_WORDS]


def frequent_tags(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the tags of nearly all training pictures (``ss_tag_frequency`` of sd-scripts).

    Where nobody wrote trigger words down, these are most likely to be some.
    """
    folders = _json(metadata.get("ss_tag_frequency"))
    counts: Counter[str] = Counter()
    for tags in folders.values() if isinstance(folders, dict) else ():
        if isinstance(tags, dict):
            counts.update({t.strip(): n for t, n in tags.items() if isinstance(n, int)})
    most = max(counts.values(), default=0)
    often = [tag for tag, n in counts.most_common(_MOST_WORDS) if tag and n >= _OFTEN * most]
    return tuple(often)


def adapter_settings(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that diffusers and peft write beside the weights, or nothing."""
    found = _json(metadata.get("lora_adapter_metadata"))
    return found if isinstance(found, dict) else {}


def settings_beside(path: Path) -> str:
    """Return the text of peft's settings beside its ``adapter_model.safetensors``, or nothing.

    What ``save_pretrained`` of peft writes has rank and alpha there alone.
    """
    if path.name != "adapter_model.safetensors":
        return ""
    try:
        return path.with_name("adapter_config.json").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def with_settings(metadata: Mapping[str, Any], beside: str) -> Mapping[str, Any]:
    """Return metadata with peft's settings from beside the file, where it has none inside."""
    found = _json(beside)
    if not isinstance(found, dict) or adapter_settings(metadata):
        return metadata
    named = {f"transformer.{key}": value for key, value in found.items()}
    return {**metadata, "lora_adapter_metadata": json.dumps(named)}


def settings_digest(metadata: Mapping[str, Any]) -> str:
    """Return 8 hex digits that tell peft's settings apart; nothing where there are none."""
    found = adapter_settings(metadata)
    if not found:
        return ""
    return sha256(json.dumps(found, sort_keys=True, default=str).encode()).hexdigest()[:8]


def _first(metadata: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = metadata.get(key)
        if isinstance(value, str) and value.strip() not in ("", "None"):
            return " ".join(value.split())[:120]
    return ""


def _json(text: Any) -> Any:
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
