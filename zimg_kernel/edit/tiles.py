"""Enlarge by tiles: each is drawn from its own part of one noise, and they overlap softly."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from zimg_kernel.device import Stopwatch
from zimg_kernel.params import GenerationParams
from zimg_kernel.sampling import Drawn, StepReport, StepTrail
from zimg_kernel.schedulers import make_scheduler, sigmas_for

from .strength import steps_run

if TYPE_CHECKING:
    import torch

    from .painting import EditSampler

_OVERLAP = 4  # a tile shares at least one part in so many with the next one
_GRID = 16  # px; a patch of the transformer


def starts(length: int, tile: int) -> list[int]:
    """Return where tiles begin along a side, in px: they cover it all and overlap.

    Parameters
    ----------
    length, tile : int
        Multiples of 16 px; ``length`` is at least ``tile``.
    """
    if length <= tile:
        return [0]
    count = -(-(length - tile) // (tile - tile // _OVERLAP)) + 1
    last = length - tile
    return [round(last * i / (count - 1) / _GRID) * _GRID for i in range(count)]


def window(tile: int, before: int, after: int) -> np.ndarray:
    """Return weights (tile,) that rise and fall linearly over what is shared with neighbours."""
    weights = np.ones(tile, np.float32)
    if before:
        weights[:before] = (np.arange(before) + 0.5) / before
    if after:
        weights[tile - after :] *= ((np.arange(after) + 0.5) / after)[::-1]
    return weights


def draw_tiles(
    sampler: EditSampler,
    canvas: Image.Image,
    params: GenerationParams,
    report: StepReport,
    stop: Callable[[], bool],
) -> Drawn | None:
    """Draw a large canvas anew, tile by tile (img2img with diffusers' own pipeline).

    The noise is one large field of which each tile gets its part, so that neighbours begin
    alike where they overlap; there the results are cross-faded (as in MultiDiffusion, Bar-Tal
    et al. 2023, but once for the finished pixels instead of at every step).

    Returns
    -------
    Drawn or None
        None if it was stopped.
    """
    import torch

    start, watch = time.perf_counter(), Stopwatch(sampler.model.device)
    prompt, negative = sampler._embed(params)
    watch.mark("text_encoder")
    width, height = min(params.width or 0, canvas.width), min(params.height or 0, canvas.height)
    across, down = starts(canvas.width, width), starts(canvas.height, height)
    assert params.edit is not None
    run = steps_run(params.steps or 1, params.edit.strength or 1.0)
    trail = StepTrail(run * len(across) * len(down), report, sampler.model.device)
    channels = sampler.model.pipe.transformer.config.in_channels
    generator = torch.Generator("cpu").manual_seed(params.seed)
    cells = canvas.height // 8, canvas.width // 8
    noise = torch.randn((1, channels, *cells), generator=generator)
    total = np.zeros((canvas.height, canvas.width, 3), np.float32)
    weights = np.zeros((canvas.height, canvas.width, 1), np.float32)
    single = params.replace(width=width, height=height)
    for j, top in enumerate(down):
        for i, left in enumerate(across):
            if stop():
                return None
            box = (left, top, left + width, top + height)
            part = noise[..., top // 8 : (top + height) // 8, left // 8 : (left + width) // 8]
            with torch.inference_mode():
                pixels = _tile(sampler, canvas.crop(box), part, single, (prompt, negative),
                               trail, stop)  # fmt: skip
            if pixels is None:
                return None
            rows = window(height, _shared(down, j, height), _shared(down, j + 1, height))
            columns = window(width, _shared(across, i, width), _shared(across, i + 1, width))
            weight = (rows[:, None] * columns[None])[..., None]
            total[top : top + height, left : left + width] += pixels * weight
            weights[top : top + height, left : left + width] += weight
    trail.finish()
    watch.mark("transformer")
    whole = Image.fromarray((total / weights).clip(0, 255).round().astype(np.uint8))
    timings = {**watch.seconds(), "total": time.perf_counter() - start}
    return Drawn(whole, {name: round(value, 4) for name, value in timings.items()})


def _shared(begins: list[int], index: int, tile: int) -> int:
    """Pixels that tile ``index`` shares with the one before it; 0 at the ends."""
    if not 0 < index < len(begins):
        return 0
    return begins[index - 1] + tile - begins[index]


def _tile(
    sampler: EditSampler,
    picture: Image.Image,
    noise: torch.Tensor,
    params: GenerationParams,
    embeddings: tuple[Any, Any],
    trail: StepTrail,
    stop: Callable[[], bool],
) -> np.ndarray | None:
    """Draw one tile; return its pixels (height, width, 3), 0 to 255, or None if stopped."""
    import torch

    model = sampler.model
    pipe = model.as_pipeline("ZImageImg2ImgPipeline")
    assert params.edit is not None
    steps, strength = params.steps or 1, params.edit.strength or 1.0
    generator = torch.Generator("cpu").manual_seed(params.seed)
    scheduler = make_scheduler(model.base_scheduler, params, generator)
    scheduler.set_timesteps(steps, device=pipe._execution_device, sigmas=sigmas_for(params, steps))
    first = steps - steps_run(steps, strength)
    sigma = scheduler.sigmas[first]
    vae, device = model.pipe.vae, pipe._execution_device
    pixels = pipe.image_processor.preprocess(picture).to(device, vae.dtype)
    clean = vae.encode(pixels).latent_dist.mode().float()
    clean = (clean - vae.config.shift_factor) * vae.config.scaling_factor
    latents = (1 - sigma) * clean + sigma * noise.to(device)
    pipe.scheduler = make_scheduler(model.base_scheduler, params, generator)
    try:
        drawn = pipe(
            **sampler.common(params, *embeddings),
            image=picture,
            strength=strength,
            latents=latents,
            callback_on_step_end=sampler._watcher(pipe, trail, stop, "none", None),
        )[0]
    finally:
        sampler.release(pipe, shared=False)
    if stop():
        return None
    image = sampler._picture(sampler._pixels(drawn))
    return np.asarray(image, dtype=np.float32)
