"""Training stage 1: the autoencoder, on pictures drawn as it learns."""

from __future__ import annotations

import math
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zimg_kernel.nano.draw.render import Packed, draw, render_constants

from .common import TrainingStage, TrainSettings, autocast
from .latents import light_norms
from .optim import Optimiser

GATE_DB = 32.0
"""Reconstructions below this PSNR stop the training: nothing built on them can be sharp."""


def _edges(a: Tensor, b: Tensor) -> Tensor:
    """L1 between the horizontal and vertical differences of two pictures."""
    rows = (a[..., 1:, :] - a[..., :-1, :]) - (b[..., 1:, :] - b[..., :-1, :])
    columns = (a[..., 1:] - a[..., :-1]) - (b[..., 1:] - b[..., :-1])
    return rows.abs().mean() + columns.abs().mean()


@torch.no_grad()
def psnr(vae: Any, pictures: Tensor, device: str) -> float:
    """Peak signal-to-noise ratio in dB of reconstructions of pictures in 0..1."""
    errors = []
    for x in pictures.split(64):
        with autocast(device):
            y = vae.decode(vae.encode(x * 2 - 1).latent_dist.mode()).sample
        errors.append(((y.float() / 2 + 0.5).clamp(0, 1) - x).pow(2).mean())
    return float(-10 * torch.log10(torch.stack(errors).mean()))


@torch.no_grad()
def standardise(vae: Any, pictures: Tensor) -> None:
    """Scale each latent channel to unit deviation inside the weights; set the global factors."""
    z = torch.cat([vae.encode(x * 2 - 1).latent_dist.mode() for x in pictures.split(64)])
    s = z.std(dim=(0, 2, 3))
    n = len(s)
    out, first = vae.encoder.conv_out, vae.decoder.conv_in
    out.weight[:n] /= s[:, None, None, None]
    out.bias[:n] /= s
    out.bias[n:] -= 2 * s.log()
    first.weight *= s[None, :, None, None]
    z = z / s[None, :, None, None]
    vae.register_to_config(scaling_factor=1 / float(z.std()), shift_factor=float(z.mean()))


def train_vae(settings: TrainSettings, stage: TrainingStage, vae: Any, pool: Any) -> float:
    """Train until the stage's time is over; returns the PSNR in dB on unseen pictures."""
    device = settings.device
    vae = vae.to(device, memory_format=torch.channels_last)
    light_norms(vae)
    optimiser = Optimiser([vae])
    stage.restore({"vae": vae, "optimiser": optimiser})
    settings.distributed.broadcast_weights([vae])
    constants = render_constants(device)
    put = settings.compiled("put")
    rng = random.Random(f"vae {settings.seed}")
    pool.refresh(settings.toy_or(512, 10_000))
    shown: Packed = pool.scenes(settings.toy_or(16, 256), settings.toy)
    while stage.running():
        pool.refresh()
        done = stage.progress
        big = rng.random() < 0.6 and not settings.toy
        side, count = (256, 20) if big else (settings.toy_or(64, 128), settings.toy_or(8, 64))
        x = draw(pool.scenes(count, side < 256), side, side, constants, put) * 2 - 1
        x = x.contiguous(memory_format=torch.channels_last)
        rate = min(1.0, (stage.step + 1) / 50) * (0.02 + 0.98 * math.cos(done * math.pi / 2))
        with autocast(device):
            mean, logvar = vae.encoder(x).float().chunk(2, 1)
            logvar = logvar.clamp(-30, 20)
            z = mean + torch.randn_like(mean) * (0.5 * logvar).exp()
            noisy = torch.rand(count, 1, 1, 1, device=device) < 0.25
            z = z + noisy * 0.08 * z.detach().std() * torch.randn_like(z)
            y = vae.decoder(z)
        y = y.float()
        error = (y - x).abs().mean() + 2 * F.mse_loss(y, x) + 0.5 * _edges(y, x)
        kl = 0.5 * (mean.pow(2) + logvar.exp() - 1 - logvar).sum(dim=(1, 2, 3)).mean()
        loss = error + 1e-6 * kl
        loss.backward()
        optimiser.step(2e-3 * rate, 1.5e-3 * rate, settings.distributed)
        stage.tick(count, loss, {"vae": vae, "optimiser": optimiser})
    vae.eval()
    side = settings.toy_or(64, 256)
    pictures = draw(shown, side, side, constants)
    settings.distributed.broadcast_weights([vae])
    standardise(vae, pictures)
    settings.distributed.broadcast_weights([vae])
    agree = settings.distributed.broadcast_value
    vae.register_to_config(
        scaling_factor=agree(vae.config.scaling_factor), shift_factor=agree(vae.config.shift_factor)
    )
    quality = agree(psnr(vae, pictures, device))
    stage.finish({"vae": vae}, {"psnr": quality, "vae_config": dict(vae.config)})
    return quality
