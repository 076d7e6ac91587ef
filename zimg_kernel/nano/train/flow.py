"""Training stage 2: the guided base model, by flow matching, for pictures and for edits."""

from __future__ import annotations

import random
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zimg_kernel.nano.draw.render import Packed
from zimg_kernel.nano.forward import encode_text, velocity
from zimg_kernel.nano.forward_omni import edit_velocity

from .common import WARM_UP, TrainingStage, TrainSettings, autocast
from .data import Pool
from .latents import Latents, Replay, pad_empty, pick_size
from .optim import Average, Optimiser

DROPPED = 0.1
"""Share of captions replaced by the empty prompt, so that guidance has something to push from."""
LETTERING = 1.0
"""Extra weight of a sign's area in the loss: its strokes are small and decide everything."""
CHANGED = 2.0
"""Extra weight of what an edit changes, likewise."""
BLEMISH = 0.3
"""Most noise on the picture to edit, in deviations of the latents."""
EDITS = 0.22
"""Share of steps that train edits, once pictures have their native size."""


class Models(NamedTuple):
    """The three models in training, and the tokens of the empty prompt and the edit prefix."""

    transformer: Any
    encoder: Any
    vae: Any
    empty: Tensor
    prefix: Tensor


class TextBatch(NamedTuple):
    """Encoded pictures with captions; ``weight`` is that of :func:`lettering`."""

    x0: Tensor
    ids: Tensor
    real: Tensor
    weight: Tensor


class EditBatch(NamedTuple):
    """Encoded pictures before and after an edit, with instructions."""

    before: Tensor
    x0: Tensor
    ids: Tensor
    real: Tensor


class Pools(NamedTuple):
    """Pools of training examples."""

    text: Pool
    edit: Pool


def _times(n: int, device: str, shift: float) -> Tensor:
    """Noise levels: logit-normal, moved towards noise by a shift as at sampling."""
    s = torch.sigmoid(torch.randn(n, device=device))
    return shift * s / (1 + (shift - 1) * s)


