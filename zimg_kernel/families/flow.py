"""Expected picture of a flow-matching model between two steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def expected_latents(
    before: torch.Tensor, after: torch.Tensor, sigma: torch.Tensor, sigma_next: torch.Tensor
) -> torch.Tensor:
    """Return the clean latents that the model expects, from two steps of the sampler.

    In flow matching x = (1 - sigma) * clean + sigma * noise, and an Euler step moves along
    v = dx/dsigma, so clean = x - sigma * v (Liu et al. 2022, "Flow Straight and Fast").

    Parameters
    ----------
    before, after : Tensor
        Latents at ``sigma`` and at ``sigma_next``, any equal shape.
    sigma, sigma_next : Tensor
        Noise levels, 1 (noise) to 0 (clean), as scalars: reading their values would make
        the device wait.
    """
    sigma, sigma_next = sigma.to(after.device), sigma_next.to(after.device)
    velocity = (after - before) / (sigma_next - sigma).clamp(max=-1e-6)
    return after - sigma_next * velocity
