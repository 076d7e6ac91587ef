"""Cache of encoded prompts: another seed needs no text encoder."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from zimg_kernel.families.reading import Use
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.loaded_model import LoadedModel


class PromptCache:
    """Conditions of the most recent prompts."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._cached: OrderedDict[tuple[str, bool, str], Any] = OrderedDict()

    def get(self, model: LoadedModel, text: str, use: Use = "prompt") -> Any:
        """Return what the model's family makes of a text as it reads it, from memory if known."""
        encoders = [key for key in sorted(model.fingerprints) if key.startswith("text_encoder")]
        encoder = " ".join(model.fingerprints[key] for key in encoders) or model.card.id
        key = (encoder, use == "instruction", text)
        found = self._cached.pop(key, None)
        if found is None:
            found = family_of(model.card).encode(model, text, use)
        self._cached[key] = found
        while len(self._cached) > self._size:
            self._cached.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._cached.clear()
