"""Prompt embeddings of Z-Image: encoded without padding, noise added on request."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from zimg_kernel.errors import BadInput
from zimg_kernel.models.loaded_model import LoadedModel

if TYPE_CHECKING:
    import torch


def encode(model: LoadedModel, prompt: str) -> torch.Tensor:
    """Return the embeddings (tokens, features) of a prompt.

    The encoder runs on the prompt's own tokens; the stock pipeline pads them to 512, which for
    a causal encoder changes nothing but the time.
    """
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
            f"{model.card.max_tokens}: shorten it.",
            code="prompt-too-long",
            field="prompt",
        )
    encoder = getattr(model.speed, "encoder", None)
    if encoder is not None:
        fast: torch.Tensor = encoder(ids)
        return fast
    ids = ids.to(pipe._execution_device)
    with torch.inference_mode():
        states = pipe.text_encoder(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True
        ).hidden_states
    embeddings: torch.Tensor = states[-2][0]  # the layer that Z-Image was trained on
    return embeddings


def with_noise(embeddings: torch.Tensor, amount: float, seed: int) -> torch.Tensor:
    """Return embeddings with Gaussian noise, or the very same tensor if the amount is 0.

    Noise on the condition makes samples differ (Sadat et al., "CADS", ICLR 2024; there it fades
    along the way, here it stays). Each feature's noise is measured by the standard deviation of
    that feature over the tokens. The first token is left as it is and does not count: in many
    language models a few of its activations are a thousand times larger than all others (Sun
    et al., "Massive Activations in Large Language Models", COLM 2024).

    Parameters
    ----------
    embeddings : Tensor
        (tokens, features) of one prompt.
    amount : float
        Standard deviations, 0 to 1.
    seed : int
        The picture's. The noise has a generator of its own, so that the initial noise of the
        picture is the same as without.
    """
    if not amount or len(embeddings) < 3:
        return embeddings
    import torch

    own = hashlib.sha256(f"embedding noise {seed}".encode()).digest()
    generator = torch.Generator("cpu").manual_seed(int.from_bytes(own[:8], "big"))
    rest = embeddings[1:].float()
    noise = torch.randn(rest.shape, generator=generator).to(rest.device)
    noisy = rest + amount * rest.std(0, correction=0, keepdim=True) * noise
    return torch.cat([embeddings[:1], noisy.to(embeddings.dtype)])
