"""The pipeline of the edit mode: diffusers' ``ZImageOmniPipeline`` without a SigLIP."""

from __future__ import annotations

from typing import Any

import diffusers
import torch
from diffusers import ZImagePipeline
from torch import Tensor
from transformers.utils import logging

from zimg_kernel.z_image.omni import prepare_image_latents

from .forward_omni import omni_texts
from .tokenizer import padded_length


def _stock() -> Any:
    """``ZImageOmniPipeline``, whose import would recommend torchvision for its SigLIP."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        return diffusers.ZImageOmniPipeline
    finally:
        logging.set_verbosity(level)


class NanoOmniPipeline(_stock()):  # type: ignore[misc]
    """Editing of a picture by an instruction; text-to-image without a picture.

    Called like ``ZImageOmniPipeline``: ``pipe(image=picture, prompt="把圆变成蓝色",
    guidance_scale=2.0, num_inference_steps=20)``. What differs from the stock class: SigLIP
    may be absent, the VAE encodes in its own number format instead of bf16, and the text is
    laid out as :mod:`zimg_kernel.nano.forward_omni` describes. Without a picture it does
    what ``ZImagePipeline`` does with the same components.
    """

    _optional_components = ["siglip", "siglip_processor"]  # noqa: RUF012

    def __init__(
        self,
        scheduler: Any,
        vae: Any,
        text_encoder: Any,
        tokenizer: Any,
        transformer: Any,
        siglip: Any = None,
        siglip_processor: Any = None,
    ) -> None:
        super().__init__(
            scheduler, vae, text_encoder, tokenizer, transformer, siglip, siglip_processor
        )

    def __call__(self, image: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Draw; parameters and result are those of ``ZImageOmniPipeline``.

        Parameters
        ----------
        image : PIL.Image.Image or list of one, optional
            The picture to change. Width and height are cut to multiples of 16.

        Raises
        ------
        ValueError
            More than one picture is given: the model was trained with one.
        """
        images = image if isinstance(image, list) else [] if image is None else [image]
        if not images:
            for key in ("prompt_embeds", "negative_prompt_embeds"):  # one segment each, or none
                texts = kwargs.get(key) or []
                if texts and isinstance(texts[0], list):
                    kwargs[key] = [segment for segments in texts for segment in segments]
            return ZImagePipeline.__call__(self, *args, **kwargs)
        if len(images) > 1:
            raise ValueError(f"This pipeline changes one picture at a time, not {len(images)}.")
        images = [item.convert("RGB") if hasattr(item, "convert") else item for item in images]
        return super().__call__(images, *args, **kwargs)

    def _encode_prompt(
        self,
        prompt: str | list[str],
        device: torch.device | None = None,
        prompt_embeds: Any = None,
        max_sequence_length: int = 512,
        num_condition_images: int = 0,
    ) -> Any:
        """Features of each prompt: a tensor without a picture, else one for each segment."""
        if num_condition_images == 0:
            return ZImagePipeline._encode_prompt(
                self, prompt, device, prompt_embeds, max_sequence_length
            )
        if prompt_embeds is not None:
            return prompt_embeds
        prompts = [prompt] if isinstance(prompt, str) else prompt
        device = device or self._execution_device
        return [
            [self._segment(text, device, max_sequence_length) for text in omni_texts(item)]
            for item in prompts
        ]

    def _segment(self, text: str, device: torch.device, longest: int) -> Tensor:
        """Features (L, D) of one text, filled up with zeros to a multiple of 32 slots."""
        ids = self.tokenizer(
            text, truncation=True, max_length=longest, return_tensors="pt"
        ).input_ids.to(device)
        states = self.text_encoder(
            input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True
        ).hidden_states
        features: Tensor = states[-2][0]
        filled = features.new_zeros(padded_length(len(features)), features.shape[1])
        filled[: len(features)] = features
        return filled

    prepare_image_latents = prepare_image_latents

    def prepare_siglip_embeds(
        self, images: list[Any], batch_size: int, device: torch.device, dtype: torch.dtype
    ) -> Any:
        """No features for any picture, unless there is a SigLIP."""
        if self.siglip is None:
            return [[] for _ in range(batch_size)]
        return super().prepare_siglip_embeds(images, batch_size, device, dtype)
