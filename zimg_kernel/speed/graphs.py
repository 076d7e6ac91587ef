"""CUDA graphs: calls recorded once for a shape, played again without the host's work."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Literal

import torch

_log = logging.getLogger(__name__)

MOST = 16
"""Graphs kept, the last used; they share one pool of memory, so more cost little."""

Function = Callable[..., torch.Tensor]


class StepGraphs:
    """Recorded calls of functions of tensors.

    The first call of a shape runs as it is, which also compiles kernels; the second is recorded;
    from then on it is played. What cannot be recorded, for want of memory say, goes on to run as
    it is.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Hashable, Any], _Recorded | Literal[False] | None] = (
            OrderedDict()
        )
        self._pool: Any = None

    def run(
        self, key: Hashable, function: Function, *inputs: torch.Tensor, reads: Any = None
    ) -> torch.Tensor:
        """Return ``function(*inputs)``; the result is the caller's own.

        Parameters
        ----------
        key : hashable
            Stands for everything that decides the function beside the inputs' values.
        reads
            Tensors that it reads beside the inputs and that others may let go: a recording reads
            their memory for as long as it is played, so it keeps them.
        """
        shapes = tuple((tuple(x.shape), x.dtype, x.device) for x in inputs)
        whole = (key, shapes)
        if whole not in self._kept:
            self._keep(whole, None)
            return function(*inputs)
        recorded = self._kept[whole]
        self._kept.move_to_end(whole)
        if recorded is None:
            recorded = self._record(function, inputs, reads)
            self._keep(whole, recorded)
        return recorded.play(inputs) if recorded else function(*inputs)

    def forget(self, key: Hashable) -> None:
        """Forget the recordings of a key."""
        for kept in [kept for kept in self._kept if kept[0] == key]:
            del self._kept[kept]

    def clear(self) -> None:
        """Forget all recordings and give their memory back."""
        self._kept.clear()
        self._pool = None

    def _keep(self, key: tuple[Hashable, Any], recorded: _Kept) -> None:
        self._kept[key] = recorded
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def _record(
        self, function: Function, inputs: tuple[torch.Tensor, ...], reads: Any
    ) -> _Recorded | Literal[False]:
        if self._pool is None:
            self._pool = torch.cuda.graph_pool_handle()
        # What the first call held goes back; recordings have memory of their own.
        torch.cuda.empty_cache()
        try:
            return _Recorded(function, inputs, self._pool, reads)
        except RuntimeError as error:
            _log.info("A call was not recorded: %s", str(error).splitlines()[0])
            return False


@lru_cache(maxsize=16)
def _stream(device: int) -> torch.cuda.Stream:
    """Return the stream to record on: cuBLAS keeps a workspace of 32 MB for each one."""
    return torch.cuda.Stream(device)


class _Recorded:
    """One recording, its inputs' places and its result's."""

    def __init__(
        self, function: Function, inputs: tuple[torch.Tensor, ...], pool: Any, reads: Any
    ) -> None:
        self._reads = reads
        with torch.inference_mode(False):  # so that they can be written to in any mode
            self._inputs = [torch.zeros(x.shape, dtype=x.dtype, device=x.device) for x in inputs]
        self._graph = torch.cuda.CUDAGraph()
        current, own = torch.cuda.current_stream(), _stream(torch.cuda.current_device())
        own.wait_stream(current)
        # Other threads, of a memory bar say, go on to ask the driver things meanwhile.
        with torch.cuda.graph(
            self._graph, pool=pool, stream=own, capture_error_mode="thread_local"
        ):
            self._result = function(*self._inputs)
        current.wait_stream(own)

    def play(self, inputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Return a copy of the result for these inputs."""
        for place, value in zip(self._inputs, inputs, strict=True):
            place.copy_(value)
        self._graph.replay()
        return self._result.clone()


_Kept = _Recorded | Literal[False] | None
"""A recording, or that there can be none, or that there is none yet."""
