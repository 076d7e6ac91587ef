"""Forward of an autoencoder's decoder for export."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

_PHASES = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Places of the pixels, row and column, that one pixel becomes."""


class DecoderForExport(nn.Module):
    """Pixels of latents, from the weights of an ``AutoencoderKL``.

    Parameters
    ----------
    vae : AutoencoderKL
        In float32; its parameters are shared, and its enlargements are replaced.
    """

    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.before = getattr(vae, "post_quant_conv", None)
        self.decoder = vae.decoder
        for block in self.decoder.up_blocks:
            if block.upsamplers is not None:
                block.upsamplers = nn.ModuleList(_enlargement(one) for one in block.upsamplers)

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Return pixels (1, 3, 8 height, 8 width), -1 to 1.

        Parameters
        ----------
        latents : Tensor
            (1, channels, height, width), divided by ``scaling_factor`` and with
            ``shift_factor`` added, as the autoencoder's config names them.
        """
        if self.before is not None:
            latents = self.before(latents)
        pixels: torch.Tensor = self.decoder(latents)
        return pixels


def _enlargement(part: Any) -> nn.Module:
    """Return what computes a diffusers ``Upsample2D`` with fewer products, or that itself."""
    conv = getattr(part, "conv", None)
    plain = (
        isinstance(conv, nn.Conv2d)
        and (conv.kernel_size, conv.padding, conv.stride) == ((3, 3), (1, 1), (1, 1))
        and getattr(part, "norm", None) is None
        and conv.groups == 1
    )
    return Enlargement(conv) if plain and conv is not None else part


class Enlargement(nn.Module):
    """Doubled sides by nearest neighbours and a 3 x 3 convolution, in four ninths of the products.

    Each pixel that comes out sees 2 x 2 of those that went in: its 3 x 3 weights fall on them, and
    those on the same pixel are added once, beforehand. Where a pixel lies in its 2 x 2 cell decides
    which fall together, so there are four kernels (Shi et al., "Is the deconvolution layer the same
    as a convolutional layer?", 2016).
    """

    def __init__(self, conv: nn.Conv2d) -> None:
        super().__init__()
        # (phase, row of the 2 x 2 kernel, row of the 3 x 3 kernel)
        fall = torch.tensor([[[1.0, 0, 0], [0, 1, 1]], [[1, 1, 0], [0, 0, 1]]], dtype=torch.float64)
        kernels = torch.einsum("pru,qcv,oiuv->pqoirc", fall, fall, conv.weight.double())
        self.kernels = nn.ParameterList(
            nn.Parameter(kernel.float(), requires_grad=False) for kernel in kernels.flatten(0, 1)
        )
        self.bias = conv.bias

    def forward(self, x: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        """Return (batch, channels, 2 height, 2 width) of (batch, channels, height, width)."""
        cells = []
        for kernel, (row, column) in zip(self.kernels, _PHASES, strict=True):
            around = F.pad(x, (1 - column, column, 1 - row, row))
            cells.append(F.conv2d(around, kernel, self.bias))
        # Channels of the four phases stand together for pixel_shuffle.
        return F.pixel_shuffle(torch.stack(cells, 2).flatten(1, 2), 2)
