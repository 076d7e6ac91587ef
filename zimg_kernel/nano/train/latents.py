"""Latents to train on: pictures of random sizes, drawn, encoded and reused for a while."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from zimg_kernel.nano.draw import render

from .common import TrainSettings, autocast

T = TypeVar("T")
SIZES = {(256, 256): 0.7, (192, 256): 0.08, (256, 192): 0.08, (320, 320): 0.06, (128, 128): 0.08}


class LightNorm(torch.nn.GroupNorm):
    """Group normalisation in the dtype of its input: autocast would use float32, for twice
    the memory traffic, which is what a small autoencoder spends its time on."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise without leaving the dtype of x."""
        with torch.autocast(x.device.type, enabled=False):
            weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
            return F.group_norm(x, self.num_groups, weight, bias, self.eps)


def light_norms(vae: torch.nn.Module) -> None:
    """Replace an autoencoder's group norms by ones that work in the dtype of their input."""
    for module in vae.modules():
        if type(module) is torch.nn.GroupNorm:
            module.__class__ = LightNorm


class Replay:
    """Reuse of encoded batches: encoding takes as long as learning from them.

    Batches are kept as they came, on the device, and drawn with a generator that all
    processes share, so that all work on pictures of one size.
    """

    def __init__(self, lesson: bool = False) -> None:
        self.batches: list[Any] = []
        self.most = 1500
        # On a CPU encoding is slower still, and a lesson's world is small.
        self.least, self.share = (10, 0.85) if lesson else (50, 0.7)

    def __call__(self, rng: random.Random, make: Callable[[], T]) -> T:
        """Return a new batch, or one of the old."""
        if len(self.batches) >= self.least and rng.random() < self.share:
            old: T = rng.choice(self.batches)
            return old
        new = make()
        if len(self.batches) < self.most:
            self.batches.append(new)
        else:
            self.batches[rng.randrange(self.most)] = new
        return new


class Latents:
    """Drawing of scenes and their encoding to standardised latents."""

    def __init__(self, settings: TrainSettings, vae: Any) -> None:
        self.constants = render.render_constants(settings.device)
        self.put = settings.compiled("put")
        self.vae, self.device = vae, settings.device
        light_norms(vae)
        encoder = vae.encoder.to(memory_format=torch.channels_last)
        self.encoder = encoder if settings.toy else torch.compile(encoder, dynamic=True)

    @torch.no_grad()
    def encode(self, packed: render.Packed, height: int, width: int) -> Tensor:
        """Latents (N, 16, height / 8, width / 8) of mean 0 and deviation 1."""
        x = render.draw(packed, height, width, self.constants, self.put) * 2 - 1
        x = x.contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            z = self.encoder(x).float().chunk(2, 1)[0]
        factor, shift = self.vae.config.scaling_factor, self.vae.config.shift_factor
        return ((z - shift) * factor).contiguous()


def pick_size(settings: TrainSettings, rng: random.Random, count: int) -> tuple[int, int, int]:
    """Height, width and batch size: ``count`` is for 256 x 256, other sizes in proportion."""
    if settings.toy:
        return settings.side, settings.side, count
    height, width = rng.choices(tuple(SIZES), tuple(SIZES.values()))[0]
    return height, width, max(8, min(4 * count, int(count * 65536 / height / width) // 8 * 8))


def pad_empty(empty: Tensor, n: int, length: int) -> tuple[Tensor, Tensor]:
    """The empty prompt's ids and mask for a batch of n captions of a padded length."""
    ids = torch.zeros(n, length, dtype=torch.long, device=empty.device)
    ids[:, : len(empty)] = empty
    real = torch.zeros(n, length, dtype=torch.bool, device=empty.device)
    real[:, : len(empty)] = True
    return ids, real
