"""Training stages 2 and 3: the guided base model, then its 8-step student without guidance."""

from __future__ import annotations

import copy
import random
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from zimg_kernel.nano.forward import encode_text, velocity
from zimg_kernel.nano.models import STEPS, sigmas
from zimg_kernel.nano.optim import Average, Optimiser
from zimg_kernel.nano.train_common import Latents, Setting, Stage, autocast, pad_empty, pick_size

DROPPED = 0.1
"""Share of captions replaced by the empty prompt, so that guidance has something to push from."""


def _times(n: int, device: str, shift: float) -> Tensor:
    """Noise levels: logit-normal, moved towards noise by a shift as at sampling."""
    s = torch.sigmoid(torch.randn(n, device=device))
    return shift * s / (1 + (shift - 1) * s)


def train_base(
    setting: Setting,
    stage: Stage,
    models: tuple[Any, Any, Any],
    pool: Any,
    empty: Tensor,
    *,
    small: float = 0.42,
) -> None:
    """Train transformer and text encoder together by flow matching.

    The first part (``small`` of the time) is at 128 x 128, where words are learned fast, the
    rest at the native size and its neighbours; the rate falls to zero over the last 40 %.
    """
    transformer, encoder, vae = models
    device = setting.device
    latents = Latents(setting, vae)
    optimiser = Optimiser([transformer, encoder])
    average = Average([transformer, encoder])
    objects = {
        "transformer": transformer,
        "encoder": encoder,
        "optimiser": optimiser,
        "average_transformer": average.copies[0],
        "average_encoder": average.copies[1],
    }
    stage.restore(objects)
    average.count = stage.step
    block = setting.compiled("block")
    rng = random.Random(f"base {setting.seed} {stage.step}")
    pool.refresh(setting.toy_or(512, 300_000))
    while stage.running():
        pool.refresh()
        done = stage.progress
        if done < small and not setting.toy:
            height, width, count = 128, 128, 1024
        else:
            height, width, count = pick_size(setting, rng, setting.toy_or(16, 512))
        packed, ids, real = pool.batch(count, rng)
        x0 = latents.encode(packed, height, width)
        drop = torch.rand(count, device=device) < DROPPED
        e_ids, e_real = pad_empty(empty, count, ids.shape[1])
        ids = torch.where(drop[:, None], e_ids, ids)
        real = torch.where(drop[:, None], e_real, real)
        s = _times(count, device, 1.5 if height * width < 30_000 else 2.5)
        noise = torch.randn_like(x0)
        mixed = x0 + s[:, None, None, None] * (noise - x0)
        with autocast(device):
            caption = encode_text(encoder, ids)
            v = velocity(transformer, mixed, 1 - s, caption, real, block)
        loss = F.mse_loss(v.float(), x0 - noise)
        loss.backward()
        rate = min(1.0, (stage.step + 1) / 200) * min(1.0, max(0.01, (1 - done) / 0.4))
        optimiser.step(2e-3 * rate, 1.5e-3 * rate)
        average.update()
        stage.tick(count, loss, objects)
    transformer.load_state_dict(average.copies[0].state_dict())
    encoder.load_state_dict(average.copies[1].state_dict())
    stage.finish({"transformer": transformer, "encoder": encoder})


class Teacher:
    """Follows the guided base model from one noise level to a lower one."""

    def __init__(self, model: Any, guidance: float, substeps: int, block: Any) -> None:
        self.model, self.guidance, self.substeps, self.block = model, guidance, substeps, block

    @torch.no_grad()
    def follow(
        self,
        z: Tensor,
        levels: tuple[Tensor, Tensor],
        caption: tuple[Tensor, Tensor],
        without: tuple[Tensor, Tensor],
    ) -> Tensor:
        """Mean velocity from the first to the second of ``levels`` (each (N,))."""
        start, end = levels
        features = torch.cat([caption[0], without[0]])
        real = torch.cat([caption[1], without[1]])
        x, step = z, (start - end) / self.substeps
        for k in range(self.substeps):
            t = 1 - (start - k * step)
            v = velocity(self.model, x.repeat(2, 1, 1, 1), t.repeat(2), features, real, self.block)
            with_caption, empty = v.float().chunk(2)
            v = with_caption + self.guidance * (with_caption - empty)
            x = x + step[:, None, None, None] * v
        return (x - z) / (start - end)[:, None, None, None]


