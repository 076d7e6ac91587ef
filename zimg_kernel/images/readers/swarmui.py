"""Reader of SwarmUI's records."""

from __future__ import annotations

from typing import Any

from .found import Found


def read_swarmui(value: Any) -> Found | None:
    """Return what the JSON under ``sui_image_params`` says, or None if there is none."""
    params = value.get("sui_image_params") if isinstance(value, dict) else None
    if not isinstance(params, dict) or not isinstance(params.get("prompt"), str):
        return None
    names, weights = _listed(params.get("loras")), _listed(params.get("loraweights"))
    weights += [1.0] * (len(names) - len(weights))
    negative = params.get("negativeprompt")
    return Found(
        software="SwarmUI",
        prompt=params["prompt"],
        negative=negative if isinstance(negative, str) else "",
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
    )


def _listed(value: Any) -> list[Any]:
    """Return a list that older versions wrote as one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list) else []
