"""Parameters written as A1111 writes them, the text that most other tools can read."""

from __future__ import annotations

import json
from typing import Any


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
