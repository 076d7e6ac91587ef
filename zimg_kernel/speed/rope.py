"""Rotary position tables of Z-Image as real cosines and sines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

MULTIPLE = 32
"""Tokens of a caption, and of a picture, are padded to a multiple of it (SEQ_MULTI_OF there)."""


def padding(tokens: int) -> int:
    """Return how many tokens are added to so many."""
    return -tokens % MULTIPLE


def caption_positions(tokens: int, device: torch.device) -> torch.Tensor:
    """Return positions (tokens, 3) of a padded caption: it lies along the first axis from 1."""
    import torch

    places = torch.zeros(tokens, 3, dtype=torch.int64, device=device)
    places[:, 0] = torch.arange(1, tokens + 1, device=device)
    return places


def picture_positions(caption: int, rows: int, columns: int, device: torch.device) -> torch.Tensor:
    """Return positions (rows * columns and padding, 3) of a picture behind its padded caption."""
    import torch

    down, across = torch.arange(rows, device=device), torch.arange(columns, device=device)
    first = torch.tensor([caption + 1], device=device)
    grid = torch.stack(torch.meshgrid(first, down, across, indexing="ij"), -1).reshape(-1, 3)
    return torch.nn.functional.pad(grid, (0, 0, 0, padding(len(grid))))


def tables(transformer: Any, positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return cosines and sines (tokens, head size / 2) in float32 of positions (tokens, 3).

    Angles are computed in float64 and rounded once, as diffusers' ``RopeEmbedder`` does.
    """
    import torch

    angles = []
    for axis, size in enumerate(transformer.axes_dims):
        powers = torch.arange(0, size, 2, dtype=torch.float64, device="cpu") / size
        frequencies = (1.0 / transformer.rope_theta**powers).to(positions.device)
        angles.append((positions[:, axis].double()[:, None] * frequencies).float())
    joined = torch.cat(angles, -1)
    return joined.cos(), joined.sin()
