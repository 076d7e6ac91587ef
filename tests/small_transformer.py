"""A small transformer of Z-Image's architecture with random weights."""

from __future__ import annotations

from typing import Any

import torch


def make_transformer(seed: int = 0, **more: Any) -> Any:
    """Return a transformer in float32: 4 heads of 32, two refiners, three blocks."""
    from diffusers import ZImageTransformer2DModel

    torch.manual_seed(seed)
    sizes = {"dim": 128, "n_layers": 3, "n_refiner_layers": 2, "n_heads": 4, "n_kv_heads": 4}
    heads = {"axes_dims": [8, 12, 12], "axes_lens": [256, 64, 64], "cap_feat_dim": 48}
    module = ZImageTransformer2DModel(**{**sizes, **heads, **more}).eval().requires_grad_(False)
    for name, value in module.named_parameters():
        if "norm" in name and "weight" in name:
            value.data.uniform_(0.5, 1.5)
        elif value.ndim > 1:
            value.data.normal_(0, 0.08)
    return module


def latents(height: int, width: int, seed: int = 1) -> torch.Tensor:
    """Return latents (16, 1, height, width)."""
    return torch.randn(16, 1, height, width, generator=torch.Generator().manual_seed(seed))


def caption(tokens: int, seed: int = 2) -> torch.Tensor:
    """Return embeddings (tokens, 48)."""
    return torch.randn(tokens, 48, generator=torch.Generator().manual_seed(seed))
