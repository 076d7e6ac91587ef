"""LoRA tags in prompts, such as ``<lora:name:0.8>``, and names of LoRA files."""

from __future__ import annotations

import re

_TAG = re.compile(
    r"<\s*(?:lora|lyco|lycoris)\s*:\s*([^<>:]{1,300})((?::[^<>:]{0,100}){0,6})>", re.I
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_ENDINGS = (".safetensors", ".ckpt", ".pt", ".bin", ".gguf", ".sft")


def take_lora_tags(prompt: str) -> tuple[str, list[tuple[str, float]]]:
    """Return a prompt without its LoRA tags, and the names and weights in them.

    Of two weights (``<lora:name:1:0.5>``, ``te=1:unet=0.5``) the model's own is the second or
    the one called ``unet``, as in A1111's extra networks.
    """
    if "<" not in prompt:
        return prompt.strip(), []
    found = [(match[1].strip(), _weight(match[2])) for match in _TAG.finditer(prompt)]
    if not found:
        return prompt.strip(), []
    # A tag leaves with the comma before it, or else the one behind it.
    *before, rest = _TAG.sub("\0", prompt).split("\0")
    text = "".join(part.rstrip(" \t,") for part in before) + rest
    return text.lstrip(" \t\n,").rstrip(), found


def lora_name(file: str) -> str:
    """Return a LoRA's name as ours are called: its path with "/" and without the ending."""
    name = file.strip().replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:/", name):
        name = name.rpartition("/")[2]
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name


def _weight(rest: str) -> float:
    parts = [part.strip() for part in rest.split(":")[1:]]
    named = dict(part.split("=", 1) for part in parts if part.count("=") == 1)
    plain = [part for part in parts if _NUMBER.fullmatch(part)]
    chosen = named.get("unet") or (plain[1] if len(plain) > 1 else plain[0] if plain else "")
    return float(chosen) if _NUMBER.fullmatch(chosen) else 1.0
