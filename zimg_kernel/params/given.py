"""Parameters from whatever a user gives: a prompt, whole parameters, a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zimg_kernel.errors import BadInput

from .generation import GenerationParams


def as_params(prompt: Any, changes: Mapping[str, Any]) -> GenerationParams:
    """Return parameters from a prompt, whole parameters, or a mapping, with some changed."""
    if isinstance(prompt, GenerationParams):
        return prompt.replace(**changes)
    if isinstance(prompt, Mapping):
        return GenerationParams.from_dict({**prompt, **changes})
    if prompt is None:
        return GenerationParams(**changes)
    if isinstance(prompt, str):
        return GenerationParams(prompt=prompt, **changes)
    raise BadInput(
        f"A prompt is text, not {type(prompt).__name__}.", code="wrong-type", field="prompt"
    )
