"""Candidates without a language model: the prompt followed by ready clauses."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from zimg_kernel.prompts.linter.words import read_yaml
from zimg_kernel.prompts.text import Text, language_of

_CLAUSES = Path(__file__).with_name("clauses")
_END = "。．.!?！？,，;；:： "
_FEWEST, _MOST = 3, 4  # clauses of a candidate for a full-size model

Groups = dict[str, Any]


def expansions(prompt: str, seed: int, miniature: bool) -> Iterator[str]:
    """Yield different longer prompts, in an order that the seed decides, while there are any.

    Parameters
    ----------
    prompt : str
        All of it stands at the beginning of each of them.
    seed : int
        The same one gives the same texts.
    miniature : bool
        Add only words that the miniature knows, of things that it can draw.

    Examples
    --------
    >>> next(expansions("a red circle", seed=1, miniature=True))
    'a red circle, on a light blue background'
    """
    rng = random.Random(f"clauses {seed}")
    open_groups = _open_groups(prompt, miniature)
    seen: set[str] = set()
    drawn = _all_combinations(open_groups, rng) if miniature else _some_groups(open_groups, rng)
    for clauses in drawn:
        text = _joined(prompt, [clause for clause in clauses if clause])
        if text not in seen and text != prompt:
            seen.add(text)
            yield text


def _all_combinations(groups: list[Groups], rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield all combinations of one clause of each group, those that differ most first."""
    left = list(product(*(group["clauses"] for group in groups)))
    rng.shuffle(left)
    used: set[str] = set()
    while left:
        best = min(left, key=lambda clauses: sum(clause in used for clause in clauses))
        left.remove(best)
        used.update(best)
        yield best


def _some_groups(groups: list[Groups], rng: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield a clause of each of three or four groups, unused ones first."""
    used: dict[str, int] = {}
    for _ in range(200):
        count = min(len(groups), rng.randint(_FEWEST, _MOST))
        chosen = sorted(rng.sample(range(len(groups)), count))
        clauses = []
        for index in chosen:
            options = list(groups[index]["clauses"])
            rng.shuffle(options)
            clause = min(options, key=lambda option: used.get(option, 0))
            used[clause] = used.get(clause, 0) + 1
            clauses.append(clause)
        yield tuple(clauses)


def _joined(prompt: str, clauses: list[str]) -> str:
    stem = prompt.strip()
    if not clauses:
        return stem
    stem = " ".join(stem.rstrip(_END).split())
    return ("，" if language_of(prompt) == "zh" else ", ").join([stem, *clauses])


def _open_groups(prompt: str, miniature: bool) -> list[Groups]:
    """Return the groups of whose kind the prompt has nothing."""
    language = language_of(prompt)
    groups = _read("miniature" if miniature else "full")[language]
    if miniature:
        groups = groups[kind_of(prompt)]
    text = Text(prompt)
    return [group for group in groups.values() if not _has_any(text, group["words"], language)]


def _has_any(text: Text, words: str, language: str) -> bool:
    if language == "zh":
        return any(word in text.plain for word in words.split())
    there = set(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower))
    return any(word in there for word in words.split())


def kind_of(prompt: str) -> str:
    """Return what the miniature draws of a prompt: "sign", "land" or "shapes"."""
    from zimg_kernel.nano.text import vocabulary, words
    from zimg_kernel.nano.text.landscape_captions import (
        EN_ELEMENTS,
        EN_LOOKS,
        ZH_ELEMENTS,
        ZH_STYLES,
    )

    if vocabulary.lettering(prompt):
        return "sign"
    text = Text(prompt)
    chinese = language_of(prompt) == "zh"
    shapes = words.ZH_SHAPES if chinese else words.EN_SHAPES
    elements = ZH_ELEMENTS if chinese else EN_ELEMENTS
    looks = ZH_STYLES if chinese else EN_LOOKS

    def named(table: dict[str, tuple[str, ...]]) -> set[str]:
        there = text.plain if chinese else text.lower
        find = (lambda w: w in there) if chinese else (
            lambda w: re.search(rf"\b{re.escape(w)}s?\b", there) is not None
        )  # fmt: skip
        return {word for group in table.values() for word in group if len(word) > 1 or chinese
                if find(word)}  # fmt: skip

    if named(looks):
        return "land"
    things, scenery = named(shapes), named(elements)
    # What is in both lists, such as a house, is drawn as a thing where it is alone.
    only_scenery = {word for word in scenery if not any(word in t or t in word for t in things)}
    colours = words.ZH_COLOURS if chinese else words.EN_COLOURS
    if only_scenery and not (things and named(colours)):
        return "land"
    return "shapes"


@lru_cache(maxsize=2)
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(_CLAUSES / f"{name}.yaml")
    return found
