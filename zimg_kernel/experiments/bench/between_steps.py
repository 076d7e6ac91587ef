"""Reference workload between the steps of a picture: the machine's pace at that very moment."""

from __future__ import annotations

import math
import time

from .one_thread import one_thread

_ROWS, _WIDTH, _WIDER = 128, 256, 1024  # of a small transformer block: about 2 ms
_SHARE, _MOST = 0.3, 64  # of a step's time; passes
ROUNDS = 5
"""Fewest rounds of a benchmark in which it runs: fewer tell no change, so it would be for nothing.
"""


class BetweenSteps:
    """A fixed block of a transformer, computed on one thread of a CPU after each step.

    A processor that other programs, or other guests of its host, share can change its pace by a
    third from one picture to the next. The same arithmetic in the same milliseconds changes with
    it: steps on one thread told in passes of it swing by 2 to 5 % where their seconds swing by 10
    to 20 % (two virtual cores of an AMD EPYC).
    """

    def __init__(self) -> None:
        import torch

        draw = torch.Generator().manual_seed(0)
        self._torch = torch
        self._rows = torch.randn(_ROWS, _WIDTH, generator=draw)
        self._up = torch.randn(_WIDTH, _WIDER, generator=draw) / _WIDTH**0.5
        self._down = torch.randn(_WIDER, _WIDTH, generator=draw) / _WIDER**0.5
        self._heads = torch.randn(1, 4, _ROWS, _WIDTH // 4, generator=draw)
        with one_thread(lambda work: work()):
            for _ in range(3):
                began = time.perf_counter()
                self.once()
                self._seconds = time.perf_counter() - began

    def once(self) -> None:
        """Compute it once."""
        functional = self._torch.nn.functional
        with self._torch.inference_mode():
            wide = functional.silu(self._rows @ self._up)
            functional.layer_norm(wide @ self._down, (_WIDTH,))
            functional.scaled_dot_product_attention(self._heads, self._heads, self._heads)

    def passes(self, step: float) -> int:
        """Return how often to repeat it after a step of so many seconds: a power of two."""
        wanted = max(2.0, min(float(_MOST), _SHARE * step / self._seconds))
        return int(2 ** round(math.log2(wanted)))


def between_steps(rounds: int) -> BetweenSteps | None:
    """Return it where it tells something: on a CPU, with enough rounds."""
    from zimg_kernel.models.device import pick_device

    return BetweenSteps() if rounds >= ROUNDS and pick_device().type == "cpu" else None
