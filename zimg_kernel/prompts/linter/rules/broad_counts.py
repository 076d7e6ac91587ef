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
_VALUES = {**NUMBERS, "half a dozen": 6, "half-dozen": 6, "half dozen": 6,
           "a dozen": 12, "dozen": 12, "both": 2, "neither": 2,
           **{str(n): n for n in range(2, 21)}}  # fmt: skip
_WORDS["number"] = tuple(sorted(_VALUES, key=len, reverse=True))
_WORDS["group"] = tuple(_SIZES)
_COUNT = _WORDS.pattern(r"""
    (?<![\w.-])(?:(?P<again>(?:all|each|every|any|none|the|these|those)[ ]
        (?:one[ ])?(?:of[ ])?(?:the[ ]|these[ ]|those[ ])?)?
      (?P<n><number>)(?![\w-]|[ ]o'clock|:\d)(?P<of>[ ]of[ ](?:the|these|those|them)\b)?
      (?P<words>(?:[ ](?!<between>\b)[a-z][a-z'-]*,?){0,4})
    | (?P<alone><alone>)(?P<one>(?:[ ](?!<between>\b)[a-z][a-z'-]*){1,3})
    | (?:(?<![\w-])(?P<limbs><number>)-(?P<limb>[a-z]+(?:ed|er))(?![\w-]))
    | (?:(?<![\w-])(?P<det>an?|the|this|that|his|her|their)[ ]|^|(?<=[.;,][ ]))(?:[a-z-]+[ ])?
      (?P<group><group>)(?![\w-])
    | (?<![\w-])(?P<same>(?:the|this|that)[ ](?:[a-z]+[ ])?)?<bunches>[ ]of[ ]
      (?P<strong><number>)(?=[ ](?!and\b)(?:[a-z]+(?<!s)|<verbs>)\b|[,.;])
    | (?<![\w-])(?P<twins>twins|triplets|quadruplets)(?![\w-]))
""")
_ORDINALS = {word: n for n, word in enumerate(_WORDS["ordinals"], 1)}
_BEFORE = re.compile(r"(?<![\w-])[a-z0-9]+(?=[ -])")
_PERSONS = re.compile(r"[a-z]{2,}(?:ers|eers|ors|ists|smen|swomen|folk)")
_OBJECTS = frozenset(_WORDS["objects"])
_HEAP = re.compile(r"\b(?:clutch|litter|brood|set|bunch|herd|flock|pack|group) of")
_LIMBS = dict(entry.split("/") for entry in _WORDS["limbs"])
_IN_ALL = re.compile(r"(?: [a-z-]+){0,4},? (?:in all|altogether|all told|in total)\b")
_PART = _WORDS.pattern(r"(?<![\w-])<part>(?![\w-])")
_MORE = _WORDS.pattern(r"(?<![\w-])<more>(?![\w-])")
_SINGLE = re.compile(
    r"(?<![\w-])(?:an?|his|her|their|another|one|the) (?:[a-z-]+ ){0,2}?([a-z]+)\b"
)


# "three tiers", then "the fifth tier"; "a trio", then "the fourth of them"
_NTH = _WORDS.pattern(r"""
    (?<![\w-])(?:the|this|that|his|her|its|their|and[ ]a|,[ ]a)[ ](?P<nth><ordinals>)[ ]
    (?P<noun>of[ ](?:them|(?:the|these|those)[ ][a-z]+)
      |(?:[a-z-]+[ ])??(?!<between>\b)[a-z]+)(?![\w-])
""")
# "the six others" beside four persons; "a lone hiker", then "the group of hikers"
_OTHERS = _WORDS.pattern(
    r"(?<![\w-])the[ ](?:other[ ](?P<a><number>)|(?P<b><number>)[ ]others)(?![\w-])"
)
_MANY = (
    r"(?<![\w-])(?:(?:the|a|an) (?:[a-z]+ )?(?:group|crowd|pack|herd|flock|row|line|bunch|handful"
    r"|pair|dozens?|swarm|cluster|party|team) of|dozens of|several|the|both|many) (?:[a-z-]+ )?"
)


