"""Transformer wrapper that runs on overlapping tiles, for enlarging without seams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import torch

_OVERLAP = 3  # a tile shares at least one part in so many with the next one
_RIM = 4  # and of that part one in so many, at its very edge, is not used
_GRID = 2  # latents; a patch of the transformer


def starts(length: int, tile: int) -> list[int]:
    """Return where tiles begin along a side: they cover all of it, and overlap.

    Parameters
    ----------
    length, tile : int
        In latents (8 px), multiples of 2.
    """
    if length <= tile:
        return [0]
    count = -(-(length - tile) // (tile - tile // _OVERLAP)) + 1
    last = length - tile
    return [round(last * i / (count - 1) / _GRID) * _GRID for i in range(count)]


def window(tile: int, before: int, after: int) -> np.ndarray:
    """Return weights (tile,) that rise and fall over what is shared with neighbours.

    The outermost part is hardly used: what a model draws at the edge of its picture (a thing
    that is cut off there, say) is what it knows least about.
    """
    place = np.arange(tile) + 0.5
    weights = np.ones(tile)
    for shared, distance in ((before, place), (after, tile - place)):
        if shared:
            rim = shared / _RIM
            weights *= np.clip((distance - rim) / (shared - 2 * rim), 1e-4, 1)
    return weights.astype(np.float32)


class TiledTransformer:
    """Stands for a transformer in a pipeline: predicts tile by tile, and cross-fades.

    At every step each tile's prediction is averaged with its neighbours' where they overlap, so
    that all of them draw one picture (Bar-Tal et al., "MultiDiffusion", ICML 2023).

    Parameters
    ----------
    transformer : ZImageTransformer2DModel
        The warm one; nothing of it is copied.
    tile : (height, width)
        In latents, multiples of 2.
    """

    def __init__(self, transformer: Any, tile: tuple[int, int]) -> None:
        self._inner = transformer
        self.tile = tile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __call__(
        self, latents: list[torch.Tensor], time: torch.Tensor, prompts: Any, **more: Any
    ) -> tuple[list[torch.Tensor]]:
        """Predict for latents (channels, 1, height, width), one tile of all of them at a time."""
        import torch

        height, width = latents[0].shape[-2:]
        down, across = starts(height, self.tile[0]), starts(width, self.tile[1])
        tall, wide = min(height, self.tile[0]), min(width, self.tile[1])
        totals = [torch.zeros_like(x, dtype=torch.float32) for x in latents]
        weights = torch.zeros(height, width, device=latents[0].device)
        for j, top in enumerate(down):
            for i, left in enumerate(across):
                rows = window(tall, _shared(down, j, tall), _shared(down, j + 1, tall))
                columns = window(wide, _shared(across, i, wide), _shared(across, i + 1, wide))
                weight = torch.from_numpy(np.outer(rows, columns)).to(weights.device)
                place = (..., slice(top, top + tall), slice(left, left + wide))
                parts = [x[place] for x in latents]
                predicted = self._inner(parts, time, prompts, **more)[0]
                for total, part in zip(totals, predicted, strict=True):
                    total[place] += part.float() * weight
                weights[place] += weight
        return ([total / weights for total in totals],)


def _shared(begins: list[int], index: int, tile: int) -> int:
    """Return the overlap of tile ``index`` with the one before it; 0 at the ends."""
    if not 0 < index < len(begins):
        return 0
    return begins[index - 1] + tile - begins[index]
