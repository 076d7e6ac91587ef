"""Reader of SwarmUI's records."""

from __future__ import annotations

import re
from typing import Any

from .found import Found

_SECTION = re.compile(
    r"<\s*(base|refiner|video|videoswap|region|object|segment|clear|extend)\s*(?::[^<>]*)?>", re.I
)


def read_swarmui(value: Any) -> Found | None:
    """Return what the JSON under ``sui_image_params`` says, or None if there is none."""
    params = value.get("sui_image_params") if isinstance(value, dict) else None
    if not isinstance(params, dict) or not isinstance(params.get("prompt"), str):
        return None
    names, weights = _listed(params.get("loras")), _listed(params.get("loraweights"))
    weights += [1.0] * (len(names) - len(weights))
    negative = params.get("negativeprompt")
    prompt, others = _without_sections(params["prompt"])
    note = f"Its prompt has parts for passes that we do not have, left out here: {others}."
    return Found(
        software="SwarmUI",
        prompt=prompt,
        negative=_without_sections(negative)[0] if isinstance(negative, str) else "",
        seed=params.get("seed"),
        steps=params.get("steps"),
        cfg=params.get("cfgscale"),
        sampler=params.get("sampler", params.get("comfyuisampler")),
        scheduler=params.get("scheduler", params.get("comfyuischeduler")),
        shift=params.get("sigmashift"),
        size=(params.get("width"), params.get("height")),
        loras=list(zip(map(str, names), weights, strict=False)),
        models=[str(params["model"])] if params.get("model") else [],
        details={"swarm_version": params.get("swarm_version")},
        notes=[note] if others else [],
    )


def _without_sections(prompt: str) -> tuple[str, str]:
    """Return the part of a prompt for the first pass, and the names of the others.

    ``<segment:face> a smile`` begins a part that is drawn later and elsewhere, up to the next
    such tag; what is behind ``<base>`` belongs to the first pass.
    """
    first, *rest = _SECTION.split(prompt)
    parts = list(zip(map(str.lower, rest[::2]), rest[1::2], strict=True))
    kept = [first.strip(), *(text.strip() for name, text in parts if name == "base")]
    others = dict.fromkeys(name for name, _ in parts if name != "base")
    return " ".join(filter(None, kept)), ", ".join(others)


def _listed(value: Any) -> list[Any]:
    """Return a list that older versions wrote as one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list) else []
