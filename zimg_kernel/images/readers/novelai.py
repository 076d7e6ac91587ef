"""Reader of NovelAI's records."""

from __future__ import annotations

from typing import Any

from ..text import parse_json
from .found import Found


def read_novelai(texts: dict[str, str]) -> Found | None:
    """Return what the chunks Software, Source, Description and Comment say, or None."""
    value = parse_json(texts.get("Comment", ""))
    if not isinstance(value, dict):
        return None
    if texts.get("Software") != "NovelAI" and not {"uc", "v4_prompt"} & value.keys():
        return None
    negative = _caption(value.get("v4_negative_prompt"))
    prompt = _caption(value.get("v4_prompt")) or _text(value.get("prompt"))
    return Found(
        software="NovelAI",
        prompt=prompt or texts.get("Description", ""),
        negative=negative or _text(value.get("uc")),
        seed=value.get("seed"),
        steps=value.get("steps"),
        cfg=value.get("scale"),
        sampler=value.get("sampler"),
        scheduler=value.get("noise_schedule"),
        size=(value.get("width"), value.get("height")),
        models=[texts["Source"]] if texts.get("Source") else [],
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _caption(prompt: Any) -> str:
    """Return the base caption of version 4 and, behind it, those of the characters."""
    caption = prompt.get("caption") if isinstance(prompt, dict) else None
    if not isinstance(caption, dict):
        return ""
    parts = [_text(caption.get("base_caption"))]
    listed = caption.get("char_captions")
    for character in listed if isinstance(listed, list) else []:
        if isinstance(character, dict):
            parts.append(_text(character.get("char_caption")))
    return ", ".join(part.strip(" ,") for part in parts if part.strip(" ,"))
