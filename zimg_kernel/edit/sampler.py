"""Sampler of edits: diffusers' own pipelines over the warm model's components."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.models.loaded_model import LoadedModel
from zimg_kernel.params import Edit, GenerationParams
from zimg_kernel.sampling.prompt_embeddings import PromptCache, as_read
from zimg_kernel.sampling.sampler import (
    Drawn,
    PreviewKind,
    Sampler,
    StepReport,
    StepReporter,
    initial_noise,
    pipeline_arguments,
)

from .plan import EditPlan, steps_run
from .tiles import TiledTransformer, roomy

if TYPE_CHECKING:
    import torch

_CLASSES = {
    "img2img": "ZImageImg2ImgPipeline",
    "vary": "ZImageImg2ImgPipeline",
    "upscale": "ZImageImg2ImgPipeline",
    "inpaint": "ZImageInpaintPipeline",
    "outpaint": "ZImageInpaintPipeline",
    "control": "ZImageControlNetPipeline",
}


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
    """

    def __init__(self, model: LoadedModel, cache: PromptCache, plan: EditPlan) -> None:
        super().__init__(model, cache)
        self._plan = plan
        self._tile: tuple[int | None, int | None] = (None, None)

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
            params, self._tile = params.model_copy(update=size), (params.height, params.width)
        large = self._plan.canvas.width * self._plan.canvas.height > _most_pixels(self.model.card)
        with roomy(self.model.pipe.vae, large):
            drawn = super().draw(params, report, stop, preview)
        if drawn is not None:
            drawn.image = self._plan.finish(edit, drawn.image)
        return drawn

    def _embed(self, params: GenerationParams) -> tuple[Any, Any]:
        # An omni pipeline weaves the text around the picture and encodes it itself.
        return (None, None) if _edit(params).kind == "instruct" else super()._embed(params)

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
        common = pipeline_arguments(params)
        if prompt is not None:
            common["prompt_embeds"] = [prompt]
            common["negative_prompt_embeds"] = None if negative is None else [negative]
        first = (params.steps or 1) - steps.count
        own: dict[str, Any] = {"generator": generator}
        before = None
        match edit.kind:
            case "inpaint" if edit.control:
                own |= {"image": plan.canvas, "mask_image": plan.cells}
                own |= {"control_image": plan.guide, "controlnet_conditioning_scale": edit.scale}
            case "inpaint" | "outpaint":
                own |= {"image": plan.canvas, "mask_image": plan.cells, "strength": edit.strength}
            case "control":
                own |= {"control_image": plan.canvas, "controlnet_conditioning_scale": edit.scale}
            case "instruct":
                before = initial_noise(pipe, params, generator)
                text = as_read(self.model, params.prompt, "instruction")
                own = {"image": plan.canvas, "prompt": text, "latents": before}
                own["negative_prompt"] = (
                    as_read(self.model, params.negative_prompt, "negative") or None
                )
            case _:
                own |= {"image": plan.canvas, "strength": edit.strength}
        watcher = self._watcher(pipe, steps, stop, preview, before, first)
        try:
            latents: torch.Tensor = pipe(**common, **own, callback_on_step_end=watcher)[0]
        finally:
            self._release(pipe, shared)
        return latents

    def _pipe(self, edit: Edit) -> Any:
        if edit.kind == "instruct":
            return _in_own_format(self.model.pipe)
        more = {}
        if edit.control:
            from .controls import load_controlnet

            more["controlnet"] = load_controlnet(self.model)
            if edit.kind == "inpaint":
                return self.model.as_pipeline("ZImageControlNetInpaintPipeline", **more)
        if edit.kind == "upscale":
            pipe = self.model.as_pipeline(_CLASSES[edit.kind], called="upscale")
            tile = ((self._tile[0] or 0) // 8, (self._tile[1] or 0) // 8)
            pipe.register_modules(transformer=TiledTransformer(self.model.pipe.transformer, tile))
            return pipe
        return self.model.as_pipeline(_CLASSES[edit.kind], **more)

    def _release(self, pipe: Any, shared: bool) -> None:
        """Leave the components as they were found."""
        if shared:
            pipe.scheduler = self.model.base_scheduler  # as get_pipeline() promises it
        elif self.model.offloaded:
            self.model.pipe.maybe_free_model_hooks()


def _most_pixels(card: ModelCard) -> int:
    return max(width * height for width, height in (*card.sizes, card.default_size))


def _in_own_format(pipe: Any) -> Any:
    """Let an omni pipeline encode pictures in its autoencoder's number format.

    diffusers 0.42's ZImageOmniPipeline does so in bf16 whatever that is, which fails in fp32.
    """
    from zimg_kernel.nano.omni import NanoOmniPipeline

    if not isinstance(pipe, NanoOmniPipeline):
        encode = NanoOmniPipeline.prepare_image_latents
        pipe.prepare_image_latents = MethodType(encode, pipe)
    return pipe


def _edit(params: GenerationParams) -> Edit:
    assert params.edit is not None
    return params.edit