def train_turbo(
    setting: Setting,
    stage: Stage,
    models: tuple[Any, Any, Any],
    pool: Any,
    empty: Tensor,
    *,
    guidance: float = 1.5,
    substeps: int = 3,
) -> None:
    """Distil the guided base model into 8 steps without guidance.

    For each step of the fixed schedule the student learns the teacher's mean velocity over
    that step, half of the time from noised data, half from where its own steps lead.
    """
    transformer, encoder, vae = models
    device = setting.device
    teacher_model = copy.deepcopy(transformer).requires_grad_(False).eval()
    encoder.requires_grad_(False).eval()
    latents = Latents(setting, vae)
    optimiser = Optimiser([transformer])
    average = Average([transformer])
    objects = {"transformer": transformer, "optimiser": optimiser, "average": average.copies[0]}
    stage.restore(objects)
    average.count = stage.step
    block = setting.compiled("block")
    teacher = Teacher(teacher_model, guidance, substeps, block)
    levels = sigmas(STEPS).to(device)
    rng = random.Random(f"turbo {setting.seed} {stage.step}")
    pool.refresh(setting.toy_or(512, 300_000))
    while stage.running():
        pool.refresh()
        height, width, count = pick_size(setting, rng, setting.toy_or(8, 256))
        packed, ids, real = pool.batch(count, rng)
        with torch.no_grad(), autocast(device):
            caption = encode_text(encoder, ids)
            e_ids, e_real = pad_empty(empty, 1, ids.shape[1])
            none = encode_text(encoder, e_ids).expand(count, -1, -1)
            e_real = e_real.expand(count, -1)
            if rng.random() < 0.5:
                x0 = latents.encode(packed, height, width)
                k = torch.randint(0, STEPS, (count,), device=device)
                s = levels[k][:, None, None, None]
                z = x0 + s * (torch.randn_like(x0) - x0)
            else:
                z, k = _rollout(transformer, levels, caption, real, (height, width), block)
            ends = (levels[k], levels[k + 1])
            target = teacher.follow(z, ends, (caption, real), (none, e_real))
        with autocast(device):
            v = velocity(transformer, z, 1 - ends[0], caption, real, block)
        loss = F.mse_loss(v.float(), target)
        loss.backward()
        done = stage.progress
        rate = min(1.0, (stage.step + 1) / 50) * max(0.01, 1 - done)
        optimiser.step(5e-4 * rate, 3e-4 * rate)
        average.update()
        stage.tick(count, loss, objects)
    transformer.load_state_dict(average.copies[0].state_dict())
    stage.finish({"transformer": transformer})


def _rollout(
    model: Any, levels: Tensor, caption: Tensor, real: Tensor, size: tuple[int, int], block: Any
) -> tuple[Tensor, Tensor]:
    """Where the student's own steps lead: latents at step k, each picture at a k of its own.

    The k are spread evenly over the batch; pictures whose k is reached take no further steps.
    """
    n, device = len(caption), caption.device
    z = torch.randn(n, 16, size[0] // 8, size[1] // 8, device=device)
    k = torch.arange(n, device=device) * STEPS // n
    for i in range(STEPS - 1):
        a = -(-n * (i + 1) // STEPS)
        if a >= n:
            break
        t = (1 - levels[i]).expand(n - a)
        v = velocity(model, z[a:], t, caption[a:], real[a:], block).float()
        z = torch.cat([z[:a], z[a:] + (levels[i] - levels[i + 1]) * v])
    return z, k
