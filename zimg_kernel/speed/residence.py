"""Which parts of a model stay on its device and which wait in RAM, for a given memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zimg_kernel.models.device import CONTEXT_BYTES

from .blocks import Weights
from .packed import BlockWeights, PackedBlock
from .streaming import SLOTS, Stream, StreamedBlocks

if TYPE_CHECKING:
    import torch


class Window:
    """Some of a row's weights as a row of their own; see ``blocks.Weights``."""

    def __init__(self, weights: StreamedBlocks, first: int, count: int) -> None:
        self._weights, self._first = weights, first
        chosen = slice(first, first + count)
        self.fp8: Sequence[bool] = weights.fp8[chosen]
        self.first_norms: Sequence[torch.Tensor] = weights.first_norms[chosen]

    def take(self, index: int) -> BlockWeights:
        """Return a block's weights on the device."""
        return self._weights.take(self._first + index)

    def release(self, index: int) -> None:
        """Let a block's weights go."""
        self._weights.release(self._first + index)


def streamed(
    module: Any,
    packed: Mapping[str, Sequence[PackedBlock]],
    device: torch.device,
    resident: int,
) -> tuple[dict[str, Weights], Stream]:
    """Return the weights of all blocks, of which some wait in RAM, and what brings them.

    A step goes through the noise refiner and the main blocks, whose weights cross one after the
    other; the caption's refiner is needed once for a prompt. All else is brought to the device.
    """
    blocks = [*packed["noise_refiner"], *packed["layers"], *packed["context_refiner"]]
    for name, child in module.named_children():
        if name not in packed:
            child.to(device)
    steps = len(blocks) - len(packed["context_refiner"])
    for block in blocks[:steps]:
        block.block.adaLN_modulation.to(device)
    for name in ("x_pad_token", "cap_pad_token", "siglip_pad_token"):
        token = getattr(module, name, None)
        if token is not None:
            token.data = token.data.to(device)
    along = StreamedBlocks(blocks, device, resident, steps)
    found: dict[str, Weights] = {}
    first = 0
    for name in ("noise_refiner", "layers", "context_refiner"):
        found[name] = Window(along, first, len(packed[name]))
        first += len(packed[name])
    return found, along.stream


@dataclass(frozen=True)
class Sizes:
    """Bytes of a model's parts as they are packed, and of what a picture takes beside them.

    Attributes
    ----------
    block, blocks : float, int
        Of one of the blocks of a step, and their number.
    caption_block, caption : float
        Of a block of the caption's refiner, and of all of it.
    encoder_layer, waiting_layer, encoder_layers : float, float, int
        Of a layer of the text encoder, of one as it is kept where some wait in RAM, and their
        number without the last layer, which is not used.
    embedding : float
        Of the text encoder's table of tokens, which may stay in RAM.
    rest : float
        Of everything that is always on the device.
    token : float
        What a step holds for each token of picture and prompt.
    pixel, band_pixel : float
        What decoding holds for each pixel, whole and in bands.
    """

    block: float
    blocks: int
    encoder_layer: float
    waiting_layer: float
    encoder_layers: int
    embedding: float
    caption_block: float
    caption: float
    rest: float
    token: float
    pixel: float
    band_pixel: float

    def whole(self, pixels: int) -> float:
        """Return what is held at most with everything on the device and a picture of a size."""
        weights = self.blocks * self.block + self.caption + self.embedding + self.rest
        weights += self.encoder_layers * self.encoder_layer
        return weights + CONTEXT_BYTES + max(self.step(pixels), self.pixel * pixels)

    def step(self, pixels: int) -> float:
        """Return what a step of a picture of a size holds beside weights."""
        return self.token * (pixels / _TOKEN + _PROMPT)

    def work(self, pixels: int) -> float:
        """Return what a picture of a size takes at most where weights cross, with their rooms.

        Rooms for pieces on their way are given back between encoding, steps and decoding.
        """
        crossing = SLOTS * max(self.block, self.caption_block)
        decoding = self.band_pixel * pixels + _BANDS
        return max(crossing + self.step(pixels), decoding, SLOTS * self.encoder_layer)


@dataclass(frozen=True)
class Residence:
    """How much of a model stays on its device.

    Attributes
    ----------
    blocks, encoder_layers : int or None
        How many stay; None means all of them, and that nothing is arranged for moving.
    band : int or None
        Pixels of a band of the decoder, None for whole pictures.
    peak : float
        Bytes that will be held at most, everything of the process included.
    room, pixels : float, int
        Bytes that may be held, and pixels of a picture for which it was planned.
    sizes : Sizes
        Of which it was planned.
    """

    blocks: int | None
    encoder_layers: int | None
    band: int | None
    peak: float
    room: float
    pixels: int
    sizes: Sizes

    @property
    def waits(self) -> bool:
        """Whether parts wait in RAM."""
        return self.blocks is not None


def plan(sizes: Sizes, room: float, pixels: int) -> Residence | None:
    """Return what stays on a device with so many bytes for this process; None if too few.

    Everything stays where there is room. Else the decoder works in bands, and the blocks come
    first: one that crosses costs its time in every step, until so many stay that the rest cross
    while these compute (at 1024 x 1024 on an H100 behind a bus of 51 GB/s, five of eight keep the
    bus busy for nine tenths of a step, which cost 6 % of it; tests/benchmarks/speed_full_size.py).
    Then the encoder's layers, which cross once for a new
    prompt; what is left goes to more blocks.
    """
    whole = sizes.whole(pixels)
    if whole <= room:
        return Residence(None, None, None, whole, room, pixels, sizes)
    left = room - sizes.rest - CONTEXT_BYTES - sizes.work(pixels) - _SLACK
    if left < 0:
        return None
    first = min(sizes.blocks * 11 // 16, int(left / sizes.block))
    left -= first * sizes.block
    layers = min(sizes.encoder_layers, int(left / sizes.waiting_layer))
    left -= layers * sizes.waiting_layer
    more = min(sizes.blocks - first, int(left / sizes.block))
    left -= more * sizes.block
    return Residence(first + more, layers, BAND, room - left, room, pixels, sizes)


BAND = 256 * 512
"""Pixels of a band: enough work for a card, and some tens of MB."""

_BANDS = 0.3e9
"""Bytes that the bands themselves take at most."""

_SLACK = 0.35e9
"""Bytes that a caching allocator may hold in pieces that are too small for the next request."""

_TOKEN = 256
"""Pixels of a token: a patch of 2 x 2 latents of 8 x 8 pixels."""

_PROMPT = 512
"""Tokens of a prompt that room is kept for."""
