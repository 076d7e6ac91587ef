"""Scheduler of one picture, from the model's own and the sampler options."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    import torch


def make_scheduler(base: Any, params: GenerationParams, generator: torch.Generator) -> Any:
    """Return a fresh scheduler for one picture.

    Parameters
    ----------
    base : diffusers scheduler
        The model's own, whose configuration is the starting point.
    params : GenerationParams
        ``sampler``, ``sigmas`` and ``shift`` are looked at.
    generator : torch.Generator
        Where a sampler that adds noise at each step draws it from.
    """
    import diffusers

    config = dict(base.config)
    shift = float(config.get("shift", 1.0) if params.shift is None else params.shift)
    if params.sampler == "unipc":
        return diffusers.UniPCMultistepScheduler(
            num_train_timesteps=config.get("num_train_timesteps", 1000),
            prediction_type="flow_prediction",
            use_flow_sigmas=True,
            flow_shift=shift,
        )
    spacing = {
        f"use_{name}_sigmas": params.sigmas == name for name in ("karras", "exponential", "beta")
    }
    if params.sampler == "lcm":
        lcm = diffusers.FlowMatchLCMScheduler(
            num_train_timesteps=config.get("num_train_timesteps", 1000), shift=shift, **spacing
        )
        # The pipeline passes no generator on, and the seed must decide this noise too.
        lcm.step = partial(lcm.step, generator=generator)
        return lcm
    return type(base).from_config(config, shift=shift, **spacing)


def sigmas_for(params: GenerationParams, steps: int) -> Any:
    """Return the pipeline's own noise levels as the array that UniPC needs, else None."""
    if params.sampler != "unipc":
        return None
    import numpy as np

    return np.linspace(1.0, 1 / steps, steps)
