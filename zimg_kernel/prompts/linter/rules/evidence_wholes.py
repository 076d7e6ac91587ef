"""Hints at two colours, each of the whole of one thing: its entire body is red, green all over."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .evidence_coloured import coloured, colours_in, similar
from .lexicon import Hit
from .passage import Passage
from .statement import Statement
from .things_named import group, things_in

_WORDS = load_words(__file__)
_BEFORE = _WORDS.pattern(r"(?<![\w-])<totals>(?:,?[ ]<links>)*[ ]$")
_AFTER = _WORDS.pattern(r"(?:[ ][\w-]+)?,?[ ]<everywhere>(?![\w-])")
_ALL_HAIR = _WORDS.pattern(r"(?<![\w-])<all_hair>(?:,?[ ]<links>)*[ ]$")
_HAIR_OVER = Pattern(r" hair (?:all over|from root)")
_APART, _GENERIC, _OURS = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("apart", "generic", "ours")
)
_HEAD = _WORDS.pattern(r"(?<![\w-])<heads>(?![\w-])(?![ ](?:wood|oak|ale|beer))")
_REACH = 60  # characters before a colour in which the whole is spoken of


class _Whole(NamedTuple):
    hit: Hit
    clause: str  # up to the colour


def opposed_wholes(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first colour of a thing, and another one that all of it is said to have."""
    if passage.language != "en" or passage.long:
        return
    wholes = [w for w in _wholes(passage) if not _APART.search(w.clause)]
    for at, b in enumerate(wholes):
        if not (_OURS.search(b.clause) and _generic(b)):
            continue
        earlier = [w.hit for w in wholes[:at]] or _of_only_thing(passage, b.hit.start)
        for a in earlier:
            if passage.clause(a.start) != passage.clause(b.hit.start) and not similar(
                passage, a.says[0], b.hit.says[0]
            ):
                yield Statement(a.start, a.end), Statement(b.hit.start, b.hit.end)
                return


def opposed_hair(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield what tells of the colour of hair, and another colour of all of it."""
    if passage.language != "en":
        return
    head = _HEAD.search(passage.plain)
    persons = {h.word for h in things_in("en", passage.plain) if "person" in h.says}
    if not head or len(persons) > 1:
        return
    own = _HAIR_COLOURS[next(c for c in _HAIR_COLOURS if c in head[0])]
    for hit in colours_in(passage):
        start = max(passage.sentence(hit.start)[0], hit.start - _REACH)
        every = _ALL_HAIR.search(passage.plain, start, hit.start)
        if hit.start < head.end() or not (every or _HAIR_OVER.match(passage.plain, hit.end)):
            continue
        fair = {hit.says[0], own} == {"gold", "brown"}
        if fair or not similar(passage, hit.says[0], own):
            yield Statement(*head.span()), Statement(hit.start, hit.end)
            return


_HAIR_COLOURS = {
    "blond": "gold", "brunette": "brown", "red": "red", "black": "black", "white": "white",
    "silver": "silver", "grey": "grey", "gray": "grey", "auburn": "brown", "ginger": "orange",
    "dark": "black", "raven": "black",
}  # fmt: skip


def _wholes(passage: Passage) -> Iterator[_Whole]:
    for hit in colours_in(passage):
        begin, end = passage.sentence(hit.start)
        start = max(begin, hit.start - _REACH)
        if _BEFORE.search(passage.plain, start, hit.start) or _AFTER.match(
            passage.plain, hit.end, end
        ):
            yield _Whole(hit, passage.plain[passage.clause(hit.start)[0] : hit.start])


def _generic(b: _Whole) -> bool:
    """Return whether the subject is named by a general word and not by another thing's name."""
    found = _GENERIC.search(b.clause)
    return found is not None and not [
        h for h in things_in("en", b.clause) if h.says[0] not in _bodies() and h.start > found.end()
    ]


@cache
def _bodies() -> frozenset[str]:
    return frozenset((*group("en", "animals"), *group("en", "vehicles"), *_WORDS["bodies"]))


def _of_only_thing(passage: Passage, end: int) -> list[Hit]:
    """Return the colour of the one animal, vehicle, toy or robot that was named."""
    named = {
        h.says[0]
        for h in things_in("en", passage.plain)
        if h.end <= end and h.says[0] in (*_bodies(), "person")
    }
    if len(named) != 1:
        return []
    return [
        Hit(c.start, c.end, c.noun, (c.colour,))
        for c in coloured(passage)
        if c.end <= end and c.kinds & named and not c.cover
    ][:1]
