"""Prompt embeddings: made without padding, and kept, so that a known prompt costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from .loading import LoadedModel
from .params import BadInput

if TYPE_CHECKING:
    import torch


class PromptCache:
    """Prompt embeddings, the most recent ones: another seed needs no text encoder."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, str], torch.Tensor] = OrderedDict()

    def get(self, model: LoadedModel, prompt: str) -> torch.Tensor:
        """Return the embeddings (tokens, features) of a prompt, from memory if known.

        The encoder runs on the prompt's own tokens; the stock pipeline pads them to 512,
        which for a causal encoder changes nothing but the time.
        """
        key = (model.fingerprints.get("text_encoder", model.card.id), prompt)
        found = self._kept.pop(key, None)
        if found is None:
            found = _encode(model, prompt)
        self._kept[key] = found
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _encode(model: LoadedModel, prompt: str) -> torch.Tensor:
    import torch

    pipe = model.pipe
    message = [{"role": "user", "content": prompt}]
    text = pipe.tokenizer.apply_chat_template(
        message, tokenize=False, add_generation_prompt=True, enable_thinking=True
    )
    ids = pipe.tokenizer(text, return_tensors="pt", truncation=False).input_ids
    if ids.shape[1] > model.card.max_tokens:
        raise BadInput(
            f"The prompt is {ids.shape[1]} tokens long and {model.card.title} reads "
            f"{model.card.max_tokens}: shorten it."
        )
    ids = ids.to(pipe._execution_device)
    with torch.inference_mode():
        states = pipe.text_encoder(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True
        ).hidden_states
    embeddings: torch.Tensor = states[-2][0]  # the layer that Z-Image was trained on
    return embeddings