def lettering(packed: Packed, height: int, width: int) -> Tensor:
    """(N, 1, height / 8, width / 8) weights of the loss: 1, and more around a sign's text.

    The area is that of :func:`signs.cells`, generously rounded, from the sign's row of numbers.
    """
    rows = packed.signs[:, :, None, None]
    x, y, vertical, count = rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3]
    across = torch.arange(width // 8, device=rows.device)[None, None] * 8 + 4
    down = torch.arange(height // 8, device=rows.device)[None, :, None] * 8 + 4
    long, short = 16 * count + 10, torch.full_like(count, 26)
    half_w = torch.where(vertical > 0, short, long)
    half_h = torch.where(vertical > 0, long, short)
    # The centre is moved so that the text stays inside the picture.
    cx = torch.minimum(torch.maximum(x * width, half_w), width - half_w)
    cy = torch.minimum(torch.maximum(y * height, half_h), height - half_h)
    inside = ((across - cx).abs() < half_w) & ((down - cy).abs() < half_h) & (count > 0)
    return (1 + LETTERING * inside)[:, None]


def train_base(
    settings: TrainSettings,
    stage: TrainingStage,
    models: Models,
    pools: Pools,
    *,
    small: float = 0.28,
) -> None:
    """Train transformer and text encoder together.

    The first part (``small`` of the time) is at 128 x 128, where words are learned fast, the
    rest at the native size and its neighbours, with ``EDITS`` of the steps on edits; the rate
    falls to zero over the last 40 %. A finished model knows its words: trained further, it
    works at the native size from the start, with smaller steps that fall for longer.
    """
    transformer, encoder = models.transformer, models.encoder
    latents = Latents(settings, models.vae)
    settings.distributed.broadcast_weights([transformer, encoder])
    if settings.lesson:
        encoder.requires_grad_(False)
    peak, falling = 1.0, 0.4
    if settings.start is not None:
        small, peak, falling = 0.0, 0.6, 0.6
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
    rng = random.Random(f"base {settings.seed} {stage.step}")  # the same in all processes
    pools.text.refresh(settings.toy_or(512, 20_000))
    replays = {name: Replay(settings.lesson) for name in ("small", "text", "edit")}

    def text(native: bool) -> TextBatch:
        if native or settings.toy:
            height, width, count = pick_size(settings, rng, settings.toy_or(16, 256))
        else:
            height, width, count = 128, 128, 768
        (packed,), ids, real = pools.text.batch(count, rng, min(height, width) < 256)
        x0 = latents.encode(packed, height, width).bfloat16()
        return TextBatch(x0, ids, real, lettering(packed, height, width))

    def edit() -> EditBatch:
        height, width, count = pick_size(settings, rng, settings.toy_or(8, 160))
        (source, target), ids, real = pools.edit.batch(count, rng, min(height, width) < 256)
        before, x0 = (latents.encode(p, height, width).bfloat16() for p in (source, target))
        return EditBatch(before, x0, ids, real)

    while stage.running():
        pools.text.refresh()
        pools.edit.refresh()
        done = stage.progress
        native = done >= small
        warm = stage.ticks < WARM_UP and not settings.toy  # compile all before the clock runs
        editing = (
            (stage.ticks % 2 == 1)
            if warm
            else native and rng.random() < (0 if settings.lesson else EDITS)
        )
        if editing:
            changes = replays["edit"](rng, edit)
            count, loss = len(changes.x0), _edit_loss(settings, models, changes)
        else:
            name = "text" if native else "small"
            batch = replays[name](rng, partial(text, native))
            count, loss = len(batch.x0), _text_loss(settings, models, batch, 2.5 if native else 1.5)
        if native:
            replays["small"].batches.clear()
        loss.backward()
        warming = min(1.0, (stage.step + 1) / settings.toy_or(40, 200))
        rate = peak * warming * min(1.0, max(0.01, (1 - done) / falling))
        optimiser.step(2e-3 * rate, 1.5e-3 * rate, settings.distributed)
        average.update()
        stage.tick(count, loss, objects)
    transformer.load_state_dict(average.copies[0].state_dict())
    encoder.load_state_dict(average.copies[1].state_dict())
    stage.finish({"transformer": transformer, "encoder": encoder})


def _dropped(ids: Tensor, real: Tensor, empty: Tensor) -> tuple[Tensor, Tensor]:
    """Captions of which some are replaced by the empty prompt."""
    drop = torch.rand(len(ids), 1, device=ids.device) < DROPPED
    e_ids, e_real = pad_empty(empty, len(ids), ids.shape[1])
    return torch.where(drop, e_ids, ids), torch.where(drop, e_real, real)


def _noised(x0: Tensor, shift: float) -> tuple[Tensor, Tensor, Tensor]:
    """Noise levels, noised latents, and the velocity from noise to clean that is to be learnt."""
    s = _times(len(x0), str(x0.device), shift)
    noise = torch.randn_like(x0)
    return s, x0 + s[:, None, None, None] * (noise - x0), x0 - noise


def _text_loss(settings: TrainSettings, models: Models, batch: TextBatch, shift: float) -> Tensor:
    ids, real = _dropped(batch.ids, batch.real, models.empty)
    s, mixed, target = _noised(batch.x0.float(), shift)
    with autocast(settings.device):
        caption = encode_text(models.encoder, ids)
        block = settings.compiled("block")
        v = velocity(models.transformer, mixed, 1 - s, caption, real, block)
    return (batch.weight * (v.float() - target).pow(2)).mean()


def _edit_loss(settings: TrainSettings, models: Models, batch: EditBatch) -> Tensor:
    before, x0 = batch.before.float(), batch.x0.float()
    ids, real = batch.ids, batch.real
    if ids.shape[1] == 32:  # at sampling the empty prompt always has this length
        ids, real = _dropped(ids, real, models.empty)
    s, mixed, target = _noised(x0, 2.5)
    # Pictures that people bring are not as exact as drawn ones, the model's own least of all.
    blemish = BLEMISH * torch.rand(len(x0), 1, 1, 1, device=x0.device)
    before = before + blemish * torch.randn_like(before)
    with autocast(settings.device):
        caption = encode_text(models.encoder, ids)
        prefix = encode_text(models.encoder, models.prefix)
        block = settings.compiled("omni")
        v = edit_velocity(models.transformer, mixed, 1 - s, before, caption, real, prefix, block)
    changed = ((x0 - batch.before.float()).abs().mean(1, keepdim=True) > 0.1).float()
    return ((1 + CHANGED * changed) * (v.float() - target).pow(2)).mean()
