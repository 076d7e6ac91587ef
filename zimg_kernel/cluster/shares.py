"""Order among waiting pictures: priority, fair shares of the users, warm models."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

HALF_LIFE = 600.0  # seconds after which drawing time counts half
LONGEST_WAIT = 10.0  # seconds that a request waits at most for others with a warm model


@dataclass(frozen=True)
class Candidate:
    """A job that has a picture to be drawn.

    Attributes
    ----------
    id : str
    user : str
        Who asked for it.
    model : str
    priority : int
        Higher ones come first.
    running : bool
        Whether one of its pictures was begun before.
    rank : int
        Order among those that wait.
    waited : float
        Seconds since it was accepted or its last picture was begun.
    """

    id: str
    user: str
    model: str
    priority: int
    running: bool
    rank: int
    waited: float


class Shares:
    """Drawing time of each user lately: what is ten minutes old counts half.

    Parameters
    ----------
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}  # seconds, and when they were right

    def charge(self, user: str, seconds: float) -> None:
        """Add drawing time."""
        self._used[user] = self.used(user) + seconds, self._clock()

    def used(self, user: str) -> float:
        """Return a user's drawing time in seconds, as it counts now."""
        seconds, when = self._used.get(user, (0.0, 0.0))
        return float(seconds * 0.5 ** ((self._clock() - when) / HALF_LIFE))


def in_order(candidates: Sequence[Candidate], used: Callable[[str], float]) -> list[Candidate]:
    """Return candidates by priority, then by the users' shares, then by rank.

    Parameters
    ----------
    used : callable
        Returns a user's drawing time in seconds.
    """
    times = {user: used(user) for user in {c.user for c in candidates}}
    return sorted(candidates, key=lambda c: (-c.priority, times[c.user], not c.running, c.rank))


def choose(ordered: Sequence[Candidate], warm: Collection[str]) -> Candidate | None:
    """Return what a worker draws next.

    Those of a model in its memory go before others of the same priority, unless one of those has
    waited for too long.

    Parameters
    ----------
    ordered : sequence of Candidate
        From :func:`in_order`.
    warm : collection of str
        Models in the worker's memory.
    """
    if not ordered or ordered[0].model in warm:
        return ordered[0] if ordered else None
    equal = [c for c in ordered if c.priority == ordered[0].priority]
    late = next((c for c in equal if c.model not in warm and c.waited > LONGEST_WAIT), None)
    return late or next((c for c in equal if c.model in warm), ordered[0])
