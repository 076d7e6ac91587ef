"""Sampler of one picture: encode the prompt, denoise step by step, decode."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zimg_kernel.errors import ZimgError
from zimg_kernel.models.device import Stopwatch
from zimg_kernel.models.loaded_model import LoadedModel
from zimg_kernel.params import GenerationParams

from .latent_preview import LatentColours, expected_latents
from .prompt_embeddings import PromptCache, as_read, with_noise
from .schedulers import make_scheduler, sigmas_for

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

PreviewKind = Literal["latent", "vae", "none"]
StepReport = Callable[[int, int, "Image | torch.Tensor | None"], None]


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
            Gets (step from 1, steps, preview, sketch or None) after every step.
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

        start, watch = time.perf_counter(), Stopwatch(self.model.device)
        prompt, negative = self._embed(params)
        watch.mark("text_encoder")
        if stop():
            return None
        steps = StepReporter(self._steps(params), report, self.model.device)
        with torch.inference_mode():
            latents = self._denoise(params, prompt, negative, steps, stop, preview)
            watch.mark("transformer")
            if stop():
                return None
            finite = torch.isfinite(latents).all()
            pixels = self._pixels(latents)
            watch.mark("vae")
            steps.finish()
        if not finite:
            raise ZimgError(
                "The picture came out as NaN: these numbers overflow. Set ZIMG_DTYPE=fp32, "
                "or take fewer steps or less guidance.",
                code="overflow",
                field="dtype",
            )
        image = self._picture(pixels)
        timings = {**watch.seconds(), "total": time.perf_counter() - start}
        if self.model.colours is not None:
            self.model.colours.learn(latents[0], image)
        return Drawn(image, {name: round(value, 4) for name, value in timings.items()})

    def _embed(self, params: GenerationParams) -> tuple[Any, Any]:
        """Return the embeddings of the prompt, and of the negative one where there is guidance."""
        prompt = self._cache.get(self.model, as_read(self.model, params.prompt))
        prompt = with_noise(prompt, params.embedding_noise, params.seed)
        if not params.guidance:
            return prompt, None
        negative = as_read(self.model, params.negative_prompt, "negative")
        return prompt, self._cache.get(self.model, negative)

    def _steps(self, params: GenerationParams) -> int:
        """Return how many steps will be run."""
        return params.steps or 1

    def _denoise(
        self,
        params: GenerationParams,
        prompt: Any,
        negative: Any,
        steps: StepReporter,
        stop: Callable[[], bool],
        preview: PreviewKind,
    ) -> torch.Tensor:
        """Return the latents (1, channels, height / 8, width / 8) of the finished picture."""
        pipe = self.model.pipe
        noise = initial_noise(pipe, params, self._set_scheduler(pipe, params))
        on_step = self._watcher(pipe, steps, stop, preview, noise)

        # An omni pipeline takes a list of text segments for each picture; here there is one.
        wrap = (lambda text: [[text]]) if "Omni" in type(pipe).__name__ else (lambda text: [text])
        try:
            latents: torch.Tensor = pipe(
                prompt_embeds=wrap(prompt),
                negative_prompt_embeds=None if negative is None else wrap(negative),
                **pipeline_arguments(params),
                latents=noise,
                callback_on_step_end=on_step,
            )[0]
        finally:
            pipe.scheduler = self.model.base_scheduler  # as get_pipeline() promises it
        return latents

    def _set_scheduler(self, pipe: Any, params: GenerationParams) -> torch.Generator:
        """Give a pipeline the scheduler of a request; return the generator of its noise."""
        import torch

        # On the CPU, so that a seed means the same noise on every device.
        generator = torch.Generator("cpu").manual_seed(params.seed)
        pipe.scheduler = make_scheduler(self.model.base_scheduler, params, generator)
        return generator

    def _watcher(
        self,
        pipe: Any,
        steps: StepReporter,
        stop: Callable[[], bool],
        preview: PreviewKind,
        before: torch.Tensor | None,
        first: int = 0,
    ) -> Callable[..., dict[str, Any]]:
        """Return the pipeline's callback, which reports each step and stops where it shall.

        Parameters
        ----------
        before : Tensor or None
            The latents to begin with; without them the first step has no preview.
        first : int
            Which of the scheduler's noise levels the first step begins at.
        """

        def on_step(_pipe: Any, index: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
            nonlocal before
            latents = state["latents"]
            picture = None
            if preview != "none" and before is not None and not stop():
                sigmas = pipe.scheduler.sigmas
                levels = sigmas[first + index], sigmas[first + index + 1]
                picture = self._preview(expected_latents(before, latents, *levels), preview)
            before = latents
            steps.step(picture)
            if stop():
                pipe._interrupt = True
            return {}

        return on_step

    def _pixels(self, latents: torch.Tensor) -> torch.Tensor:
        """Return the VAE's picture of latents (1, channels, height / 8, width / 8)."""
        vae = self.model.pipe.vae
        config = vae.config
        scaled = latents.to(vae.dtype) / config.scaling_factor + config.shift_factor
        pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0]
        return pixels

    def _picture(self, pixels: torch.Tensor) -> Image:
        image: Image = self.model.pipe.image_processor.postprocess(pixels, output_type="pil")[0]
        return image

    def _preview(self, latents: torch.Tensor, kind: PreviewKind) -> Image | torch.Tensor:
        if kind == "vae":
            return self._picture(self._pixels(latents))
        if self.model.colours is None:
            self.model.colours = LatentColours(self.model.pipe)
        return self.model.colours.sketch(latents[0])


