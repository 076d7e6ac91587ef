"""Selection of options by chance or one after the other, and the text that results."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations

from .grammar import Choice, Part, Sequence


def pick(rng: random.Random, weights: tuple[float, ...], count: int) -> list[int]:
    """Return different indices by chance, each as often as its weight says, in ascending order.

    As many as are asked for, or all of a weight above 0 where there are fewer.
    """
    if weights.count(1.0) == len(weights):  # the rule in long files; the same indices as below
        left: list[int] | range = range(len(weights))
        left = list(left) if count > 1 else left
        chosen = []
        for _ in range(min(count, len(weights))):
            index = min(int(rng.random() * len(left)), len(left) - 1)
            chosen.append(left.pop(index) if isinstance(left, list) else index)
        return sorted(chosen)
    heavy = [i for i, weight in enumerate(weights) if weight > 0]
    chosen = []
    for _ in range(min(count, len(heavy))):
        chosen.append(heavy.pop(_weighed(rng, [weights[i] for i in heavy])))
    return sorted(chosen)


def _weighed(rng: random.Random, weights: list[float]) -> int:
    point = rng.random() * sum(weights)
    for index, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return index
    return len(weights) - 1


def possible(part: Choice) -> list[Sequence]:
    """Return the options that can be chosen: those with a weight above 0."""
    return [option for option, weight in zip(part.options, part.weights, strict=True) if weight]


def selections(part: Choice) -> Iterator[Sequence]:
    """Yield every selection of options that a choice allows, joined."""
    options = possible(part)
    for count in range(part.low, part.high + 1):
        for chosen in combinations(options, count):
            joined: list[Part] = []
            for number, option in enumerate(chosen):
                joined += [part.joint, *option] if number and part.joint else option
            yield tuple(joined)


def tidy(text: str) -> str:
    """Return a text without the doubled spaces and commas that an empty choice leaves."""
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r" +([,，。.;；])", r"\1", text)
    return re.sub(r"([,，])(?:\s*[,，])+", r"\1", text).strip(" ,，")
