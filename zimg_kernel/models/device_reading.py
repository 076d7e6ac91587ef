"""Reading of tensors from files into a device's memory, by several threads at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import torch

    from .tensor_places import Place

_CHUNK = 8 << 20
"""Bytes read at a time: enough for a disk's and a bus's full speed."""

_BUFFERS = 2
"""Chunks of a thread: one is read while the one before crosses to the device."""

_MOST = 8
"""Threads at most."""


@dataclass(frozen=True)
class _Piece:
    """Some values of a file, and the memory of a device that they go to (one dimension)."""

    path: Path
    start: int
    size: int
    dtype: torch.dtype
    into: torch.Tensor


class DeviceReading:
    """Reads into the memory of a CUDA device, or of the CPU, while it is given more to read.

    Each thread reads a chunk of a file into page-locked memory, from which it crosses by itself;
    numbers of another format are converted on the device, chunk by chunk.

    Parameters
    ----------
    device : torch.device
        Where the tensors lie.
    """

    def __init__(self, device: torch.device) -> None:
        import torch

        self._device = device
        self._cuda = device.type == "cuda"
        self._queue: SimpleQueue[_Piece | None] = SimpleQueue()
        self._errors: list[BaseException] = []
        if self._cuda:  # memory that is free may still be read by work given before
            torch.cuda.current_stream(device).synchronize()
        self._threads = [Thread(target=self._work, daemon=True) for _ in range(min(_MOST, _cpus()))]
        for thread in self._threads:
            thread.start()

    def add(self, place: Place, into: torch.Tensor) -> None:
        """Read a tensor into memory of its shape, contiguous on the device."""
        flat = into.view(-1)
        width = place.dtype.itemsize
        for start, size in _chunks(place.size):
            values = flat[start // width : (start + size) // width]
            self._queue.put(_Piece(place.path, place.start + start, size, place.dtype, values))

    def finish(self) -> None:
        """Wait until all is read; raise what went wrong."""
        import torch

        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        if self._cuda:
            torch.cuda.empty_cache()  # rooms for conversion, which belong to streams of threads
        if self._errors:
            raise self._errors[0]

    def give_up(self) -> None:
        """Stop reading; wait until no thread writes any more."""
        self._errors.append(InterruptedError())
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        files: dict[Path, BinaryIO] = {}
        try:
            self._read(files)
        except BaseException as error:
            self._errors.append(error)
        finally:
            for file in files.values():
                file.close()

    def _read(self, files: dict[Path, BinaryIO]) -> None:
        import torch

        stream = torch.cuda.Stream(self._device) if self._cuda else None
        with torch.inference_mode(False), torch.no_grad(), torch.cuda.stream(stream):
            buffers = [self._buffer() for _ in range(_BUFFERS)]
            free = [torch.cuda.Event() for _ in buffers] if self._cuda else []
            rooms: list[Any] = []
            turn = 0
            try:
                while (piece := self._queue.get()) is not None and not self._errors:
                    number = turn % _BUFFERS
                    turn += 1
                    if free:
                        free[number].synchronize()
                    source = buffers[number][: piece.size]
                    if piece.path not in files:
                        files[piece.path] = piece.path.open("rb", buffering=0)
                    _read_into(files[piece.path], piece.start, source)
                    if self._cuda and piece.dtype != piece.into.dtype:
                        rooms = rooms or [torch.empty_like(buffers[0], device=self._device)]
                        source = rooms[0][: piece.size].copy_(source, non_blocking=True)
                    piece.into.copy_(source.view(piece.dtype), non_blocking=True)
                    if free:
                        free[number].record(stream)
            finally:
                if stream is not None:
                    stream.synchronize()  # nothing is on its way when others take the memory

    def _buffer(self) -> torch.Tensor:
        import torch

        try:
            return torch.empty(_CHUNK, dtype=torch.uint8, pin_memory=self._cuda)
        except RuntimeError:  # a limit on locked memory: slower, and right
            return torch.empty(_CHUNK, dtype=torch.uint8)


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _chunks(size: int) -> Iterator[tuple[int, int]]:
    """Yield (start, size) of the chunks of so many bytes."""
    for start in range(0, size, _CHUNK):
        yield start, min(_CHUNK, size - start)


def _read_into(file: BinaryIO, start: int, into: torch.Tensor) -> None:
    """Read bytes of a file into memory of the CPU.

    Raises
    ------
    EOFError
        The file has become shorter.
    """
    file.seek(start)
    view = memoryview(into.numpy())  # type: ignore[arg-type]
    while view:
        count = file.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise EOFError(f"{file.name} ends before its tensors do")
        view = view[count:]
