"""Reader of Fooocus' records of its own scheme."""

from __future__ import annotations

import re
from typing import Any

from .found import Found
from .numbers import size_of


def read_fooocus(value: Any) -> Found | None:
    """Return what Fooocus' JSON says, or None if it is of another kind.

    Keys of version 2.1 are titles ("Guidance Scale"), later ones plain names. The prompt is the
    one that was typed; styles and expansions are in ``full_prompt``.
    """
    if not isinstance(value, dict):
        return None
    params = {str(key).lower().replace(" ", "_"): found for key, found in value.items()}
    typed = _text(params.get("prompt")) or _text(params.get("full_prompt"))
    if not typed or not {"base_model", "sharpness", "performance"} & params.keys():
        return None
    if "mflux_version" in params:  # which names a base_model, too
        return None
    return Found(
        software="Fooocus",
        prompt=typed,
        negative=_text(params.get("negative_prompt"))
        or _text(params.get("full_negative_prompt"), whole=True),
        seed=params.get("seed"),
        steps=params.get("steps"),
        cfg=params.get("guidance_scale"),
        sampler=params.get("sampler"),
        scheduler=params.get("scheduler"),
        size=size_of(params.get("resolution", "")),
        loras=_loras(params),
        models=[str(params["base_model"])] if params.get("base_model") else [],
        details={key: params.get(key) for key in ("performance", "sharpness", "version")},
    )


def _text(value: Any, whole: bool = False) -> str:
    """Return a text, or the first one of a list: there the typed words come first."""
    if isinstance(value, list):
        texts = [item for item in value if isinstance(item, str) and item]
        return ", ".join(texts) if whole else next(iter(texts), "")
    return value if isinstance(value, str) else ""


def _loras(params: dict[str, Any]) -> list[tuple[str, Any]]:
    listed = params.get("loras")
    found = [
        (item[0], item[1])
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, list) and len(item) >= 2 and isinstance(item[0], str)
    ]
    for key, value in params.items():
        if re.fullmatch(r"lora_combined_\d+|lora_\d+", key) and isinstance(value, str):
            name, _, weight = value.rpartition(" : ")
            if name and (name, weight) not in found:
                found.append((name, weight))
    return found
