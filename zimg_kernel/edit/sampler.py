"""Sampler of edits: diffusers' own pipelines over the warm model's components."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.models.loaded_model import LoadedModel
from zimg_kernel.params import Edit, GenerationParams
from zimg_kernel.sampling.prompt_embeddings import PromptCache
from zimg_kernel.sampling.sampler import Drawn, PreviewKind, Sampler, StepReport, StepReporter
from zimg_kernel.sampling.texts import ReadTexts

from .plan import EditPlan, steps_run
from .tiles import roomy

if TYPE_CHECKING:
    import torch


class EditSampler(Sampler):
    """Draws edits with one loaded model.

    Parameters
    ----------
    model : LoadedModel
        The pipeline; the ones for edits are made of its components.
    cache : PromptCache
        Embeddings, shared by the models of an engine.
    plan : EditPlan
        The pictures.
    texts : ReadTexts, optional
        As for :class:`Sampler`.
    """

    def __init__(
        self,
        model: LoadedModel,
        cache: PromptCache,
        plan: EditPlan,
        texts: ReadTexts | None = None,
    ) -> None:
        super().__init__(model, cache, texts)
        self._plan = plan
        self._tile: tuple[int | None, int | None] = (None, None)  # width, height

    def draw(
        self,
        params: GenerationParams,
        report: StepReport,
        stop: Callable[[], bool],
        preview: PreviewKind = "latent",
    ) -> Drawn | None:
        """Draw one picture; see :meth:`Sampler.draw`."""
        edit = _edit(params)
        if edit.kind == "upscale":  # the card's sizes are a tile's; the picture is larger
            size = {"width": self._plan.canvas.width, "height": self._plan.canvas.height}
            params, self._tile = params.model_copy(update=size), (params.width, params.height)
        large = self._plan.canvas.width * self._plan.canvas.height > _most_pixels(self.model.card)
        with roomy(self.model.pipe.vae, large):
            drawn = super().draw(params, report, stop, preview)
        if drawn is not None:
            drawn.image = self._plan.finish(edit, drawn.image)
        return drawn

    def _steps(self, params: GenerationParams) -> int:
        return steps_run(params.steps or 1, _edit(params).strength or 1.0)

    def _denoise(
        self,
        params: GenerationParams,
        prompt: Any,
        negative: Any,
        steps: StepReporter,
        stop: Callable[[], bool],
        preview: PreviewKind,
    ) -> torch.Tensor:
        edit, plan = _edit(params), self._plan
        pipe = self._pipe(edit)
        shared = pipe is self.model.pipe
        generator = self._set_scheduler(pipe, params)
        first = (params.steps or 1) - steps.count
        own: dict[str, Any] = {"generator": generator, "image": plan.canvas}
        before = None
        match edit.kind:
            case "inpaint" if edit.control:
                own |= {"mask_image": plan.cells, "control_image": plan.guide}
                own |= {"controlnet_conditioning_scale": edit.scale}
            case "inpaint" | "outpaint":
                own |= {"mask_image": plan.cells, "strength": edit.strength}
            case "control":
                own = {"generator": generator, "control_image": plan.canvas}
                own |= {"controlnet_conditioning_scale": edit.scale}
            case "instruct":  # begins with noise
                before = self.family.start(self.model, params, generator)
                own = {"image": plan.canvas, "latents": before}
            case _:
                own |= {"strength": edit.strength}
        on_step = self._watcher(pipe, steps, stop, preview, before, first)
        try:
            return self.family.call(pipe, params, prompt, negative, on_step, **own)
        finally:
            self._release(pipe, shared)

    def _pipe(self, edit: Edit) -> Any:
        parts: dict[str, Any] = {}
        if edit.control:
            from .controls import load_controlnet

            parts["controlnet"] = load_controlnet(self.model)
        if edit.kind == "upscale":
            parts["tile"] = self._tile
        return self.family.edit_pipeline(self.model, edit.kind, **parts)

    def _release(self, pipe: Any, shared: bool) -> None:
        """Leave the components as they were found."""
        if shared:
            pipe.scheduler = self.model.base_scheduler  # as get_pipeline() promises it
        elif self.model.offloaded:
            self.model.pipe.maybe_free_model_hooks()


def _most_pixels(card: ModelCard) -> int:
    return max(width * height for width, height in (*card.sizes, card.default_size))


def _edit(params: GenerationParams) -> Edit:
    assert params.edit is not None
    return params.edit
