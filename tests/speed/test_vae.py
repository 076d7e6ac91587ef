"""The fast decoder agrees with diffusers' own, in one piece and in bands."""

from __future__ import annotations

import copy

import pytest
import torch
from diffusers import AutoencoderKL

from zimg_kernel.speed.vae import FastDecoder


@pytest.mark.parametrize("band", [None, 32 * 20])
@pytest.mark.parametrize("size", [(4, 6), (12, 8)])
def test_same_pixels(band: int | None, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    stock = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 3,
        up_block_types=["UpDecoderBlock2D"] * 3,
        block_out_channels=[16, 32, 32],
        layers_per_block=2,
        latent_channels=16,
        norm_num_groups=8,
        use_quant_conv=False,
        use_post_quant_conv=False,
    ).eval()
    fast = copy.deepcopy(stock)
    FastDecoder(fast.decoder, band)
    with torch.inference_mode():
        z = torch.randn(2, 16, *size)
        expected, found = stock.decode(z).sample, fast.decode(z).sample
        assert (found - expected).abs().max() <= 1e-5 * expected.abs().max()
