"""A step whose rows of blocks are computed by two processes, seen from the first one."""

from __future__ import annotations

import logging
import weakref
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from zimg_kernel.models.device import is_out_of_memory
from zimg_kernel.speed.blocks import Modulation, Resident
from zimg_kernel.speed.graphs import StepGraphs
from zimg_kernel.speed.packed import halved
from zimg_kernel.speed.transformer import run_rows

from .exchange import Exchange, shares, turns_of
from .partner import Partner, PartnerLost
from .plan import plan_of, tensors

if TYPE_CHECKING:
    from zimg_kernel.speed.packed import PackedBlock
    from zimg_kernel.speed.transformer import PlainTransformer

_log = logging.getLogger(__name__)

ROWS = ("noise_refiner", "layers")
"""Those that each step passes; the caption's refiner, once for a prompt, is the first process's."""


class SplitRows:
    """Rows of blocks for tokens of which two processes have half each, and all weights.

    LoRAs, control maps and all that is drawn after the second process was lost are computed by the
    first one alone.

    Parameters
    ----------
    plain : PlainTransformer
        The whole model's.
    packed : dict of str to list of PackedBlock
        Its weights.
    device, other : torch.device
        The first process's, and the second one's.

    Attributes
    ----------
    trusting : bool
        Steps do not wait for the device to see whether the second process is still there:
        :meth:`held` tells it of all.

    Raises
    ------
    PartnerLost
        The second process did not begin.
    """

    def __init__(
        self,
        plain: PlainTransformer,
        packed: dict[str, list[PackedBlock]],
        device: torch.device,
        other: torch.device,
    ) -> None:
        self.plain, self._device = plain, device
        self.trusting = self._unsure = False
        self.partner = Partner(device, other)
        self._channel = self.partner.channel
        self.graphs = StepGraphs() if device.type == "cuda" else None
        self._shapes: dict[Any, Any] = {}  # rotations, which recordings read
        self._close = weakref.finalize(self, _close, self.partner, self.graphs)
        try:
            across = Exchange(self._channel, 0)
            self._blocks_of = {
                name: [
                    replace(block.weights, qkv=halved(block.weights.qkv, plain.row(name).heads))
                    for block in packed[name]
                ]
                for name in ROWS
            }
            self._rows = {
                name: replace(plain.row(name), weights=Resident(blocks), across=across)
                for name, blocks in self._blocks_of.items()
            }
            self._send_blocks()
        except Exception as error:
            self.partner.give_up(str(error).splitlines()[0] if str(error) else repr(error))
            self.close()
            if is_out_of_memory(error):
                raise
            raise PartnerLost(self.partner.lost) from error

    def _send_blocks(self) -> None:
        plans = {
            name: {
                "heads": row.heads,
                "eps": row.eps,
                "attention_fp8": row.attention_fp8 is not None,
                "blocks": [plan_of(weights) for weights in self._blocks_of[name]],
            }
            for name, row in self._rows.items()
        }
        dtype = str(self.plain.module.dtype).removeprefix("torch.")
        self.partner.send("blocks", plans, dtype)
        with torch.inference_mode():
            for name in ROWS:
                for weights in self._blocks_of[name]:
                    for x in tensors(weights):
                        if x is not None:
                            self._channel.share(x)
        self.partner.wait()

    def step(
        self, latents: torch.Tensor, times: torch.Tensor, captions: torch.Tensor
    ) -> torch.Tensor | None:
        """Return what :meth:`PlainTransformer.step` would; None without the second process."""
        if self.partner.lost:
            return None
        try:
            found = self._run(latents, times, captions)
            self._unsure |= self.trusting
            if self._device.type == "cuda" and not self.trusting:
                # What was computed while the other process went is worth nothing.
                torch.cuda.current_stream(self._device).synchronize()
        except Exception as error:
            self.partner.give_up(f"{type(error).__name__}: {error}".splitlines()[0][:300])
            if is_out_of_memory(error):
                raise
        if self.partner.lost:
            self.close()
            return None
        return found

    def held(self) -> bool:
        """Return whether all steps since the last call are right; the device must be done.

        A loss is known before what waits for the other process ends.
        """
        unsure, self._unsure = self._unsure, False
        return not (unsure and self.partner.lost)

    def _run(
        self, latents: torch.Tensor, times: torch.Tensor, captions: torch.Tensor
    ) -> torch.Tensor:
        key = (tuple(latents.shape), captions.shape[1])
        if key not in self._shapes:
            self._announce(key)
        self.partner.send("step", key, *self._inputs(*key))
        call = partial(self.plain.step, blocks=partial(self._blocks, key))
        if self.graphs is None:
            return call(latents, times, captions)
        return self.graphs.run(key, call, latents, times, captions)

    def _announce(self, key: Any) -> None:
        """Give the second process the rotations of its tokens of a new shape."""
        (_, _, height, width), tokens = key
        tables = self.plain.tables(tokens, height // 2, width // 2, self._device)
        turns = turns_of(*tables, 1)
        parts = [part.float() for turn in turns for part in (turn.cos, turn.sin)]
        self.partner.send("shape", key, [tuple(part.shape) for part in parts])
        for part in parts:
            self._channel.share(part)
        self._shapes[key] = turns_of(*tables, 0)

    def _inputs(self, shape: tuple[int, ...], tokens: int) -> tuple[list[Any], list[str]]:
        """Return shapes and formats of what the second process gets at each step."""
        batch, features = shape[0], int(self.plain.module.config.dim)
        picture = self._shapes[(shape, tokens)][0].cos.shape[0]
        shapes: list[Any] = [(batch, picture, features), (batch, tokens // 2, features)]
        for name in ROWS:
            shapes += [(len(self._rows[name].weights.fp8), 2, batch, features)] * 2
        return shapes, [str(self.plain.module.dtype).removeprefix("torch.")] * len(shapes)

    def _blocks(
        self,
        key: Any,
        x: torch.Tensor,
        captions: torch.Tensor,
        early: Modulation,
        late: Modulation,
    ) -> torch.Tensor:
        dtype = self.plain.module.dtype
        (x, others), (captions, other_captions) = shares(x), shares(captions)
        times = (early.scales, early.gates, late.scales, late.gates)
        for part in (others, other_captions, *times):
            self._channel.share(part.to(dtype))
        picture, both = self._shapes[key]
        found = run_rows(self._rows, picture, both, x, captions, early, late)
        mine = found[:, : x.shape[1]]
        return torch.cat([mine, self._channel.share(torch.empty_like(mine), root=1)], 1)

    def close(self) -> None:
        """End the second process, recordings first."""
        self._close()


def _close(partner: Partner, graphs: StepGraphs | None) -> None:
    if graphs is not None:
        try:
            torch.cuda.synchronize()
        except RuntimeError as error:  # the device itself has failed
            _log.info("%s", str(error).splitlines()[0])
        graphs.clear()
    partner.close()