_REACH = 150  # characters before a number in which words may part it from the first one
_LONE = re.compile(r"\b(?:lone|single|solitary|only)\b")
_EMPTY, _FULL = (_WORDS.pattern(rf"(?<![\w-])<{n}>(?![\w-])") for n in ("empty", "full"))


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
    if pair := _others(lower, counts) or _company(lower, counts) or _nth(lower, counts):
        yield pair
        return
    for i, b in enumerate(counts):
        if not b.again or b.size < 2:
            continue
        same = [a for a in counts[:i] if _alike(a.thing, b.thing)]
        first = [a for a in same if not a.again or a.alone]
        if not first or any(a.size == b.size for a in same):
            continue
        sums = {0}
        singles = 0 if first[0].alone else _singles(lower, first, b)
        for size in [a.size for a in first] + [1] * min(singles, 6):
            sums |= {total + size for total in sums}
        # More than there are cannot be some of them.
        doubt = _PART if b.size < max(sums) else _MORE
        near = max(first[0].end, b.start - _REACH)
        if doubt.search(lower, near, min(len(lower), b.end + 30)):
            continue
        if b.size not in sums:
            a = first[0]
            yield Statement(a.start, a.end), Statement(b.start, b.end)
            return


def _others(lower: str, counts: list[_Count]) -> tuple[Statement, Statement] | None:
    """Return a group of persons and the others of it, who are too many."""
    groups = [c for c in counts if not c.again and c.size > 1]
    for found in _OTHERS.finditer(lower):
        n = _VALUES[found["a"] or found["b"]]
        before = [c for c in groups if c.end <= found.start()]
        if len(before) == 1 and before[0].thing == "person" and n >= before[0].size:
            a = before[0]
            return Statement(a.start, a.end), Statement(*found.span())
    return None


def _nth(lower: str, counts: list[_Count]) -> tuple[Statement, Statement] | None:
    """Return a number of things and a later one of them that is beyond it."""
    for found in _NTH.finditer(lower):
        n, noun = _ORDINALS[found["nth"]], found["noun"]
        before = [c for c in counts if c.end <= found.start() and c.size > 1]
        word = noun.split()[-1]
        thing = _things().get(word, "") or _singular(word)
        same = []
        for m in re.finditer(rf"(?<![\w-]){word}(?:e?s)?\b", lower[: found.start()]):
            near = list(_BEFORE.finditer(lower, max(0, m.start() - 30), m.start()))[-4:]
            same += [(_VALUES[w[0]], (w.start(), m.end())) for w in near if w[0] in _VALUES]
        sizes, spans = [size for size, _ in same], [span for _, span in same]
        if not same:
            of_it = {thing, word} - {""}
            alike = [c for c in before if noun == "of them" or c.thing in of_it
                     or (thing == "person" and not c.thing)]  # fmt: skip
            sizes, spans = [c.size for c in alike], [(c.start, c.end) for c in alike]
        if len(sizes) == 1 and 1 < sizes[0] < n and not lower[: found.start()].endswith("floor"):
            return Statement(*spans[0]), Statement(*found.span())
    return None


def _company(lower: str, counts: list[_Count]) -> tuple[Statement, Statement] | None:
    """Return a lone thing and several of the same name."""
    empty = _EMPTY.search(lower)
    full = empty and _FULL.search(lower, empty.end())
    if empty and full and not _PART.search(lower, empty.end(), full.end()):
        return Statement(*empty.span()), Statement(*full.span())
    for c in counts:
        alone = c.alone or (c.size == 1 and _LONE.search(lower, c.start, c.end))
        if alone and c.thing and (word := re.search(r"[a-z]+$", lower[: c.end])):
            found = re.search(rf"{_MANY}{word[0]}s(?![\w-])", lower[c.end :])
            if found and not _PART.search(lower, c.end, min(len(lower), c.end + found.end() + 30)):
                start = c.end + found.start()
                there = Statement(start, c.end + found.end())
                return Statement(c.start, c.end), there
    return None