def initial_noise(pipe: Any, params: GenerationParams, generator: torch.Generator) -> torch.Tensor:
    """Return the noise (1, channels, height / 8, width / 8) that a picture begins as."""
    import torch

    channels, device = pipe.transformer.config.in_channels, pipe._execution_device
    size = (params.height, params.width)
    noise: torch.Tensor = pipe.prepare_latents(1, channels, *size, torch.float32, device, generator)
    return noise


def pipeline_arguments(params: GenerationParams) -> dict[str, Any]:
    """Return what every pipeline of the family is called with."""
    steps = params.steps or 1
    return {
        "height": params.height,
        "width": params.width,
        "num_inference_steps": steps,
        "sigmas": sigmas_for(params, steps),
        "guidance_scale": params.guidance or 0.0,
        "cfg_normalization": params.cfg_normalization,
        "cfg_truncation": params.cfg_truncation,
        "output_type": "latent",
        "return_dict": False,
    }


class StepReporter:
    """Reports steps as the device gets to them, while the next one is prepared already.

    CUDA works through a queue. Waiting after each step until it is done would leave the GPU
    idle while the next is being queued (3 % of the time at 1024 px, 10 % at 512 px on an
    H200); running ahead without end would make a cancel come too late. So one step is
    queued ahead.
    """

    def __init__(self, count: int, report: StepReport, device: torch.device) -> None:
        self.count = count
        self._report = report
        self._ahead = 1 if device.type == "cuda" else 0
        self._waiting: deque[tuple[int, Any, Image | torch.Tensor | None]] = deque()
        self._step = 0

    def step(self, preview: Image | torch.Tensor | None) -> None:
        """Take the next step, which has been queued."""
        import torch

        self._step += 1
        done = None
        if self._ahead:
            done = torch.cuda.Event()
            done.record()
        self._waiting.append((self._step, done, preview))
        self._report_all_but(self._ahead)

    def finish(self) -> None:
        """Wait for the last step and report it."""
        self._report_all_but(0)

    def _report_all_but(self, ahead: int) -> None:
        while len(self._waiting) > ahead:
            step, done, preview = self._waiting.popleft()
            if done is not None:
                done.synchronize()
            self._report(step, self.count, preview)
