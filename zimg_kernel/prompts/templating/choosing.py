"""Selection of options by chance or one after the other, and the text that results."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import combinations

from .grammar import Choice, Part, Sequence


def weighed(rng: random.Random, weights: list[float]) -> int:
    """Return an index by chance, each as often as its weight says."""
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
