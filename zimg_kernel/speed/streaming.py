"""Weights that wait in page-locked RAM and cross to the device while others are in use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .packed import BlockWeights, PackedBlock

SLOTS = 2
"""Pieces on their way or in use at a time: one is computed with while the next one crosses."""


class Stream:
    """Pieces of memory that a device needs in turn, again and again.

    Parameters
    ----------
    pieces : sequence of Tensor
        Bytes of each piece, on the CPU; they become page-locked where a CUDA device wants them.
    device : torch.device
        Where they are needed.
    resident : int
        How many of the first ``round`` stay there. They are spread, so that the others can cross
        while these are in use.
    round : int, optional
        How many of the pieces, from the first, are needed again and again; the ones behind them
        only now and then. All of them by default.
    """

    def __init__(
        self,
        pieces: Sequence[torch.Tensor],
        device: torch.device,
        resident: int = 0,
        round: int | None = None,
    ) -> None:
        cuda = device.type == "cuda"
        self.pieces = [_locked(piece) if cuda else piece for piece in pieces]
        self._device = device
        count = len(self.pieces) if round is None else round
        stay = spread(count, min(resident, count))
        self._resident = {index: self.pieces[index].to(device) for index in stay}
        self._round = [index for index in range(count) if index not in self._resident]
        self._order = [*self._round, *range(count, len(self.pieces))]
        self._free: deque[tuple[torch.Tensor, Any]] = deque()
        self._here: dict[int, tuple[torch.Tensor, Any]] = {}
        self._rooms = 0
        self._next = 0  # of the order
        self._copies = torch.cuda.Stream(device) if cuda else None

    @property
    def resident(self) -> int:
        """How many pieces stay on the device."""
        return len(self._resident)

    def let_go(self) -> int:
        """Let one of the pieces that stay wait in RAM from now on; return its bytes."""
        self.give_rooms_back()
        index = sorted(self._resident)[len(self._resident) // 2]
        freed = self._resident.pop(index).numel()
        self._round = sorted([*self._round, index])
        self._order = [*self._round, *self._order[len(self._round) - 1 :]]
        return freed

    def take(self, index: int) -> torch.Tensor:
        """Return a piece on the device, ready for the current stream of work."""
        if index in self._resident:
            return self._resident[index]
        if index not in self._here:
            self._begin(index)
        room, arrived = self._here[index]
        if arrived is not None:
            torch.cuda.current_stream(self._device).wait_event(arrived)
        return room[: self.pieces[index].numel()]

    def release(self, index: int) -> None:
        """Let a piece go: its room is used for the next one when the work given so far is done."""
        if index not in self._here:
            return
        room, _ = self._here.pop(index)
        used = None
        if self._copies is not None:
            used = torch.cuda.Event()
            used.record(torch.cuda.current_stream(self._device))
        self._free.append((room, used))
        self._fetch()

    def give_rooms_back(self) -> None:
        """Give back the memory of pieces that come and go, until the next is taken."""
        for _, arrived in self._here.values():
            if arrived is not None:
                torch.cuda.current_stream(self._device).wait_event(arrived)
        self._here.clear()
        self._free.clear()
        self._rooms = 0

    def _begin(self, index: int) -> None:
        """Begin a round at a piece, whatever is on its way."""
        self._make_rooms()
        for other in list(self._here):
            self._free.append(self._here.pop(other))
        self._next = self._order.index(index)
        self._fetch()

    def _make_rooms(self) -> None:
        most = max(self.pieces[index].numel() for index in self._order)
        while self._rooms < min(SLOTS, len(self._order)):
            with torch.inference_mode(False):  # so that it can be written to in any mode
                room = torch.empty(most, dtype=torch.uint8, device=self._device)
            self._free.append((room, None))
            self._rooms += 1

    def _fetch(self) -> None:
        """Let the next pieces cross into rooms that are free."""
        while self._free and self._order[self._next] not in self._here:
            room, used = self._free.popleft()
            index = self._order[self._next]
            self._next += 1
            if self._next in (len(self._round), len(self._order)):
                self._next = 0
            piece = self.pieces[index]
            into = room[: piece.numel()]
            if self._copies is None:
                into.copy_(piece)
                self._here[index] = (room, None)
                continue
            if used is None:
                self._copies.wait_stream(torch.cuda.current_stream(self._device))
            else:
                self._copies.wait_event(used)
            with torch.cuda.stream(self._copies):
                into.copy_(piece, non_blocking=True)
                arrived = torch.cuda.Event()
                arrived.record(self._copies)
            self._here[index] = (room, arrived)


class StreamedBlocks:
    """Weights of a row of blocks of which some wait in RAM; see ``blocks.Weights``.

    Parameters
    ----------
    blocks : sequence of PackedBlock
        Packed on the CPU, without room for LoRAs, which are then added by products of their own.
    device : torch.device
        Where they are needed.
    resident, round : int
        As :class:`Stream` has them.
    """

    def __init__(
        self,
        blocks: Sequence[PackedBlock],
        device: torch.device,
        resident: int = 0,
        round: int | None = None,
    ) -> None:
        self._blocks = list(blocks)
        self.stream = Stream([block.storage for block in blocks], device, resident, round)
        for block, piece in zip(blocks, self.stream.pieces, strict=True):
            block.move(piece)
        self.fp8: Sequence[bool] = [block.fp8 for block in blocks]
        self.first_norms: Sequence[torch.Tensor] = [
            block.weights.norms[0].to(device) for block in blocks
        ]
        for index, block in enumerate(blocks):
            block.block.register_forward_pre_hook(self._shower(index))
            block.block.register_forward_hook(self._hider(index))

    def take(self, index: int) -> BlockWeights:
        """Return a block's weights on the device."""
        return self._blocks[index].view(self.stream.take(index))

    def release(self, index: int) -> None:
        """Let a block's weights go."""
        self.stream.release(index)

    def _shower(self, index: int) -> Callable[..., None]:
        """Return what gives a block's own layers its weights before its stock forward."""

        def show(_module: Any, _inputs: Any) -> None:
            self._blocks[index].show(self.take(index))

        return show

    def _hider(self, index: int) -> Callable[..., None]:
        def hide(_module: Any, _inputs: Any, _output: Any) -> None:
            self.release(index)
            self._blocks[index].show(self._blocks[index].weights)

        return hide


def spread(count: int, stay: int) -> list[int]:
    """Return ``stay`` of ``count`` numbers, spread evenly."""
    return sorted({(2 * i + 1) * count // (2 * stay) for i in range(stay)}) if stay else []


def _locked(piece: torch.Tensor) -> torch.Tensor:
    """Return bytes in page-locked memory, from which a device copies at the bus's full speed."""
    if piece.is_pinned():
        return piece
    locked = torch.empty(piece.shape, dtype=piece.dtype, pin_memory=True)
    locked.copy_(piece)
    return locked
