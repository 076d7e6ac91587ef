"""A row of transformer blocks over packed weights, each of few and large operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from .attention import Attention
from .fused import Rows, add_norm, norm_rope, norm_rope_fp8, norm_scale, quantise_rows, silu_up
from .lora_factors import Factors
from .packed import BlockWeights, Linear
from .products import product

if TYPE_CHECKING:
    import torch


class Weights(Protocol):
    """Where the weights of a row of blocks are, at hand or to be fetched in turn."""

    fp8: Sequence[bool]
    """Whether each block's products are in fp8."""

    first_norms: Sequence[torch.Tensor]
    """Weights of the first norm of each block; always at hand."""

    def take(self, index: int) -> BlockWeights:
        """Return a block's weights, ready for the current stream."""

    def release(self, index: int) -> None:
        """Say that the current stream needs a block's weights no longer."""


class Resident:
    """Weights that all lie on the device."""

    def __init__(self, blocks: Sequence[BlockWeights]) -> None:
        self._blocks = list(blocks)
        self.fp8: Sequence[bool] = [block.qkv.scale is not None for block in blocks]
        self.first_norms: Sequence[torch.Tensor] = [block.norms[0] for block in blocks]

    def take(self, index: int) -> BlockWeights:
        """Return a block's weights."""
        return self._blocks[index]

    def release(self, index: int) -> None:
        """Do nothing."""


class Across(Protocol):
    """Attention over the tokens of two processes."""

    def __call__(self, project: Callable[..., torch.Tensor], attention: Attention) -> torch.Tensor:
        """Return attention (batch, tokens, heads, size) for this process's tokens.

        Parameters
        ----------
        project : callable
            Returns queries, keys and values (batch, tokens, 3, heads / 2, size) of this process's
            tokens for one half of the heads, 0 or 1; a second argument says where to put them, if
            that is contiguous memory.
        attention : callable
        """


@dataclass(frozen=True)
class Modulation:
    """What the time does to the blocks of a row, for each block (batch, features).

    Attributes
    ----------
    scales : Tensor
        (blocks, 2, batch, features) before attention and feed-forward, 1 added.
    gates : Tensor
        The same of their results, tanh taken.
    """

    scales: torch.Tensor
    gates: torch.Tensor


@dataclass(frozen=True)
class Rotation:
    """Cosines and sines (tokens, head size / 2) of a sequence."""

    cos: torch.Tensor
    sin: torch.Tensor


@dataclass(frozen=True)
class Row:
    """How a row of blocks computes.

    Attributes
    ----------
    weights : Weights
        Those of its blocks.
    heads : int
        Of the attention.
    eps : float
        Of the norms of tokens; those of heads have 1e-5 in diffusers' blocks.
    attention, attention_fp8 : callable
        That of blocks in the model's format, and another one for blocks in fp8, if there is.
    factors : sequence of dict
        LoRAs of each block by product, or empty.
    across : Across, optional
        Attention over the tokens of two processes, of which this one has a half. The weights of
        the first product then lie as :func:`zimg_kernel.speed.packed.halved` lays them.
    """

    weights: Weights
    heads: int
    eps: float
    attention: Attention
    attention_fp8: Attention | None = None
    factors: Sequence[Mapping[str, Factors]] = field(default=())
    across: Across | None = None

    def run(self, x: torch.Tensor, turn: Rotation, time: Modulation | None) -> torch.Tensor:
        """Return the tokens (batch, tokens, features) behind the last block."""
        count = len(self.weights.fp8)
        rows: Rows | None = None
        for index in range(count):
            fp8, lora = self.weights.fp8[index], self._lora(index)
            scales, gates = _of_time(time, index)
            if rows is None:
                first = self.weights.first_norms[index]
                spare = _spare(lora, "qkv")
                rows = norm_scale(x, first, self.eps, scales[0], fp8=fp8, spare=spare)
            weights = self.weights.take(index)
            _, middle, later, last = weights.norms
            update = self._attend(x, rows, weights, turn, lora)
            x, rows = add_norm(
                x, update, middle, self.eps, gates[0], later, scales[1],
                fp8=fp8, spare=_spare(lora, "gate_up"),
            )  # fmt: skip
            assert rows is not None
            wide = product(rows, weights.gate_up, lora.get("gate_up"))
            rows = silu_up(wide, fp8=fp8, spare=_spare(lora, "down"))
            del wide
            update = product(rows, weights.down, lora.get("down"))
            if index + 1 < count:
                after, scale = self.weights.first_norms[index + 1], _of_time(time, index + 1)[0][0]
                fp8, spare = self.weights.fp8[index + 1], _spare(self._lora(index + 1), "qkv")
                x, rows = add_norm(
                    x, update, last, self.eps, gates[1], after, scale, fp8=fp8, spare=spare
                )
            else:
                x, _ = add_norm(x, update, last, self.eps, gates[1], None, None)
            self.weights.release(index)
        return x

    def _lora(self, index: int) -> Mapping[str, Factors]:
        return self.factors[index] if self.factors else {}

    def _attend(
        self,
        x: torch.Tensor,
        rows: Rows,
        weights: BlockWeights,
        turn: Rotation,
        lora: Mapping[str, Factors],
    ) -> torch.Tensor:
        batch, tokens, _ = x.shape
        small = weights.out.scale is not None
        attention = self.attention_fp8 if small else None
        fp8 = attention is not None
        attention = attention or self.attention

        def project(linear: Linear, heads: int, into: torch.Tensor | None = None) -> torch.Tensor:
            qkv = product(rows, linear, lora.get("qkv"), None if fp8 else into)
            qkv = qkv.view(batch, tokens, -1)
            how = (weights.norm_q, weights.norm_k, 1e-5, turn.cos, turn.sin, heads)
            if fp8:
                qkv = norm_rope_fp8(qkv, *how, into=into)
            else:
                norm_rope(qkv, *how)
            return qkv.view(batch, tokens, 3, heads, -1)

        if self.across is None:
            mixed = attention(*project(weights.qkv, self.heads).unbind(2))
        else:
            mixed = self.across(partial(_half, project, weights.qkv, self.heads // 2), attention)
        mixed = mixed.reshape(batch * tokens, -1)
        out = Rows(*quantise_rows(mixed), mixed) if small else Rows(mixed)
        return product(out, weights.out, lora.get("out"))


def _half(
    project: Callable[..., torch.Tensor],
    both: Linear,
    heads: int,
    which: int,
    into: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return queries, keys and values of one half of the heads."""
    size = both.weight.shape[0] // 2
    part = slice(which * size, (which + 1) * size)
    scale = None if both.scale is None else both.scale[:, part]
    return project(Linear(both.weight[part], scale), heads, into)


def _of_time(time: Modulation | None, index: int) -> tuple[Any, Any]:
    """Return the two scales and the two gates (batch, features) of a block."""
    if time is None:
        return (None, None), (None, None)
    return time.scales[index], time.gates[index]


def _spare(lora: Mapping[str, Factors], name: str) -> int:
    return lora[name].down.shape[0] if name in lora else 0
