"""Decoder of the autoencoder in channels-last memory, whole or in bands without seams."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .fallback import Fallback
from .graphs import StepGraphs
from .group_norm import add_biased, apply, double, statistics

_QUERIES = 1024  # of the attention at a time: scores take 4 bytes for each pair
_HALO = 1  # rows that a 3 x 3 convolution sees beyond a band


class FastDecoder:
    """Replaces the forward of an ``AutoencoderKL``'s decoder.

    It computes what diffusers' does: norms with their activations in one pass, biases of
    convolutions within the next operation, the attention of one head by products.

    Parameters
    ----------
    decoder : diffusers Decoder
        Its convolutions' weights are laid out in channels-last memory.
    band : int, optional
        Pixels of a band: norms and convolutions of larger pictures run over bands of whole
        lines. Norms take their statistics from the whole picture and convolutions see the lines
        beyond, so bands leave no seams; less memory is held, a little more time is taken.
    graphs : StepGraphs, optional
        Where decoding of whole pictures is recorded.
    """

    def __init__(
        self, decoder: Any, band: int | None = None, graphs: StepGraphs | None = None
    ) -> None:
        self.decoder, self.band = decoder, band
        self._graphs = graphs if band is None else None
        self._stock = decoder.forward
        self.fallback = Fallback("decoder")
        decoder.to(memory_format=torch.channels_last)
        decoder.forward = self

    def remove(self) -> None:
        """Give the decoder its stock forward back."""
        self.decoder.forward = self._stock
        self.decoder.to(memory_format=torch.contiguous_format)

    def __call__(self, sample: torch.Tensor, latent_embeds: Any = None) -> torch.Tensor:
        """Return pixels (batch, 3, height, width) of latents (batch, 16, height/8, width/8)."""
        if latent_embeds is not None or torch.is_grad_enabled() or not supports(self.decoder):
            found: torch.Tensor = self._stock(sample, latent_embeds)
            return found
        pixels: torch.Tensor = self.fallback.run(
            lambda: self._fast(sample), lambda: self._stock(sample, latent_embeds)
        )
        return pixels

    def _fast(self, sample: torch.Tensor) -> torch.Tensor:
        if self._graphs is not None and sample.is_cuda:
            return self._graphs.run("decoder", self._decode, sample)
        return self._decode(sample)

    def _decode(self, sample: torch.Tensor) -> torch.Tensor:
        decoder = self.decoder
        x = decoder.conv_in(sample.contiguous(memory_format=torch.channels_last))
        x = self._middle(decoder.mid_block, x)
        for block in decoder.up_blocks:
            for resnet in block.resnets:
                x = self._resnet(resnet, x)
            for upsampler in block.upsamplers or ():
                x = self._upsample(upsampler, x)
        out = self._normed_conv(x, decoder.conv_norm_out, decoder.conv_out, None)
        bias = decoder.conv_out.bias
        return out if bias is None else out + bias[None, :, None, None]

    def _middle(self, block: Any, x: torch.Tensor) -> torch.Tensor:
        x = self._resnet(block.resnets[0], x)
        for attention, resnet in zip(block.attentions, block.resnets[1:], strict=True):
            if attention is not None:
                x = self._attend(attention, x)
            x = self._resnet(resnet, x)
        return x

    def _resnet(self, part: Any, x: torch.Tensor) -> torch.Tensor:
        h = self._normed_conv(x, part.norm1, part.conv1, None)
        h = self._normed_conv(h, part.norm2, part.conv2, part.conv1.bias)
        bias = part.conv2.bias
        if part.conv_shortcut is not None:
            x = F.conv2d(x, part.conv_shortcut.weight)
            bias = bias + part.conv_shortcut.bias
        # The convolution's result is nobody else's; what came in may be.
        return add_biased(h, x, bias)

    def _normed_conv(
        self, x: torch.Tensor, norm: nn.GroupNorm, conv: nn.Conv2d, bias: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the convolution, without its bias, of the normed and activated ``x + bias``."""
        normed = statistics(x, norm, bias)
        height, width = x.shape[2:]
        lines = height if self.band is None else max(8, self.band // width)
        if lines >= height:
            return F.conv2d(apply(x, normed), conv.weight, padding=1)
        out = _room(x, conv.out_channels, height, width)
        for top in range(0, height, lines):
            bottom = min(height, top + lines)
            above, below = min(top, _HALO), min(height - bottom, _HALO)
            part = apply(x[:, :, top - above : bottom + below], normed)
            part = F.pad(part, (0, 0, _HALO - above, _HALO - below))
            out[:, :, top:bottom] = F.conv2d(part, conv.weight, padding=(0, 1))
        return out

    def _upsample(self, part: Any, x: torch.Tensor) -> torch.Tensor:
        """Return the picture at twice the size, each pixel repeated, after its convolution."""
        conv, (height, width) = part.conv, x.shape[2:]
        lines = height if self.band is None else max(4, self.band // (4 * width))
        if lines >= height:
            found: torch.Tensor = conv(double(x))
            return found
        out = _room(x, conv.out_channels, 2 * height, 2 * width)
        for top in range(0, height, lines):
            bottom = min(height, top + lines)
            above, below = min(top, _HALO), min(height - bottom, _HALO)
            wide = double(x[:, :, top - above : bottom + below])
            # One line of the larger picture is seen beyond the band; a line of x makes two.
            wide = wide[:, :, above : wide.shape[2] - below]
            wide = F.pad(wide, (0, 0, _HALO - above, _HALO - below))
            part_out = F.conv2d(wide, conv.weight, conv.bias, padding=(0, 1))
            out[:, :, 2 * top : 2 * bottom] = part_out
        return out

    def _attend(self, part: Any, x: torch.Tensor) -> torch.Tensor:
        """Return the picture after the attention of its middle, of one head."""
        batch, channels, height, width = x.shape
        tokens = apply(x, statistics(x, part.group_norm), silu=False)
        tokens = tokens.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        q, k, v = part.to_q(tokens), part.to_k(tokens), part.to_v(tokens)
        mixed = torch.empty_like(v)
        for item in range(batch):
            for first in range(0, q.shape[1], _QUERIES):
                rows = slice(first, first + _QUERIES)
                mixed[item, rows] = _mix(q[item, rows], k[item], v[item])
        out = part.to_out[0](mixed)
        out = out.view(batch, height, width, channels).permute(0, 3, 1, 2)
        return (x + out) / part.rescale_output_factor


def _room(x: torch.Tensor, channels: int, height: int, width: int) -> torch.Tensor:
    shape = (x.shape[0], channels, height, width)
    return torch.empty(shape, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)


def supports(decoder: Any) -> bool:
    """Return whether a decoder is built as Z-Image's: group norms, SiLU, attention of one head."""
    attentions = [part for part in decoder.mid_block.attentions or () if part is not None]
    resnets = [
        *decoder.mid_block.resnets,
        *(resnet for block in decoder.up_blocks for resnet in block.resnets),
    ]
    return all(
        (
            isinstance(decoder.conv_norm_out, nn.GroupNorm),
            all(part.heads == 1 and part.residual_connection for part in attentions),
            all(part.group_norm is not None and part.norm_q is None for part in attentions),
            all(isinstance(part.nonlinearity, nn.SiLU) for part in resnets),
            all(part.output_scale_factor == 1 and part.upsample is None for part in resnets),
            all(part.use_conv for block in decoder.up_blocks for part in block.upsamplers or ()),
        )
    )


def _mix(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Return softmax(q k / sqrt(features)) v with scores in float32."""
    scale = q.shape[-1] ** -0.5
    if q.is_cuda and q.dtype != torch.float32:
        scores = torch.mm(q, k.t(), out_dtype=torch.float32)
    else:
        scores = (q @ k.t()).float()
    return torch.softmax(scores.mul_(scale), -1).to(v.dtype) @ v
