"""Read the parameters in pictures by A1111, ComfyUI and others, through sd-parsers."""

from __future__ import annotations

from typing import Any

from PIL import Image

from .params import MAX_STEPS, BadInput, GenerationParams


def read_foreign(image: Image.Image) -> dict[str, Any] | None:
    """Return another tool's picture as a record of ours, or None if it says nothing.

    What fits our fields is taken over (prompt, negative prompt, steps, seed, size, guidance
    as their scale less 1); the model's name is kept only as text, for it is seldom one of
    our cards, and everything else goes into ``foreign``.
    """
    from sd_parsers import ParserManager  # takes 40 ms: only where needed

    try:
        found = ParserManager().parse(image)
    except Exception:  # a parser's trouble with a stranger's file is not ours
        return None
    if found is None or not found.full_prompt.strip():
        return None
    sampler = dict(found.samplers[0].parameters) if found.samplers else {}
    fields: dict[str, Any] = {
        "prompt": found.full_prompt,
        "negative_prompt": found.full_negative_prompt,
        "width": image.width if image.width % 16 == 0 else None,
        "height": image.height if image.height % 16 == 0 else None,
    }
    fields.update(_numbers(sampler))
    try:
        params = GenerationParams(**fields)
    except BadInput:
        return None
    models = [str(model) for model in found.models]
    return {
        "params": params.model_dump(),
        "software": str(found.generator.value),
        "foreign": {"models": models, "sampler": {k: str(v) for k, v in sampler.items()}},
    }


def _numbers(sampler: dict[str, Any]) -> dict[str, Any]:
    taken: dict[str, Any] = {}
    steps = _number(sampler.get("steps"))
    seed = _number(sampler.get("seed"))
    scale = _number(sampler.get("cfg_scale"))
    if steps is not None and 1 <= steps <= MAX_STEPS:
        taken["steps"] = int(steps)
    if seed is not None and 0 <= seed < 2**64:
        taken["seed"] = int(seed)
    if scale is not None and 1 <= scale <= 31:
        taken["guidance"] = scale - 1
    return taken


def _number(value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    try:
        text = str(value)
        return int(text) if text.isdigit() else float(text)
    except ValueError:
        return None
