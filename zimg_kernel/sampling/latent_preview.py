"""Latent previews: small pictures of a denoising step without the VAE."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ImageDraw
from PIL.Image import Image, Resampling, new

if TYPE_CHECKING:
    import torch

_FIT_SIDE = 128  # px, of the pictures from which the first colours are learned
_FIRST_WEIGHT = 0.01  # how little those count beside the model's own pictures
_LESSONS = 16  # pictures to learn from; more change nothing that can be seen
_RIDGE = 1e-4


class LatentColours:
    """A linear map from latent channels to RGB that learns from the pictures it has seen.

    It starts with a few drawn shapes that the VAE encodes, and is refined by each finished
    picture (:meth:`learn`): latents regressed on the mean colour of their 8 by 8 pixels, by
    ridge regression. The same works for every VAE, so no table of constants is kept.

    Parameters
    ----------
    pipe : diffusers pipeline
        One whose ``vae`` is an AutoencoderKL.
    """

    def __init__(self, pipe: Any) -> None:
        import torch

        vae = pipe.vae
        pixels = torch.tensor(np.stack([np.asarray(picture) for picture in _shapes(4)]))
        batch = (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).to(vae.dtype)
        with torch.no_grad():
            posterior = vae.encode(batch.to(pipe._execution_device)).latent_dist
        latents = (posterior.mode().float().cpu() - _shift(vae)) * vae.config.scaling_factor
        size = latents.shape[1] + 1
        self._squares, self._products = torch.zeros(size, size), torch.zeros(size, 3)
        for sample, picture in zip(latents, _shapes(4), strict=True):
            self._add(sample, picture, _FIRST_WEIGHT)
        self._lessons = 0

    def learn(self, latents: torch.Tensor, picture: Image) -> None:
        """Refine the map by a finished picture and its latents (channels, height, width)."""
        if self._lessons < _LESSONS:
            self._lessons += 1
            self._add(latents.float().cpu(), picture, 1.0)

    def _add(self, latents: torch.Tensor, picture: Image, weight: float) -> None:
        import torch

        samples = latents.flatten(1).T
        samples = torch.cat([samples, torch.ones(len(samples), 1)], 1)
        small = picture.convert("RGB").resize((latents.shape[2], latents.shape[1]), Resampling.BOX)
        colours = torch.tensor(np.asarray(small)).reshape(-1, 3).float() / 255
        self._squares = self._squares + weight * samples.T @ samples / len(samples)
        self._products = self._products + weight * samples.T @ colours / len(samples)
        ridge = _RIDGE * self._squares.diagonal().mean() * torch.eye(len(self._squares))
        self._matrix = torch.linalg.solve(self._squares + ridge, self._products)

    def sketch(self, latents: torch.Tensor) -> torch.Tensor:
        """Return the colours of latents (channels, height, width) as bytes (height, width, 3).

        On CUDA the result arrives in RAM only when the stream has got there.
        """
        import torch

        matrix = self._matrix.to(latents.device, non_blocking=True)
        rgb = latents.float().permute(1, 2, 0) @ matrix[:-1] + matrix[-1]
        pixels = (rgb.clamp(0, 1) * 255).round().byte()
        if latents.device.type != "cuda":
            return pixels.cpu()
        arrived = torch.empty(pixels.shape, dtype=torch.uint8, pin_memory=True)
        return arrived.copy_(pixels, non_blocking=True)


def _shift(vae: Any) -> float:
    return float(getattr(vae.config, "shift_factor", None) or 0.0)


def _shapes(count: int) -> Iterator[Image]:
    """Yield pictures of discs and squares in random colours, always the same ones."""
    draw_from = random.Random(0)

    def colour() -> tuple[int, int, int]:
        return draw_from.randrange(256), draw_from.randrange(256), draw_from.randrange(256)

    for _ in range(count):
        picture = new("RGB", (_FIT_SIDE, _FIT_SIDE), colour())
        pen = ImageDraw.Draw(picture)
        for _ in range(6):
            left, top = draw_from.randrange(-20, _FIT_SIDE), draw_from.randrange(-20, _FIT_SIDE)
            side = draw_from.randrange(24, 64)
            shape = pen.ellipse if draw_from.random() < 0.5 else pen.rectangle
            shape((left, top, left + side, top + side), fill=colour())
        yield picture
