"""Small pictures of a denoising on its way, without running the VAE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

_SIDE = 256  # px, of the longer side of a preview
_FIT_SIDE = 128  # px, of the picture from which the colours are learned


class LatentColours:
    """A linear map from latent channels to RGB, fitted once for each VAE.

    A picture of soft random colours is encoded, and its latents are regressed on the mean
    colour of their 8 by 8 pixels (least squares). The same fit serves every VAE, so no
    table of constants has to be kept for each.

    Parameters
    ----------
    pipe : diffusers pipeline
        One whose ``vae`` is an AutoencoderKL.
    """

    def __init__(self, pipe: Any) -> None:
        import torch
        import torch.nn.functional as F

        vae = pipe.vae
        factor = int(pipe.vae_scale_factor)
        noise = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
        picture = F.interpolate(noise, size=_FIT_SIDE, mode="bicubic").clamp(0, 1)
        device = pipe._execution_device
        with torch.no_grad():
            posterior = vae.encode((picture * 2 - 1).to(device, vae.dtype)).latent_dist
        latents = (posterior.mode().float().cpu() - _shift(vae)) * vae.config.scaling_factor
        samples = latents[0].flatten(1).T
        samples = torch.cat([samples, torch.ones(len(samples), 1)], 1)
        colours = F.avg_pool2d(picture, factor)[0].flatten(1).T
        self._matrix = torch.linalg.lstsq(samples, colours).solution  # (channels + 1, 3)

    def image(self, latents: torch.Tensor) -> Image:
        """Return a picture of latents (channels, height, width), blown up to 256 px."""
        from PIL import Image

        matrix = self._matrix.to(latents.device)
        rgb = latents.float().permute(1, 2, 0) @ matrix[:-1] + matrix[-1]
        pixels = (rgb.clamp(0, 1) * 255).round().byte().cpu().numpy()
        small = Image.fromarray(pixels, "RGB")
        scale = _SIDE / max(small.size)
        size = (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
        return small.resize(size, Image.Resampling.BICUBIC)


def expected_latents(
    before: torch.Tensor, after: torch.Tensor, sigma: float, sigma_next: float
) -> torch.Tensor:
    """Return the clean latents that the model expects, from two steps of the sampler.

    In flow matching x = (1 - sigma) * clean + sigma * noise, and an Euler step moves along
    v = dx/dsigma, so clean = x - sigma * v (Liu et al. 2022, "Flow Straight and Fast").

    Parameters
    ----------
    before, after : Tensor
        Latents at ``sigma`` and at ``sigma_next``, any equal shape.
    sigma, sigma_next : float
        Noise levels, 1 (noise) to 0 (clean).
    """
    if sigma == sigma_next:
        return after
    velocity = (after - before) / (sigma_next - sigma)
    return after - sigma_next * velocity


def _shift(vae: Any) -> float:
    return float(getattr(vae.config, "shift_factor", None) or 0.0)
