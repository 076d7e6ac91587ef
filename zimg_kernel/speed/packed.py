"""Weights of a transformer block, packed: fewer and larger products, one piece of memory a block.

The module's own parameters become views of the packed memory, so that its stock forward goes on to
work and nothing is stored twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zimg_kernel.models.fp8_linear import Fp8Linear
from zimg_kernel.models.fp8_rounding import quantise_weights

from .locked import WaitingMemory, to_device

if TYPE_CHECKING:
    import torch
    from torch import nn

SPARE = {"qkv": 96, "out": 0, "gate_up": 64, "down": 32}
"""Columns behind the weights of each product for the factors of LoRAs: up to rank 32 a layer.

A product over them, too, adds a LoRA within the same product (see ``lora_factors``). The output
projection's input comes from an attention kernel, which leaves no room for more columns.
"""

_ALIGNED = 128  # elements: each weight begins at a multiple, as tensor cores' copies want it


@dataclass(frozen=True)
class Linear:
    """A weight as a product takes it.

    Attributes
    ----------
    weight : Tensor
        (outputs, inputs) in the model's format or in fp8.
    scale : Tensor or None
        (1, outputs) float32 of a weight in fp8.
    room : Tensor or None
        The same memory with the columns for LoRAs: (outputs, inputs + spare).
    """

    weight: torch.Tensor
    scale: torch.Tensor | None = None
    room: torch.Tensor | None = None


@dataclass(frozen=True)
class BlockWeights:
    """All weights of a block that a step needs, but those of its modulation."""

    qkv: Linear
    out: Linear
    gate_up: Linear
    down: Linear
    norms: tuple[torch.Tensor, ...]  # before and after attention, before and after feed-forward
    norm_q: torch.Tensor | None
    norm_k: torch.Tensor | None


def halved(linear: Linear, heads: int) -> Linear:
    """Return a copy of the weights of queries, keys and values with the heads' halves apart.

    Its first half of rows gives queries, keys and values of the first half of the heads.
    """
    rows = linear.weight.shape[0]
    size = rows // (3 * heads)

    def apart(x: torch.Tensor) -> torch.Tensor:
        return x.view(3, 2, heads // 2 * size, -1).transpose(0, 1).reshape(rows, -1)

    scale = None if linear.scale is None else apart(linear.scale[0]).t()
    return Linear(apart(linear.weight), scale)


def linears(block: nn.Module) -> dict[str, list[tuple[nn.Module, str]]]:
    """Return where the layers of each packed product stand: (parent, name) each."""
    attention: Any = block.attention
    feed: Any = block.feed_forward
    return {
        "qkv": [(attention, "to_q"), (attention, "to_k"), (attention, "to_v")],
        "out": [(attention.to_out, "0")],
        "gate_up": [(feed, "w1"), (feed, "w3")],
        "down": [(feed, "w2")],
    }


class PackedBlock:
    """Memory of one block's weights, and how they lie in it.

    Parameters
    ----------
    block : ZImageTransformerBlock
        Its parameters become views of the packed memory.
    fp8 : bool
        Whether products' weights are stored in fp8, with a scale for each output.
    device : torch.device, optional
        Where the memory is; where the block is otherwise.
    via : torch.device, optional
        Where weights are rounded to fp8; where the memory is otherwise.
    spare : bool
        Whether there is room for LoRAs.
    locked : bool
        Whether the memory is page-locked RAM.
    """

    def __init__(
        self,
        block: nn.Module,
        *,
        fp8: bool = False,
        device: torch.device | None = None,
        via: torch.device | None = None,
        spare: bool = True,
        locked: bool = False,
    ) -> None:
        import torch

        self.block, self.fp8 = block, fp8
        self._spare = SPARE if spare and not fp8 else dict.fromkeys(SPARE, 0)
        places = linears(block)
        layers = {name: [getattr(*at) for at in found] for name, found in places.items()}
        first = layers["qkv"][0]
        self.dtype = first.dtype if isinstance(first, Fp8Linear) else first.weight.dtype
        own = _values_of(first).device
        self._shapes = {
            name: (sum(layer.out_features for layer in found), found[0].in_features)
            for name, found in layers.items()
        }
        self._via = via or device or own
        self._vectors = self._own_vectors()
        waiting = WaitingMemory(self._size()) if locked else None
        if waiting is not None:
            self.storage = waiting.tensor
        else:
            place = device or own
            self.storage = torch.empty(self._size(), dtype=torch.uint8, device=place)
        if any(self._spare.values()):  # columns that are read without having been written to
            self.storage.zero_()
        self.weights = self.view(self.storage)
        for name, found in layers.items():
            self._take(name, found, getattr(self.weights, name))
        self._take_vectors()
        if waiting is not None:
            waiting.lock()
        self._own: dict[str, list[Any]] = self._stand_in(places) if fp8 else dict(layers)

    def _own_vectors(self) -> list[tuple[nn.Module, str]]:
        block: Any = self.block
        names = ("attention_norm1", "attention_norm2", "ffn_norm1", "ffn_norm2")
        parts = [getattr(block, name) for name in names]
        parts += [block.attention.norm_q, block.attention.norm_k]
        return [(part, "weight") for part in parts if part is not None]

    def _size(self) -> int:
        return sum(size for _, size in self._offsets().values())

    def _offsets(self) -> dict[str, tuple[int, int]]:
        """Return (offset, size) in bytes of each weight; scales and norms included."""
        sizes: dict[str, int] = {}
        width = 1 if self.fp8 else self.dtype.itemsize
        for name, (outputs, inputs) in self._shapes.items():
            sizes[name] = outputs * (inputs + self._spare[name]) * width
            if self.fp8:
                sizes[f"{name} scale"] = outputs * 4
        for number, (part, name) in enumerate(self._vectors):
            sizes[f"vector {number}"] = getattr(part, name).numel() * self.dtype.itemsize
        found, place = {}, 0
        for name, size in sizes.items():
            size = -(-size // (2 * _ALIGNED)) * 2 * _ALIGNED
            found[name] = (place, size)
            place += size
        return found

    def view(self, storage: torch.Tensor) -> BlockWeights:
        """Return the weights that lie in a piece of memory (bytes) as ``storage`` holds them."""
        import torch

        places = self._offsets()
        small = torch.float8_e4m3fn if self.fp8 else self.dtype

        def matrix(name: str) -> Linear:
            outputs, inputs = self._shapes[name]
            wide = inputs + self._spare[name]
            start = places[name][0]
            flat = storage[start : start + outputs * wide * small.itemsize].view(small)
            room = flat.view(outputs, wide)
            scale = None
            if self.fp8:
                start = places[f"{name} scale"][0]
                scale = storage[start : start + outputs * 4].view(torch.float32)[None]
            return Linear(room[:, :inputs], scale, room if self._spare[name] else None)

        vectors = []
        for number, (part, name) in enumerate(self._vectors):
            start, count = places[f"vector {number}"][0], getattr(part, name).numel()
            size = count * self.dtype.itemsize
            vectors.append(storage[start : start + size].view(self.dtype))
        norm_q, norm_k = vectors[4:6] if len(vectors) == 6 else (None, None)
        matrices = (matrix("qkv"), matrix("out"), matrix("gate_up"), matrix("down"))
        return BlockWeights(*matrices, tuple(vectors[:4]), norm_q, norm_k)

    def _take(self, name: str, layers: list[Any], into: Linear) -> None:
        """Copy weights into the packed memory; in the model's format they become views of it."""
        at = 0
        for layer in layers:
            outputs, weight = int(layer.out_features), _values_of(layer)
            rows = slice(at, at + outputs)
            at += outputs
            if self.fp8:
                assert into.scale is not None
                if isinstance(layer, Fp8Linear):
                    values, scale = layer.packed
                else:
                    values, scale = quantise_weights(to_device(weight, self._via))
                into.weight[rows].copy_(values)
                into.scale[0, rows].copy_(scale)
            else:
                into.weight[rows].copy_(weight)
                layer.weight.data = into.weight[rows]

    def _take_vectors(self) -> None:
        for (part, name), into in zip(self._vectors, _vectors(self.weights), strict=True):
            into.copy_(getattr(part, name).data)
            getattr(part, name).data = into

    def move(self, storage: torch.Tensor) -> None:
        """Let the weights lie in another piece of memory that holds the same bytes."""
        self.storage, self.weights = storage, self.view(storage)
        self.show(self.weights)

    def show(self, weights: BlockWeights) -> None:
        """Let the block's own layers use weights of :meth:`view`, for its stock forward."""
        for name, layers in self._own.items():
            packed, at = getattr(weights, name), 0
            for layer in layers:
                rows = slice(at, at + int(layer.out_features))
                at += int(layer.out_features)
                if self.fp8:
                    layer.show(packed.weight[rows], packed.scale[0, rows])
                else:
                    layer.weight.data = packed.weight[rows]
        for (part, name), vector in zip(self._vectors, _vectors(weights), strict=True):
            getattr(part, name).data = vector

    def _stand_in(self, places: dict[str, list[tuple[nn.Module, str]]]) -> dict[str, list[Any]]:
        made: dict[str, list[Any]] = {}
        for name, found in places.items():
            packed, at = getattr(self.weights, name), 0
            for parent, child in found:
                layer: Any = getattr(parent, child)
                rows = slice(at, at + layer.out_features)
                at += layer.out_features
                small = Fp8Linear(packed.weight[rows], packed.scale[0, rows], self.dtype)
                setattr(parent, child, small)
                made.setdefault(name, []).append(small)
        return made


def _values_of(layer: Any) -> torch.Tensor:
    """Return the numbers of a layer as they lie in memory."""
    found: torch.Tensor = layer.packed[0] if isinstance(layer, Fp8Linear) else layer.weight.data
    return found


def _vectors(weights: BlockWeights) -> list[torch.Tensor]:
    heads = (weights.norm_q, weights.norm_k)
    return [*weights.norms, *(vector for vector in heads if vector is not None)]
