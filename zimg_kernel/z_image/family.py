"""Z-Image as a model family."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MethodType
from typing import TYPE_CHECKING, Any, get_args

from zimg_kernel.families.family import LoraLoader, ModelFamily, StepCallback, stop_by
from zimg_kernel.families.flow import expected_latents
from zimg_kernel.families.reading import Use
from zimg_kernel.params import EditKind, GenerationParams

if TYPE_CHECKING:
    import torch

    from zimg_kernel.models.card import ModelCard
    from zimg_kernel.models.load_profile import LoadProfile
    from zimg_kernel.models.loaded_model import LoadedModel

_FROM_NOISE: tuple[EditKind, ...] = ("img2img", "inpaint", "outpaint", "upscale", "vary")
_PIPELINES: dict[EditKind, str] = {
    "img2img": "ZImageImg2ImgPipeline",
    "vary": "ZImageImg2ImgPipeline",
    "upscale": "ZImageImg2ImgPipeline",
    "inpaint": "ZImageInpaintPipeline",
    "outpaint": "ZImageInpaintPipeline",
    "control": "ZImageControlNetPipeline",
}


class ZImage(ModelFamily):
    """Z-Image: flow matching on latents of 16 channels, by diffusers' ZImage pipelines."""

    title = "Z-Image"
    side_multiple = 16  # VAE factor 8 times patch size 2 (diffusers' ZImagePipeline)
    cell = 8
    channels = 16
    samplers = ("euler", "lcm", "unipc")
    spacings = ("linear", "karras", "exponential", "beta")
    midway_samplers = ("euler", "lcm")
    speeds = ("stock", "exact", "fast")
    fp8_layers = (
        r"(?:noise_refiner|layers)\.\d+\."
        r"(?:attention\.to_(?:[qkv]|out\.0)|feed_forward\.w[123])"
    )
    dtypes = ("bfloat16", "float32")  # activations overflow float16: the picture turns black

    def count_tokens(self, files: Path, text: str) -> int:
        """Return the tokens of a text with the chat template around it."""
        from .tokens import count_tokens

        return count_tokens(text, files)

    def encode(self, model: LoadedModel, text: str, use: Use) -> torch.Tensor | str:
        """Return embeddings (tokens, features).

        An instruction, and what it is to keep out, stay text: an omni pipeline weaves it around
        the picture and encodes it itself.
        """
        if use == "instruction":
            return text
        from .embeddings import encode

        return encode(model, text)

    def with_noise(self, condition: Any, amount: float, seed: int) -> Any:
        """Return embeddings with Gaussian noise; an instruction as it is."""
        from .embeddings import with_noise

        return condition if isinstance(condition, str) else with_noise(condition, amount, seed)

    def scheduler(
        self, model: LoadedModel, params: GenerationParams, generator: torch.Generator
    ) -> Any:
        """Return a flow-matching scheduler."""
        from .schedulers import make_scheduler

        return make_scheduler(model.base_scheduler, params, generator)

    def start(
        self, model: LoadedModel, params: GenerationParams, generator: torch.Generator
    ) -> torch.Tensor:
        """Return the noise (1, 16, height / 8, width / 8)."""
        import torch

        if model.speed is not None:
            model.speed.fit((params.width or 0) * (params.height or 0))
        pipe = model.pipe
        channels, device = pipe.transformer.config.in_channels, pipe._execution_device
        size = (params.height, params.width)
        noise: torch.Tensor = pipe.prepare_latents(
            1, channels, *size, torch.float32, device, generator
        )
        return noise

    def call(
        self,
        pipe: Any,
        params: GenerationParams,
        prompt: Any,
        negative: Any,
        on_step: StepCallback,
        **more: Any,
    ) -> torch.Tensor:
        """Run one of the ZImage pipelines; return the latents (1, 16, height / 8, width / 8)."""
        from .schedulers import sigmas_for

        if isinstance(prompt, str):
            texts = {"prompt": prompt, "negative_prompt": negative or None}
        else:
            wrap = _wrap_of(pipe)
            texts = {
                "prompt_embeds": wrap(prompt),
                "negative_prompt_embeds": None if negative is None else wrap(negative),
            }
        steps = params.steps or 1
        latents: torch.Tensor = pipe(
            **texts,
            height=params.height,
            width=params.width,
            num_inference_steps=steps,
            sigmas=sigmas_for(params, steps),
            guidance_scale=params.guidance or 0.0,
            cfg_normalization=params.cfg_normalization,
            cfg_truncation=params.cfg_truncation,
            output_type="latent",
            return_dict=False,
            callback_on_step_end=stop_by(on_step),
            **more,
        )[0]
        return latents

    def expected(
        self, before: torch.Tensor, after: torch.Tensor, scheduler: Any, index: int
    ) -> torch.Tensor:
        """Return the clean latents on the straight line through two steps."""
        levels = scheduler.sigmas[index], scheduler.sigmas[index + 1]
        return expected_latents(before, after, *levels)

    def residence(self, folder: Path, profile: LoadProfile, card: ModelCard, room: float) -> Any:
        """Return which blocks and layers stay, or None where not even one at a time fits."""
        from zimg_kernel.speed.residence import plan

        from .sizes import sizes_of

        width, height = card.default_size
        return plan(sizes_of(folder, profile), room, width * height)

    def has_runtime(self, card: ModelCard, runtime: str) -> bool:
        """Return whether onnxruntime can draw a model: an omni pipeline's it cannot."""
        return runtime == "torch" or "Omni" not in card.pipeline.rpartition(".")[2]

    def components(self, card: ModelCard, folder: Path, profile: LoadProfile) -> dict[str, Any]:
        """Return encoder, transformer and autoencoder that compute in onnxruntime."""
        from zimg_kernel.speed.onnx.install import components

        return components(card, folder, "int8" if profile.runtime == "onnx-int8" else "fp32")

    def speed_up(self, model: LoadedModel, residence: Any) -> None:
        """Put the fast forward, encoder and decoder in, if the profile asks for them."""
        if model.profile is None or model.profile.speed == "stock":
            return
        from zimg_kernel.speed.install import install

        fast, split = model.profile.speed == "fast", model.profile.split
        model.speed = install(model.pipe, model.device, fast, residence, split)

    def decode(self, model: LoadedModel, latents: torch.Tensor) -> torch.Tensor:
        """Return the pixels (1, 3, height, width) of latents, -1 to 1."""
        if model.speed is not None:
            model.speed.fit(latents.shape[-1] * latents.shape[-2] * self.cell**2)
            model.speed.make_room()
        return super().decode(model, latents)

    def edit_kinds(self, card: ModelCard) -> tuple[EditKind, ...]:
        """Return what a card's model can do.

        Every model that draws from noise can begin with a picture in the noise: img2img,
        inpaint, outpaint, upscale and vary. Instructions need one that has learned them (an Omni
        or Edit model), and control maps a ControlNet that its card names.
        """
        kinds: list[EditKind] = list(_FROM_NOISE)
        if "Omni" in card.pipeline.rpartition(".")[2]:
            kinds.append("instruct")
        if card.controlnet is not None:
            kinds.append("control")
        return tuple(kind for kind in get_args(EditKind) if kind in kinds)

    def edit_pipeline(
        self,
        model: LoadedModel,
        kind: EditKind,
        *,
        controlnet: Any = None,
        tile: tuple[int, int] | None = None,
    ) -> Any:
        """Return one of diffusers' ZImage pipelines over the warm components."""
        if kind == "instruct":
            return _in_own_format(model.pipe)
        more = {} if controlnet is None else {"controlnet": controlnet}
        if controlnet is not None and kind == "inpaint":
            return model.as_pipeline("ZImageControlNetInpaintPipeline", **more)
        if tile is not None:
            from .tiles import TiledTransformer

            pipe = model.as_pipeline(_PIPELINES[kind], called="upscale")
            cells = (tile[1] // self.cell, tile[0] // self.cell)
            pipe.register_modules(transformer=TiledTransformer(model.pipe.transformer, cells))
            return pipe
        return model.as_pipeline(_PIPELINES[kind], **more)

    def load_controlnet(self, model: LoadedModel, path: Path) -> Any:
        """Return a ``ZImageControlNetModel`` that shares the transformer's modules."""
        from .controlnet import load_controlnet

        if not model.in_torch:
            from zimg_kernel.speed.onnx.stand_ins import no_controlnet

            raise no_controlnet()
        return load_controlnet(model, path)

    def lora_loader(self) -> LoraLoader:
        """Return the loader of LoRAs for a ``ZImageTransformer2DModel``."""
        from .lora import ZImageLoraLoader

        return ZImageLoraLoader()


def _wrap_of(pipe: Any) -> Callable[[Any], Any]:
    """Return what makes a pipeline's argument of the embeddings of one text.

    An omni pipeline takes a list of text segments for each picture; here there is one.
    """
    return (lambda text: [[text]]) if "Omni" in type(pipe).__name__ else (lambda text: [text])


def _in_own_format(pipe: Any) -> Any:
    """Let an omni pipeline encode pictures in its autoencoder's number format.

    diffusers 0.42's ZImageOmniPipeline does so in bf16 whatever that is, which fails in fp32.
    """
    from .omni import prepare_image_latents

    if pipe.prepare_image_latents.__func__ is not prepare_image_latents:
        pipe.prepare_image_latents = MethodType(prepare_image_latents, pipe)
    return pipe
