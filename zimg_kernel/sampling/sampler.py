"""Sampler of one picture: encode the prompt, denoise step by step, decode."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from zimg_kernel.errors import ZimgError
from zimg_kernel.families.family import StepCallback
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.device import Stopwatch
from zimg_kernel.models.loaded_model import LoadedModel
from zimg_kernel.params import GenerationParams

from .latent_preview import LatentColours
from .prompt_embeddings import PromptCache
from .texts import ReadTexts, encoded_as, read_texts

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

PreviewKind = Literal["latent", "vae", "none"]
StepReport = Callable[[int, int, "Image | torch.Tensor | None"], None]


@dataclass
class Drawn:
    """A picture and the seconds it took: ``text_encoder``, ``transformer``, ``vae``, ``total``.

    ``step_seconds`` are those of each step, where the device can tell without waiting.
    """

    image: Image
    timings: dict[str, float]
    step_seconds: tuple[float, ...] = ()


class Sampler:
    """Draws pictures with one loaded model.

    Parameters
    ----------
    model : LoadedModel
        The pipeline.
    cache : PromptCache
        Embeddings, shared by the models of an engine.
    texts : ReadTexts, optional
        Prompt and negative prompt as they were read when the request was made; read here
        otherwise.
    """

    def __init__(
        self, model: LoadedModel, cache: PromptCache, texts: ReadTexts | None = None
    ) -> None:
        self.model = model
        self.family = family_of(model.card)
        self._cache, self._texts = cache, texts

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
        while True:
            with _trusting(self.model) as held:
                try:
                    drawn = self._draw(params, report, stop, preview)
                except ZimgError:
                    if held():
                        raise
                else:
                    if held():
                        return drawn
            # A process that took part has gone: once more, without it.

    def _draw(
        self,
        params: GenerationParams,
        report: StepReport,
        stop: Callable[[], bool],
        preview: PreviewKind,
    ) -> Drawn | None:
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
            pixels = self.family.decode(self.model, latents)
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
        rounded = {name: round(value, 4) for name, value in timings.items()}
        return Drawn(image, rounded, steps.seconds())

    def _embed(self, params: GenerationParams) -> tuple[Any, Any]:
        """Return conditions of the prompt, and of the negative one where there is guidance."""
        texts = self._texts or read_texts(self.family, params)
        prompt = self._cache.get(self.model, texts.prompt.text, texts.use)
        prompt = self.family.with_noise(prompt, params.embedding_noise, params.seed)
        if texts.negative is None:
            return prompt, None
        return prompt, self._cache.get(self.model, texts.negative.text, encoded_as(texts.use))

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
        """Return the latents (1, channels, height / cell, width / cell) of the finished picture."""
        pipe = self.model.pipe
        generator = self._set_scheduler(pipe, params)
        noise = self.family.start(self.model, params, generator)
        on_step = self._watcher(pipe, steps, stop, preview, noise)
        try:
            return self.family.call(pipe, params, prompt, negative, on_step, latents=noise)
        finally:
            pipe.scheduler = self.model.base_scheduler  # as get_pipeline() promises it

    def _set_scheduler(self, pipe: Any, params: GenerationParams) -> torch.Generator:
        """Give a pipeline the scheduler of a request; return the generator of its noise."""
        import torch

        # On the CPU, so that a seed means the same noise on every device.
        generator = torch.Generator("cpu").manual_seed(params.seed)
        pipe.scheduler = self.family.scheduler(self.model, params, generator)
        return generator

    def _watcher(
        self,
        pipe: Any,
        steps: StepReporter,
        stop: Callable[[], bool],
        preview: PreviewKind,
        before: torch.Tensor | None,
        first: int = 0,
    ) -> StepCallback:
        """Return what is called after each step: it reports it, and says whether to stop.

        Parameters
        ----------
        before : Tensor or None
            The latents to begin with; without them the first step has no preview.
        first : int
            Which of the scheduler's steps the first one is.
        """

        def on_step(index: int, latents: torch.Tensor) -> bool:
            nonlocal before
            picture = None
            if preview != "none" and before is not None and not stop():
                index = first + index
                expected = self.family.expected(before, latents, pipe.scheduler, index)
                picture = self._preview(expected, preview)
            before = latents
            steps.step(picture)
            return stop()

        return on_step

    def _picture(self, pixels: torch.Tensor) -> Image:
        image: Image = self.model.pipe.image_processor.postprocess(pixels, output_type="pil")[0]
        return image

    def _preview(self, latents: torch.Tensor, kind: PreviewKind) -> Image | torch.Tensor:
        if kind == "vae":
            return self._picture(self.family.decode(self.model, latents))
        if self.model.colours is None:
            self.model.colours = LatentColours(self.model.pipe)
        return self.model.colours.sketch(latents[0])


def _trusting(model: LoadedModel) -> AbstractContextManager[Callable[[], bool]]:
    if model.speed is None:
        return nullcontext(lambda: True)
    held: AbstractContextManager[Callable[[], bool]] = model.speed.trusting()
    return held


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
        # MPS would have to wait for each mark.
        self._watch = Stopwatch(device) if device.type in ("cpu", "cuda") else None

    def step(self, preview: Image | torch.Tensor | None) -> None:
        """Take the next step, which has been queued."""
        self._step += 1
        mark = self._watch.mark(str(self._step)) if self._watch else None
        done = mark if self._ahead else None
        self._waiting.append((self._step, done, preview))
        self._report_all_but(self._ahead)

    def finish(self) -> None:
        """Wait for the last step and report it."""
        self._report_all_but(0)

    def seconds(self) -> tuple[float, ...]:
        """Return the seconds of each step; the first counts from the reporter's making."""
        return tuple(self._watch.seconds().values()) if self._watch else ()

    def _report_all_but(self, ahead: int) -> None:
        while len(self._waiting) > ahead:
            step, done, preview = self._waiting.popleft()
            if done is not None:
                done.synchronize()
            self._report(step, self.count, preview)
