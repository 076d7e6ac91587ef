"""Draw one picture: encode the prompt, run the transformer step by step, decode."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .device import synchronize
from .embeddings import PromptCache
from .errors import ZimgError
from .loading import LoadedModel
from .params import GenerationParams
from .preview import LatentColours, expected_latents
from .schedulers import make_scheduler, sigmas_for

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
        if self._colours is not None:
            self._colours.learn(latents[0], image)
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
            sigmas=sigmas_for(params, steps),
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
