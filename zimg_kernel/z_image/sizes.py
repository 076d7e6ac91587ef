"""Sizes of a Z-Image model's parts, from its configs and the headers of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.models.diffusers_folder import component_bytes
from zimg_kernel.speed.residence import Sizes

if TYPE_CHECKING:
    from zimg_kernel.models.load_profile import LoadProfile

_MARGIN = 1.15  # what a caching allocator takes more than what is held


def sizes_of(folder: Path, profile: LoadProfile) -> Sizes:
    """Return the sizes of a model's parts in a complete folder under a profile."""
    width = profile.torch_dtype.itemsize
    transformer, encoder = _config(folder, "transformer"), _config(folder, "text_encoder")
    dim, refiners = int(transformer["dim"]), int(transformer["n_refiner_layers"])
    inner = int(dim / 3 * 8)  # diffusers' ZImageTransformerBlock
    values = 4 * dim * dim + 3 * dim * inner
    fast = profile.speed == "fast"
    block = values * (1 if fast else width)
    blocks = int(transformer["n_layers"]) + refiners
    layers = int(encoder["num_hidden_layers"])
    table = int(encoder["vocab_size"]) * int(encoder["hidden_size"]) * width
    whole = component_bytes(folder / "text_encoder", width)
    layer = (whole - table) / layers
    all_blocks = (blocks + refiners) * values * width
    rest = component_bytes(folder / "transformer", width) - all_blocks
    rest += component_bytes(folder / "vae", width)
    channels = int(_config(folder, "vae")["block_out_channels"][0])
    return Sizes(
        block=block,
        blocks=blocks,
        encoder_layer=layer,
        waiting_layer=layer / width if fast else layer,  # in 8 bits
        encoder_layers=layers - 1,
        embedding=table,
        caption_block=values * width,
        caption=refiners * values * width,
        rest=rest,
        # Gate and up, their product, the residual and its norm; in fp8 the norm is smaller.
        token=_MARGIN * (3 * inner + 2 * dim) * width,
        # Two maps of twice the first width and one of it, of the decoder's last level.
        pixel=_MARGIN * 9 * channels * width,
        # One map of twice the first width and two of it.
        band_pixel=_MARGIN * 4 * channels * width,
    )


def _config(folder: Path, part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / part / "config.json").read_text(encoding="utf-8"))
    return found