def _counts(lower: str) -> Iterator[_Count]:
    largest = 1
    for found in _COUNT.finditer(lower):
        start, end = found.span()
        if found["alone"]:
            thing, reach = _thing(found["one"])
            if thing:
                yield _Count(start, found.start("one") + reach, 1, thing, again=False, alone=True)
        elif found["limbs"]:
            limb = _LIMBS.get(found["limb"])
            if limb:
                yield _Count(start, end, _VALUES[found["limbs"]], limb, again=False, alone=False)
        elif found["strong"]:
            thing = "" if _HEAP.search(found[0]) else "person"
            again = bool(found["same"])
            yield _Count(start, end, _VALUES[found["strong"]], thing, again, alone=False)
        elif found["twins"]:
            yield _Count(start, end, _SIZES[found["twins"]], "person", again=False, alone=False)
        elif found["group"]:
            again = found["det"] in ("the", "this", "that")
            after = re.match(r" of (?:[a-z-]+ ){0,3}?([a-z]+)", lower[end:])
            person = "" if found["group"] == "pair" else "person"
            thing = person if not after else _things().get(after[1], _singular(after[1]) or "")
            yield _Count(start, end, _SIZES[found["group"]], thing, again, alone=False)
        else:
            thing, reach = _thing(found["words"])
            end = (found.start("words") + reach) if thing else found.end("n")
            n = found["n"]
            again = bool(found["again"] or found["of"] or n in ("both", "neither"))
            if found["of"] and not thing and not found["of"].endswith("them"):
                continue
            if not found["again"] and found["of"] and n not in ("both", "neither"):
                if _VALUES[n] <= largest:
                    continue  # "two of them"
                again = True
            next_word = (found["words"] or "s").split()[0] if found["words"] else ""
            alone = (found["again"] or "").strip() == "all" and not next_word.endswith("s")
            if again and not thing and not (found["of"] or "").endswith("them") and not alone:
                continue
            again = again or _IN_ALL.match(lower, end) is not None
            largest = max(largest, _VALUES[n])
            if thing or again:
                yield _Count(start, end, _VALUES[n], thing, again, alone=False)


def _alike(one: str, other: str) -> bool:
    """Return whether a later name, such as "animals", may be of things counted before."""
    if other.startswith("all "):
        return one not in ("", "person") or one in _wholes().get(other, ())
    return not other or one == other


@cache
def _wholes() -> dict[str, frozenset[str]]:
    words = load_words(__file__, "broad_colours")
    pairs = [entry.split("/") for entry in words["wholes"]]
    return {f"all {name}": frozenset(
        thing for word, kind in pairs if word == name for thing in words[kind])
        for name in dict.fromkeys(word for word, _ in pairs)}  # fmt: skip


def _thing(words: str) -> tuple[str, int]:
    """Return what thing a chain of words names, and the number of characters up to its end."""
    for found in re.finditer(r"[a-z][a-z'-]*", words):
        thing = _things().get(found[0]) or _singular(found[0])
        for form in (found[0], found[0].removesuffix("s")):
            thing = thing or (f"all {form}" if f"all {form}" in _wholes() else "")
        if not thing and _PERSONS.fullmatch(found[0]) and found[0] not in _OBJECTS:
            thing = "person"  # curlers, cellists
        if thing:
            after = re.match(r" ([a-z]+)", words[found.end() :])  # "stag beetle"
            if after and thing[:4] != "all " and (_things().get(after[1]) or _singular(after[1])):
                return _things().get(after[1]) or _singular(after[1]), found.end() + after.end()
            return thing, found.end()
    return "", 0


def _singular(word: str) -> str:
    return _things().get(word.removesuffix("s"), "") if word.endswith("s") else ""


def _singles(lower: str, first: list[_Count], b: _Count) -> int:
    """Return how many single ones of the same thing are named besides."""
    spans = [(a.start, a.end) for a in first]
    return sum(
        (_things().get(m[1], "") == b.thing if b.thing else m[1] in _things())
        and not any(start < m.end() and m.start() < end for start, end in spans)
        for m in _SINGLE.finditer(lower, 0, b.start)
    )
