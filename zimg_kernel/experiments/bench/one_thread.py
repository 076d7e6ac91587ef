"""One thread for torch: a picture's steps on it depend on no other thread's luck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

STEPS = 6
"""Most steps of a picture that is drawn on one thread to time them; the first one is not counted.
"""


@contextmanager
def one_thread(run: Callable[[Callable[[], Any]], Any]) -> Iterator[bool]:
    """Let torch compute on one thread for a while; yield whether it does.

    Parameters
    ----------
    run : callable
        Calls a function in the thread that draws, and returns what it returns: threads that begin
        parallel work each have their own number for it.
    """
    before = run(_threads)
    try:
        yield run(lambda: _threads(1)) == 1
    finally:
        run(lambda: _threads(before))


def _threads(number: int | None = None) -> int:
    """Return how many threads torch computes on, after setting their number where one is given."""
    import torch

    if number is not None:
        torch.set_num_threads(number)
    return torch.get_num_threads()
