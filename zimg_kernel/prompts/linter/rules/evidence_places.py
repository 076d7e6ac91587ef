"""Hints at two places of one picture that exclude each other, by tables of their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from zimg_kernel.prompts.linter.words import WordLists, load_words

from .evidence import any_word
from .lexicon import Hit, Lexicon
from .passage import Passage
from .statement import Statement

_SHARED = load_words(__file__)
_INSIDE = frozenset(_SHARED["inside"])
_TOWN = frozenset(_SHARED["town"])
_THINGS = "_things"
_MARKS = ("marker", "strong_marker", "view")


@cache
def exclusive() -> frozenset[frozenset[str]]:
    """Return the pairs of places that exclude each other."""
    friends = {frozenset(pair.split("/")) for pair in _SHARED["rooms"]}
    rooms = {frozenset(pair) for pair in combinations(_SHARED["inside"], 2)}
    open_air = {frozenset((room, place)) for room in _INSIDE for place in _SHARED["wild"]}
    named = {frozenset(pair.rstrip("_").split("/")) for pair in _SHARED["exclusive"]}
    town = {frozenset((room, place)) for room in _INSIDE for place in _SHARED["town"]}
    return frozenset((rooms - friends) | open_air | named | town)


@cache
def _tables(language: str) -> tuple[Lexicon, tuple[re.Pattern[str], ...]]:
    lists: WordLists = load_words(__file__, f"evidence_places_{language}")
    scene = load_words(__file__, f"evidence_{language}")
    chinese = language == "zh"
    said = {name: words for name, words in lists.items() if name not in _MARKS}
    aside = (*lists["view"], *scene["aside"])
    marks = (lists["marker"], lists["strong_marker"], aside, scene["several"])
    return Lexicon(said, chinese=chinese), tuple(any_word(m, chinese) for m in marks)


def place_names(language: str) -> tuple[Lexicon, re.Pattern[str]]:
    """Return the table of places of a language, and a pattern for those that are elsewhere."""
    lexicon, (_, _, aside, _) = _tables(language)
    return lexicon, aside


def opposed_places(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first two places that exclude each other, the second one told of those shown."""
    lexicon, (marker, surely, aside, several) = _tables(passage.language)
    if several.search(passage.plain):
        return
    hits = [hit for hit in lexicon.find(passage.plain) if not aside.search(passage.near(hit))]
    for at, b in enumerate(hits):
        begin, end = passage.sentence(b.start)
        told = marker.search(passage.plain, begin, end) is not None
        anew = surely.search(passage.plain, begin, end) is not None
        clause = passage.clause(b.start)
        with_b = [h for h in hits if begin <= h.start < end]
        for place in b.says:
            place, thing = place.removesuffix(_THINGS), place.endswith(_THINGS)
            if _score(with_b, place) < 2 or (thing and (not anew or place in _INSIDE)):
                continue
            for a in hits[:at]:
                for other in a.says:
                    if frozenset((place, other)) not in exclusive() or a.start >= clause[0]:
                        continue
                    near = {place, other} <= _INSIDE | _TOWN
                    if near or passage.long:
                        if not told or (near and not anew) or (passage.long and a.start >= begin):
                            continue
                        if any(place in h.says for h in hits[:at] if h.start < begin):
                            continue
                    yield Statement(a.start, a.end), Statement(b.start, b.end)
                    return


def _score(hits: list[Hit], place: str) -> int:
    """Return how surely words tell of a place: its name, or two of what is found there."""
    names = {h.word for h in hits if place in h.says}
    things = {h.word for h in hits if place + _THINGS in h.says}
    return 2 * len(names) + len(things)
