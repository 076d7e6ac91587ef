"""Ranks: numbers that order waiting requests and leave room between two of them."""

from __future__ import annotations

from collections.abc import Sequence

_STEP = 1_000_000_000  # a second in nanoseconds: ranks are times of acceptance at first


def moved(order: Sequence[tuple[str, int, int]], id: str, position: int) -> dict[str, int]:
    """Return the new ranks after a request was moved; most often of that request alone.

    Parameters
    ----------
    order : sequence of (id, priority, rank)
        What waits, in its order.
    id : str
        One of them.
    position : int
        Where it shall be, from 0; among those of another priority the nearest place of its own.
    """
    priority = next(priority for name, priority, _ in order if name == id)
    others = [(name, rank) for name, other, rank in order if other == priority and name != id]
    before = sum(other > priority for _, other, _ in order)
    place = min(max(position - before, 0), len(others))
    earlier, later = others[:place], others[place:]
    if not later:
        return {id: earlier[-1][1] + _STEP} if earlier else {}
    if not earlier:
        return {id: later[0][1] - _STEP}
    low, high = earlier[-1][1], later[0][1]
    if high - low > 1:
        return {id: (low + high) // 2}
    # No number is left between the two: the later ones move away.
    return {id: low + _STEP} | {name: rank + 2 * _STEP for name, rank in later}
