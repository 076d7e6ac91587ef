"""English places that are stated anew: location: a coral reef; she is out of doors, on a cliff."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .evidence_places import exclusive, place_names
from .levels import is_long
from .passage import Passage
from .scene import in_parts
from .statement import Statement

_WORDS = load_words(__file__)
_FURTHER = ("city", "lonely", "outdoors", "glasshouse", "airborne", "water")
_KINDS = {name: _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in _FURTHER}
_PAIRS = frozenset(frozenset(pair.split("/")) for pair in _WORDS["pairs"])
_LABEL = _WORDS.pattern(r"""
    (?<![\w-])(?:(?:the|scene|exact|its|this)[ ])*<names>(?:[ ]of[ ](?:the|this|our)[ ][\w-]+)?
    (?:[ ]?[:=]|[ ](?:is|are|lies|stands|shows)(?:[ ](?:in|on|at|inside|deep|set))*)[ ]
""")
_STANDS = _WORDS.pattern(r"""
    (?<![\w-])(?:<subjects>|(?:the|this|that)[ ](?:[\w-]+[ ])?(?P<noun>[\w-]+)
      |(?:his|her|their|its)[ ](?:[\w-]+[ ])?[\w-]+
      |(?:the|this)[ ](?P<whose>[\w-]+)'s[ ][\w-]+)
    [ ](?:<stand>)[ ](?=(?:<where>)(?![\w-]))
""")
_ASIDE = _WORDS.pattern(r"(?<![\w-])<aside>(?![\w-])")
_BEGINNINGS = (". ", ", ", "; ", ": ", "! ", " since ", " as ", " but ", " though ", " while ")
_REACH = 90  # characters in which the place is named that is stated


class _Place(NamedTuple):
    start: int
    end: int
    kinds: tuple[str, ...]
    thing: bool  # what is found there, not its name
    aside: bool  # in a view, a comparison, the background


def resettled(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a place and the other one that is stated of the scene or of who is in it, once."""
    if in_parts(text):
        return
    lower = text.lower
    slots = [(m, True) for m in _LABEL.finditer(lower)]
    slots += [(m, False) for m in _STANDS.finditer(lower) if _known(lower, m)]
    slots = [(m, label) for m, label in slots if _begins(lower, m.start())]
    if not slots:
        return
    passage = Passage(text)
    places = list(_places(passage))
    for slot, label in slots:
        end = min(passage.sentence(slot.start())[1], slot.end() + _REACH)
        if _ASIDE.search(lower, slot.start(), end):
            continue
        told = [p for p in places if slot.start() <= p.start < end and (label or not p.aside)]
        others = [
            p
            for p in places
            if not p.aside and (p.end <= slot.start() or (label and p.start >= end))
        ]
        for b in told:
            for a in others:
                if _exclude(a, b, label):
                    first, second = sorted((a, b))
                    weak = is_long(text) or not label or a.thing or b.thing
                    yield (
                        Statement(first.start, first.end, weak=weak),
                        Statement(second.start, second.end, weak=weak),
                    )
                    return


def _begins(lower: str, at: int) -> bool:
    """Return whether a clause begins at a character."""
    return at == 0 or lower[at - 1] == "\n" or lower[:at].endswith(_BEGINNINGS)


def _known(lower: str, found: re.Match[str]) -> bool:
    """Return whether the subject is a pronoun, or was named before."""
    noun = found["noun"] or found["whose"]
    return (
        noun is None
        or re.search(rf"(?<![\w-]){re.escape(noun)}", lower[: found.start()]) is not None
    )


def _places(passage: Passage) -> Iterator[_Place]:
    lexicon, aside = place_names(passage.language)
    for hit in lexicon.find(passage.plain):
        kinds = tuple(dict.fromkeys(kind.removesuffix("_things") for kind in hit.says))
        thing = all(kind.endswith("_things") for kind in hit.says)
        far = aside.search(passage.near(hit)) is not None
        yield _Place(hit.start, hit.end, kinds, thing, far)
    for name, pattern in _KINDS.items():
        for found in pattern.finditer(passage.plain):
            yield _Place(*found.span(), (name,), thing=False, aside=False)


def _exclude(a: _Place, b: _Place, label: bool) -> bool:
    """Return whether two places are no one place, whatever each may be taken for."""
    if b.thing or (a.thing and not label):
        return False
    pairs = [frozenset((one, other)) for one in a.kinds for other in b.kinds]
    return all(len(pair) == 2 and (pair in exclusive() or pair in _PAIRS) for pair in pairs)
