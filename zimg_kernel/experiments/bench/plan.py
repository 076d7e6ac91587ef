"""Order of a benchmark: rounds that hold every competitor and case once, each shuffled anew."""

from __future__ import annotations

import random
from collections.abc import Sequence
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
    in_order: bool = False,
) -> list[Planned]:
    """Return all runs in their order: warm-ups, then the rounds.

    A round is a block (R. A. Fisher, The Design of Experiments, 1935, chapter IV: randomised
    blocks), so that a busy hour slows all competitors alike; the order within it is random.

    Parameters
    ----------
    warm_cases : sequence of str
        Cases that every competitor warms up on, one run for each name in the list.
    in_order : bool
        Keep the order of the cases, and shuffle only the competitors at each of them.
    """
    shuffler = random.Random(seed)
    runs = [Planned(one, case, -1) for case in warm_cases for one in competitors]
    for number in range(rounds):
        pairs = [(one, case) for case in cases for one in competitors]
        if not in_order:
            shuffler.shuffle(pairs)
        elif len(competitors) > 1:
            pairs = [(one, case) for case in cases for one in _shuffled(competitors, shuffler)]
        runs += [Planned(one, case, number) for one, case in pairs]
    return runs


def _shuffled(names: Sequence[str], shuffler: random.Random) -> list[str]:
    shuffled = list(names)
    shuffler.shuffle(shuffled)
    return shuffled
