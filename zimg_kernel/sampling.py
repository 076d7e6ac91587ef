"""Draw one picture: encode the prompt, run the transformer step by step, decode."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from .device import synchronize
from .errors import ZimgError
from .loading import LoadedModel
from .params import BadInput, GenerationParams
from .preview import LatentColours, expected_latents

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

PreviewKind = Literal["latent", "vae", "none"]
StepReport = Callable[[int, int, "Image | None"], None]


@dataclass
class Drawn:
    """A picture and the seconds it took: ``text_encoder``, ``transformer``, ``vae``, ``total``."""

    image: Image
    timings: dict[str, float]


class PromptCache:
    """Prompt embeddings, the most recent ones: another seed needs no text encoder."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, str], torch.Tensor] = OrderedDict()

    def get(self, model: LoadedModel, prompt: str) -> torch.Tensor:
        """Return the embeddings (tokens, features) of a prompt, from memory if known.

        The encoder runs on the prompt's own tokens; the stock pipeline pads them to 512,
        which for a causal encoder changes nothing but the time.
        """
        key = (model.fingerprints.get("text_encoder", model.card.id), prompt)
        found = self._kept.pop(key, None)
        if found is None:
            found = _encode(model, prompt)
        self._kept[key] = found
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


def _encode(model: LoadedModel, prompt: str) -> torch.Tensor:
    import torch

    pipe = model.pipe
    message = [{"role": "user", "content": prompt}]
    text = pipe.tokenizer.apply_chat_template(
        message, tokenize=False, add_generation_prompt=True, enable_thinking=True
    )
    ids = pipe.tokenizer(text, return_tensors="pt", truncation=False).input_ids
    if ids.shape[1] > model.card.max_tokens:
        raise BadInput(
            f"The prompt is {ids.shape[1]} tokens long and {model.card.title} reads "
            f"{model.card.max_tokens}: shorten it."
        )
    ids = ids.to(pipe._execution_device)
    with torch.no_grad():
        states = pipe.text_encoder(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True
        ).hidden_states
    embeddings: torch.Tensor = states[-2][0]  # the layer that Z-Image was trained on
    return embeddings


class Sampler:
    """Draws pictures with one loaded model.

    Parameters
    ----------
    model : LoadedModel
        The pipeline.
    cache : PromptCache
        Embeddings, shared by the models of an engine.
    """

    def __init__(self, model: LoadedModel, cache: PromptCache) -> None:
        self.model = model
        self._cache = cache
        self._colours: LatentColours | None = None

    def draw(
        self,
        params: GenerationParams,
        report: StepReport,
        stop: Callable[[], bool],
        preview: PreviewKind = "latent",
    ) -> Drawn | None:
        """Draw one picture.

        Parameters
        ----------
        params : GenerationParams
            Complete, with a drawn seed; ``count`` is not looked at.
        report : callable
            Gets (step from 1, steps, preview or None) after every step.
        stop : callable
            Asked after every step; where it says True, the rest and the VAE are skipped.
        preview : {"latent", "vae", "none"}
            A quick picture of the latents, one by the VAE itself (slow, sharp), or none.

        Returns
        -------
        Drawn or None
            None if it was stopped.
        """
        import torch

        start = time.perf_counter()
        prompt = self._cache.get(self.model, params.prompt)
        negative = self._cache.get(self.model, params.negative_prompt) if params.guidance else None
        encoded = self._clock()
        if stop():
            return None
        with torch.no_grad():
            latents = self._denoise(params, prompt, negative, report, stop, preview)
            denoised = self._clock()
            if stop():
                return None
            if not torch.isfinite(latents).all():
                raise ZimgError(
                    "The picture came out as NaN: these numbers overflow. Set ZIMG_DTYPE=fp32, "
                    "or take fewer steps or less guidance."
                )
            image = self.decode(latents)
        end = self._clock()
        timings = {
            "text_encoder": encoded - start,
            "transformer": denoised - encoded,
            "vae": end - denoised,
            "total": end - start,
        }
        return Drawn(image, {name: round(value, 4) for name, value in timings.items()})

    def _denoise(
        self,
        params: GenerationParams,
        prompt: torch.Tensor,
        negative: torch.Tensor | None,
        report: StepReport,
        stop: Callable[[], bool],
        preview: PreviewKind,
    ) -> torch.Tensor:
        import torch

        pipe = self.model.pipe
        # On the CPU, so that a seed means the same noise on every device.
        generator = torch.Generator("cpu").manual_seed(params.seed)
        pipe.scheduler = make_scheduler(self.model.base_scheduler, params, generator)
        size = (params.height, params.width)
        channels = pipe.transformer.config.in_channels
        device = pipe._execution_device
        noise = pipe.prepare_latents(1, channels, *size, torch.float32, device, generator)
        before = noise
        steps = params.steps or 1

        def on_step(_pipe: Any, index: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
            nonlocal before
            latents = state["latents"]
            picture = None
            if preview != "none" and not stop():
                sigmas = pipe.scheduler.sigmas
                levels = float(sigmas[index]), float(sigmas[index + 1])
                picture = self._preview(expected_latents(before, latents, *levels), preview)
            before = latents
            report(index + 1, steps, picture)
            if stop():
                pipe._interrupt = True
            return {}

        latents: torch.Tensor = pipe(
            prompt_embeds=[prompt],
            negative_prompt_embeds=None if negative is None else [negative],
            height=params.height,
            width=params.width,
            num_inference_steps=steps,
            sigmas=_sigmas(params, steps),
            guidance_scale=params.guidance or 0.0,
            cfg_normalization=params.cfg_normalization,
            cfg_truncation=params.cfg_truncation,
            latents=noise,
            output_type="latent",
            return_dict=False,
            callback_on_step_end=on_step,
        )[0]
        return latents

    def decode(self, latents: torch.Tensor) -> Image:
        """Return the picture of latents (1, channels, height / 8, width / 8) by the VAE."""
        pipe = self.model.pipe
        config = pipe.vae.config
        scaled = latents.to(pipe.vae.dtype) / config.scaling_factor + config.shift_factor
        pixels = pipe.vae.decode(scaled, return_dict=False)[0]
        image: Image = pipe.image_processor.postprocess(pixels, output_type="pil")[0]
        return image

    def _preview(self, latents: torch.Tensor, kind: PreviewKind) -> Image:
        if kind == "vae":
            return self.decode(latents)
        if self._colours is None:
            self._colours = LatentColours(self.model.pipe)
        return self._colours.image(latents[0])

    def _clock(self) -> float:
        synchronize(self.model.device)
        return time.perf_counter()


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


def _sigmas(params: GenerationParams, steps: int) -> Any:
    """Return the pipeline's own noise levels as the array that UniPC needs, else None."""
    if params.sampler != "unipc":
        return None
    import numpy as np

    return np.linspace(1.0, 1 / steps, steps)
