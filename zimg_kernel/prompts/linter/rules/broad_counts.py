"""Hints at a number of English things that differs from the one given before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .groups import NUMBERS
from .scene import in_parts
from .statement import Statement

_WORDS = load_words(__file__)
_SIZES = {word: int(n) for n, word in (pair.split("/") for pair in _WORDS["groups"])}
_VALUES = {**NUMBERS, "half a dozen": 6, "a dozen": 12, "dozen": 12, "both": 2, "neither": 2,
           **{str(n): n for n in range(2, 21)}}  # fmt: skip
_WORDS["number"] = tuple(sorted(_VALUES, key=len, reverse=True))
_WORDS["group"] = tuple(_SIZES)
_COUNT = _WORDS.pattern(r"""
    (?<![\w.-])(?:(?P<again>(?:all|each|every|any|none|the|these|those)[ ]
        (?:one[ ])?(?:of[ ])?(?:the[ ]|these[ ]|those[ ])?)?
      (?P<n><number>)(?![\w-]|[ ]o'clock|:\d)(?P<of>[ ]of[ ](?:the|these|those|them)\b)?
      (?P<words>(?:[ ](?!and\b|of\b|or\b)[a-z][a-z'-]*,?){0,4})
    | (?P<alone><alone>)(?P<one>(?:[ ](?!and\b|of\b|or\b)[a-z][a-z'-]*){1,3})
    | (?<![\w-])(?P<det>an?|the|this|that|his|her|their)[ ](?:[a-z-]+[ ])?
      (?P<group><group>)(?![\w-])
    | (?<![\w-])(?P<twins>twins|triplets|quadruplets)(?![\w-]))
""")
_PART = _WORDS.pattern(r"(?<![\w-])<part>(?![\w-])")
_SINGLE = re.compile(
    r"(?<![\w-])(?:an?|his|her|their|another|one|the) (?:[a-z-]+ ){0,2}?([a-z]+)\b"
)


class _Count(NamedTuple):
    start: int
    end: int
    size: int
    thing: str
    again: bool
    alone: bool


@cache
def _things() -> dict[str, str]:
    words = (*load_words(__file__, "broad_colours")["things"], *_WORDS["things"])
    return dict(entry.split("/") for entry in words)


def broad_counts(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a number of things and a later one that differs, once."""
    lower = text.lower
    if in_parts(text):
        return
    counts = list(_counts(lower))
    for i, b in enumerate(counts):
        if not b.again or b.size < 2:
            continue
        same = [a for a in counts[:i] if a.thing == b.thing or not b.thing]
        first = [a for a in same if not a.again or a.alone]
        if not first or any(a.size == b.size for a in same):
            continue
        if _PART.search(lower, first[0].end, min(len(lower), b.end + 30)):
            continue
        sums = {0}
        singles = 0 if first[0].alone else _singles(lower, first, b)
        for size in [a.size for a in first] + [1] * min(singles, 6):
            sums |= {total + size for total in sums}
        if b.size not in sums:
            a = first[0]
            yield Statement(a.start, a.end, weak=True), Statement(b.start, b.end, weak=True)
            return


def _counts(lower: str) -> Iterator[_Count]:
    for found in _COUNT.finditer(lower):
        start, end = found.span()
        if found["alone"]:
            thing, reach = _thing(found["one"])
            if thing:
                yield _Count(start, found.start("one") + reach, 1, thing, again=False, alone=True)
        elif found["twins"]:
            yield _Count(start, end, _SIZES[found["twins"]], "person", again=False, alone=False)
        elif found["group"]:
            again = found["det"] in ("the", "this", "that")
            after = re.match(r" of (?:[a-z-]+ ){0,3}?([a-z]+)", lower[end:])
            thing = "" if not after else _things().get(after[1], _singular(after[1]) or "")
            yield _Count(start, end, _SIZES[found["group"]], thing, again, alone=False)
        else:
            thing, reach = _thing(found["words"])
            end = (found.start("words") + reach) if thing else found.end("n")
            n = found["n"]
            again = bool(found["again"] or found["of"] or n in ("both", "neither"))
            if found["of"] and not thing and not found["of"].endswith("them"):
                continue
            if not found["again"] and found["of"] and n not in ("both", "neither"):
                continue  # "two of them"
            if again and not thing and not (found["of"] or "").endswith("them"):
                continue
            if thing or again:
                yield _Count(start, end, _VALUES[n], thing, again, alone=False)


def _thing(words: str) -> tuple[str, int]:
    """Return what thing a chain of words names, and the number of characters up to its end."""
    for found in re.finditer(r"[a-z][a-z'-]*", words):
        thing = _things().get(found[0]) or _singular(found[0])
        if thing:
            return thing, found.end()
    return "", 0


def _singular(word: str) -> str:
    return _things().get(word.removesuffix("s"), "") if word.endswith("s") else ""


def _singles(lower: str, first: list[_Count], b: _Count) -> int:
    """Return how many single ones of the same thing are named besides."""
    spans = [(a.start, a.end) for a in first]
    return sum(
        (_things().get(m[1], "") == b.thing or (not b.thing and m[1] in _things()))
        and not any(start < m.end() and m.start() < end for start, end in spans)
        for m in _SINGLE.finditer(lower, 0, b.start)
    )
