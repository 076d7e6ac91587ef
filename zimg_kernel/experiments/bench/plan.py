"""Order of a benchmark: rounds that hold every competitor and case once, each shuffled anew."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Planned:
    """One run that is to be made; warm-ups have round -1."""

    competitor: str
    case: str
    round: int

    @property
    def warmup(self) -> bool:
        """Whether its figures are kept apart."""
        return self.round < 0


def lay_out(
    competitors: Sequence[str],
    cases: Sequence[str],
    rounds: int,
    seed: int,
    *,
    warm_cases: Sequence[str] = (),
    warms: Callable[[str, str], Hashable | None] = lambda competitor, case: case,
    in_order: bool = False,
) -> list[Planned]:
    """Return all runs in their order: warm-ups, then the rounds.

    A round is a block (R. A. Fisher, The Design of Experiments, 1935, chapter IV: randomised
    blocks), so that a busy hour slows all competitors alike; the order within it is random.

    Parameters
    ----------
    warm_cases : sequence of str
        Cases to warm up on, one run for each name in the list; the first may stand there several
        times.
    warms : callable
        Gets a competitor and a case; returns what a run of it makes ready for later ones, None for
        nothing. What is ready is not warmed up again, but for the first case.
    in_order : bool
        Keep the order of the cases, and shuffle only the competitors at each of them.
    """
    shuffler = random.Random(seed)
    runs = list(_warm_ups(competitors, warm_cases, warms))
    for number in range(rounds):
        pairs = [(one, case) for case in cases for one in competitors]
        if not in_order:
            shuffler.shuffle(pairs)
        elif len(competitors) > 1:
            pairs = [(one, case) for case in cases for one in _shuffled(competitors, shuffler)]
        runs += [Planned(one, case, number) for one, case in pairs]
    return runs


def _warm_ups(
    competitors: Sequence[str],
    cases: Sequence[str],
    warms: Callable[[str, str], Hashable | None],
) -> Iterator[Planned]:
    warm = set()
    for case in cases:
        for one in competitors:
            ready = warms(one, case)
            if ready is not None and (case == cases[0] or (one, ready) not in warm):
                warm.add((one, ready))
                yield Planned(one, case, -1)


def _shuffled(names: Sequence[str], shuffler: random.Random) -> list[str]:
    shuffled = list(names)
    shuffler.shuffle(shuffled)
    return shuffled
