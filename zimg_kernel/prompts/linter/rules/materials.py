"""What things are made of in an English prompt: a bronze statue of white marble."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import singular
from .scene import inner, parted, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_KINDS = tuple(_WORDS["kinds"])
_WORDS["material"] = tuple(
    sorted((word for kind in _KINDS for word in _WORDS[kind]), key=len, reverse=True)
)
_KIND_OF = {kind: _WORDS.pattern(f"<{kind}>") for kind in _KINDS}
ALIKE = [frozenset(pair.split("/")) for pair in _WORDS["alike"]]
_MATERIAL = _WORDS.pattern(r"(?<![\w-])<material>(?![\w-])")
_THING = _WORDS.pattern(r"(?<![\w-])<things>(?![\w-])")
_PART = _WORDS.pattern(r"(?<![\w-])<parts>(?![\w-])")
_MADE = _WORDS.pattern(r"""
    (?<![\w-])<making>(?:[ ]<fully>)*
      [ ](?:of|from|in|out[ ]of|with)[ ](?:[a-z][\w'-]*,?[ ]){0,5}?(?P<a><material>)(?![\w-])
  | (?<![\w-])(?:the|of)[ ](?:[\w-]+[ ]){0,3}?(?P<b><material>)[ ]of[ ]
      (?:the|its|his|her|their|this)[ ](?:[\w-]+'s?[ ])?(?P<of>[\w-]+)
  | (?<![\w-])(?P<thing><things>)[ ]of[ ](?:[a-z-]+[ ]){0,2}?(?P<d><material>)
      (?=[,.;]|$|[ ](?:with|and|has|is)\b)
  | (?<![\w-])(?:is|are)[ ](?:<plain>[ ]){1,3}
      (?P<e><material>)(?=[,.;]|$|[ ](?:and|with|from)\b)
  | (?<![\w-])(?:is|are)[ ](?:all[ ]|entirely[ ]|completely[ ]|of[ ]|solid[ ]|pure[ ]){1,3}
      (?:[\w-]+[ ])?
      (?P<c><material>)(?=[,.;]|$|[ ](?:and|with|from)\b)
""")
_OF_THING = _WORDS.pattern(
    r"(?<![\w-])(?P<a><material>)[ ](?:[\w-]+[ ]){0,1}?(?P<thing><things>)(?![\w-])"
)
_BESIDE = Pattern(r"\b(?:with|next to|beside|near|and) an? (?:[\w-]+ ){0,2}$")
_NEAR = Pattern(r"\ban? (?:[\w-]+ ){0,2}?(?P<noun>[\w-]+) $")
_NEW = _WORDS.pattern(r"(?<![\w-])<others>(?:[ ][\w'-]+){0,3}[ ]?$")


@dataclass(frozen=True)
class _Made(Statement):
    """A material, the things it may be said of, and whether a sentence states it."""

    kind: str
    things: frozenset[str]
    stated: bool
    fresh: bool


def opposed_materials(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two materials of one thing, once."""
    stated = list(_stated(text))
    if not stated:
        return
    said = sorted((*stated, *_before_things(text)), key=lambda s: s.start)
    for n, b in enumerate(said):
        for a in said[:n]:
            if a.end > b.start or a.kind == b.kind or frozenset((a.kind, b.kind)) in ALIKE:
                continue
            if not (a.stated or b.stated) or not a.things & b.things or b.fresh:
                continue
            if not parted(text, a, b):
                yield a, b
                return


def _stated(text: Text) -> Iterator[_Made]:
    for found in _MADE.finditer(text.lower):
        start, end = found.span()
        if inner(text, Statement(start, end)):
            continue
        material = next(found[name] for name in "abcde" if found[name])
        if found["d"]:
            things = {singular(found["thing"])}
        elif found["b"]:
            of = singular(found["of"])
            things = {of} | ({"*"} if of in _WORDS["whole"] else set())
            if of in _WORDS["whole"]:
                things |= _things(text, 0, start)
            elif not _THING.fullmatch(found["of"]):
                continue
        else:
            begin = sentence_start(text, start)
            clause = max(text.lower.rfind(mark, begin, start) for mark in (",", ";", ":")) + 1
            if _PART.search(text.lower, max(begin, clause), start):
                continue
            if " whose " in text.lower[max(begin, clause) : start]:
                continue
            things = _things(text, begin, start)
            if (near := _NEAR.search(text.lower, begin, start)) and near.start() > begin:
                things = {singular(near["noun"])}  # a train on a viaduct made of cotton reels
            whole = re.search(
                r"\b(?:its|his|her|the) (?:whole )?(?:body|surface|form)\b", text.lower[begin:start]
            )
            named = r"\s*(?:it|they)\b" if found["e"] else r"\s*(?:it|they|the \w+)\b"
            if begin and (whole or re.match(named, text.lower[begin:])):
                things |= (
                    _things(text, sentence_start(text, begin - 1), begin)
                    if whole or not things
                    else set()
                )
        yield _Made(start, end, material_kind(material), frozenset(things), True, False)


def _before_things(text: Text) -> Iterator[_Made]:
    for found in _OF_THING.finditer(text.lower):
        if not inner(text, Statement(*found.span())):
            before = text.lower[max(0, found.start() - 40) : found.start()]
            fresh = bool(_NEW.search(before))
            thing = frozenset((singular(found["thing"]),))
            yield _Made(*found.span(), material_kind(found["a"]), thing, False, fresh)


def _things(text: Text, start: int, end: int) -> set[str]:
    """Return the first and the last thing named in a range."""
    found = list(_THING.finditer(text.lower, start, end))
    names = [singular(thing[0]) for thing in found]
    if found and _BESIDE.search(text.lower, start, found[-1].start()):
        return {names[-1]}  # a house with a door made of oak
    return {names[0], names[-1]} if names else set()


def material_pattern() -> Pattern:
    """Return the pattern for the name of any material."""
    return _MATERIAL


@lru_cache(maxsize=1024)
def material_kind(word: str) -> str:
    """Return the kind of a material by its name."""
    return next(kind for kind, pattern in _KIND_OF.items() if pattern.fullmatch(word))
