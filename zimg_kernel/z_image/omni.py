"""Encoding of source pictures for an omni pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def prepare_image_latents(
    self: Any,
    images: list[torch.Tensor],
    batch_size: int,
    device: torch.device,
    dtype: torch.dtype,
) -> list[list[torch.Tensor]]:
    """Return latents (16, 1, H / 8, W / 8) of each picture, for each item of the batch.

    A method of ``ZImageOmniPipeline``; the VAE encodes in its own number format.
    """
    shift, factor = self.vae.config.shift_factor, self.vae.config.scaling_factor
    latents = []
    for image in images:
        mode = self.vae.encode(image.to(device, self.vae.dtype)).latent_dist.mode()[0]
        latents.append(((mode - shift) * factor)[:, None].to(dtype))
    return [list(latents) for _ in range(batch_size)]
