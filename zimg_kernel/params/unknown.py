"""Refusal of unknown fields, which knows what other tools call ours."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from zimg_kernel.errors import BadInput

#: What other tools call our fields, so that a refusal can name the right one.
_ALSO_KNOWN_AS = {
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "cfg": "guidance",
    "cfg_scale": "guidance",
    "num_images_per_prompt": "count",
    "n": "count",
    "batch_size": "count",
    "negative": "negative_prompt",
    "model_id": "model",
    "size": "width",
    "scheduler": "sampler",
    "generator": "seed",
}


def refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse a field that there is not, with the one that was probably meant."""
    for name in given:
        if name in known:
            continue
        close = get_close_matches(name, known, n=1)
        meant = _ALSO_KNOWN_AS.get(name) or (close[0] if close else None)
        hint = f"did you mean {meant}?" if meant else f"known are {', '.join(known)}."
        raise BadInput(
            f"There is no parameter called {name!r}: {hint}", code="unknown-parameter", field=name
        )
