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
    """

    blocks: int | None
    encoder_layers: int | None
    band: int | None
    peak: float

    @property
    def waits(self) -> bool:
        """Whether parts wait in RAM."""
        return self.blocks is not None


@dataclass(frozen=True)
class Sizes:
    """Bytes of a model's parts as they are packed, and of what a picture takes beside them.

    Attributes
    ----------
    block, blocks : float, int
        Of one of the blocks of a step, and their number.
    caption_block, caption : float
        Of a block of the caption's refiner, and of all of it.
    encoder_layer, encoder_layers : float, int
        The same of the text encoder, but the last layer, which is not used.
    embedding : float
        Of the text encoder's table of tokens, which may stay in RAM.
    rest : float
        Of everything that is always on the device.
    step, decode, banded : float
        What a step holds beside weights, and decoding, whole and in bands.
    """

    block: float
    blocks: int
    encoder_layer: float
    encoder_layers: int
    embedding: float
    caption_block: float
    caption: float
    rest: float
    step: float
    decode: float
    banded: float


def plan(sizes: Sizes, room: float) -> Residence | None:
    """Return what stays on a device with so many bytes for this process; None if too few.

    Everything stays where there is room. Else the decoder works in bands. Blocks that cross are
    hidden behind the work of others (one of two is about what a bus of 55 GB/s brings during a
    step of Z-Image at 1024 x 1024 on an H100), so half of them stay before the encoder's layers
    do, which a new prompt waits for; what is left goes to more blocks.
    """
    whole = sizes.blocks * sizes.block + sizes.caption + sizes.embedding + sizes.rest
    whole += sizes.encoder_layers * sizes.encoder_layer + CONTEXT_BYTES
    if whole + max(sizes.step, sizes.decode) <= room:
        return Residence(None, None, None, whole + max(sizes.step, sizes.decode))
    # Rooms for pieces on their way are given back between encoding, steps and decoding.
    crossing = SLOTS * max(sizes.block, sizes.caption_block)
    work = max(crossing + sizes.step, sizes.banded, SLOTS * sizes.encoder_layer)
    left = room - sizes.rest - CONTEXT_BYTES - work - _SLACK
    if left < 0:
        return None
    half = min(sizes.blocks // 2, int(left / sizes.block))
    left -= half * sizes.block
    layers = min(sizes.encoder_layers, int(left / sizes.encoder_layer))
    left -= layers * sizes.encoder_layer
    more = min(sizes.blocks - half, int(left / sizes.block))
    left -= more * sizes.block
    return Residence(half + more, layers, BAND, room - left)


BAND = 128 * 512
"""Pixels of a band: enough work for a card, and a few tens of MB."""

_SLACK = 0.35e9
"""Bytes that a caching allocator may hold in pieces that are too small for the next request."""
