"""Attention over the tokens of two processes: each computes half of the heads for all of them.

Each process has half of the tokens with all heads. It gives the other one its heads' queries, keys
and values, and gets back what attention made of its own tokens (Jacobs et al., "DeepSpeed Ulysses",
2023), both while it computes what it needs itself. Attention does not mind the order of tokens, so
each process has its own ones first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from zimg_kernel.speed.attention import Attention
    from zimg_kernel.speed.blocks import Modulation, Rotation


class Exchange:
    """Attention of one of two processes, whose shares of tokens are equally long.

    Parameters
    ----------
    channel : Channel
    rank : {0, 1}
        Which process this is; the first one computes the first half of the heads.
    """

    def __init__(self, channel: Any, rank: int) -> None:
        self._channel, self._rank = channel, rank

    def __call__(self, project: Callable[..., torch.Tensor], attention: Attention) -> torch.Tensor:
        """Return attention (batch, tokens, heads, size) for the tokens of this process.

        What the other process waits for is computed first, and crosses while the rest is computed.

        Parameters
        ----------
        project : callable
            As :class:`zimg_kernel.speed.blocks.Across` says.
        attention : callable
            Computes it from queries, keys and values (batch, tokens, heads, size).
        """
        import torch

        own, other = self._rank, 1 - self._rank
        given = project(other)
        batch, tokens, _, half, size = given.shape
        whole = given.new_empty((batch, 2 * tokens, 3, half, size))
        crossing = self._channel.swap(given, whole[:, tokens:])
        whole_own = whole[:, :tokens]
        if whole_own.is_contiguous():
            made = project(own, whole_own)
            if made.data_ptr() != whole_own.data_ptr():
                _bytes(whole_own).copy_(_bytes(made))
        else:
            _bytes(whole_own).copy_(_bytes(project(own)))
        crossing.wait()
        queries, keys, values = whole.unbind(2)
        crossing = self._channel.swap(attention(queries[:, tokens:], keys, values))
        mixed = attention(queries[:, :tokens], keys, values)
        found = mixed.new_empty((batch, tokens, 2, half, size))
        found[:, :, own] = mixed
        found[:, :, other] = crossing.wait()
        return torch.flatten(found, 2, 3)


def _bytes(x: torch.Tensor) -> torch.Tensor:
    """Return numbers as bytes: not every operation knows fp8."""
    import torch

    return x.view(torch.uint8)


def shares(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return both processes' halves of tokens (batch, tokens, features); their number is even."""
    first, second = x.chunk(2, 1)
    return first.contiguous(), second.contiguous()


def turns_of(picture: Rotation, both: Rotation, rank: int) -> tuple[Rotation, Rotation]:
    """Return the rotations of a process's tokens: half of the picture's, and half of the caption's.

    Parameters
    ----------
    picture, both : Rotation
        Those of a picture, and of it with its caption behind it; even numbers of tokens.
    rank : {0, 1}
    """
    import torch

    from zimg_kernel.speed.blocks import Rotation

    def half(x: torch.Tensor) -> torch.Tensor:
        return x.chunk(2)[rank]

    count = picture.cos.shape[0]
    own = [half(part) for part in (picture.cos, picture.sin)]
    texts = [half(part[count:]) for part in (both.cos, both.sin)]
    joint = [torch.cat(parts) for parts in zip(own, texts, strict=True)]
    return Rotation(*(part.contiguous() for part in own)), Rotation(*joint)


def modulations(parts: list[torch.Tensor]) -> tuple[Modulation, Modulation]:
    """Return the modulations of both rows of blocks from their scales and gates."""
    from zimg_kernel.speed.blocks import Modulation

    return Modulation(*parts[:2]), Modulation(*parts[2:])
