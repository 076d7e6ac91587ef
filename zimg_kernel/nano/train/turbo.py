"""Training stage 3: the 8-step student of the guided base model, without guidance."""

from __future__ import annotations

import copy
import random
from typing import Any, cast

import torch
from torch import Tensor

from zimg_kernel.nano.forward import encode_text, velocity
from zimg_kernel.nano.models import STEPS, sigmas

from .common import TrainingStage, TrainSettings, autocast
from .flow import Models, Pools, TextBatch, lettering
from .latents import Latents, Replay, pad_empty, pick_size
from .low_rank import LowRank
from .optim import Average


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
    settings: TrainSettings,
    stage: TrainingStage,
    models: Models,
    pools: Pools,
    *,
    guidance: float = 1.5,
    substeps: int = 3,
    rank: int = 32,
) -> None:
    """Distil the guided base model into 8 steps without guidance.

    For each step of the fixed schedule the student learns the teacher's mean velocity over
    that step, half of the time from noised data, half from where its own steps lead. It is
    trained as a difference of a ``rank`` to the base model, for so it is stored.
    """
    transformer, encoder, vae = models[:3]
    device = settings.device
    teacher_model = copy.deepcopy(transformer).requires_grad_(False).eval()
    encoder.requires_grad_(False).eval()
    latents = Latents(settings, vae)
    settings.distributed.broadcast_weights([transformer, teacher_model, encoder])
    student = LowRank(transformer, rank)
    settings.distributed.broadcast_weights([student])
    average = Average([student])
    averaged = cast(LowRank, average.copies[0])
    objects = {"transformer": transformer, "student": student, "average": averaged}
    objects["optimiser"] = student.adamw
    stage.restore(objects)
    average.count = stage.step
    block = settings.compiled("block")
    teacher = Teacher(teacher_model, guidance, substeps, block)
    levels = sigmas(STEPS).to(device)
    rng = random.Random(f"turbo {settings.seed} {stage.step}")
    pools.text.refresh(settings.toy_or(512, 20_000))
    replay = Replay(settings.lesson)

    def encoded() -> TextBatch:
        height, width, count = pick_size(settings, rng, settings.toy_or(8, 192))
        (packed,), ids, real = pools.text.batch(count, rng, min(height, width) < 256)
        x0 = latents.encode(packed, height, width).bfloat16()
        return TextBatch(x0, ids, real, lettering(packed, height, width))

    while stage.running():
        pools.text.refresh()
        x0, ids, real, weight = replay(rng, encoded)
        count = len(ids)
        with torch.no_grad(), autocast(device):
            caption = encode_text(encoder, ids)
            e_ids, e_real = pad_empty(models.empty, 1, ids.shape[1])
            none = encode_text(encoder, e_ids).expand(count, -1, -1)
            e_real = e_real.expand(count, -1)
            if rng.random() < 0.5:
                k = torch.randint(0, STEPS, (count,), device=device)
                s = levels[k][:, None, None, None]
                z = x0.float() + s * (torch.randn(x0.shape, device=device) - x0.float())
            else:
                z, k = _rollout(transformer, levels, caption, real, x0.shape, block)
            ends = (levels[k], levels[k + 1])
            target = teacher.follow(z, ends, (caption, real), (none, e_real))
        with autocast(device):
            v = velocity(transformer, z, 1 - ends[0], caption, real, block)
        loss = (weight * (v.float() - target).pow(2)).mean()
        loss.backward()
        done = stage.progress
        rate = min(1.0, (stage.step + 1) / 50) * max(0.01, 1 - done)
        student.step(1e-3 * rate, 3e-4 * rate, settings.distributed)
        average.update()
        stage.tick(count, loss, objects)
    transformer.load_state_dict(averaged.weights())
    stage.finish({"transformer": transformer})


def _rollout(
    model: Any, levels: Tensor, caption: Tensor, real: Tensor, shape: torch.Size, block: Any
) -> tuple[Tensor, Tensor]:
    """Roll the student out by its own steps: latents at step k, each picture at a k of its own.

    The k are spread evenly over the batch; pictures whose k is reached take no further steps.
    """
    n, device = len(caption), caption.device
    z = torch.randn(shape, device=device)
    order = torch.randperm(n, device=device)  # the batch is sorted by the number of marks
    k = torch.arange(n, device=device) * STEPS // n
    caption, real = caption[order], real[order]
    for i in range(STEPS - 1):
        a = -(-n * (i + 1) // STEPS)
        if a >= n:
            break
        t = (1 - levels[i]).expand(n - a)
        v = velocity(model, z[a:], t, caption[a:], real[a:], block).float()
        z = torch.cat([z[:a], z[a:] + (levels[i] - levels[i + 1]) * v])
    back = order.argsort()
    return z[back], k[back]
