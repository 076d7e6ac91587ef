"""English numbers told as a fact of the picture, and those of the same things that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .levels import is_long
from .lexicon import stem
from .scene import in_parts
from .statement import Statement
from .things_named import things_in

_WORDS = load_words(__file__)
_GROUPS = {word: int(n) for n, word in (entry.split("/") for entry in _WORDS["groups"])}
_VALUES = {word: n for n, word in enumerate(_WORDS["numbers"], 1)} | {
    "a dozen": 12,
    "half a dozen": 6,
}
_WORDS["number"] = (*sorted(_VALUES, key=len, reverse=True), r"[1-9]\d?")
_WORDS["group"] = tuple(_GROUPS)
_ANYONE, _YOUNG = frozenset(_WORDS["anyone"]), frozenset(_WORDS["young"])
_NOUN = r"(?:[a-z-]+[ ]){0,2}?(?P<noun>[a-z-]{3,})"
_STATED = _WORDS.pattern(rf"""
    (?<![\w-])(?:
      (?:the[ ])?<counting>[ ]of[ ]{_NOUN}(?:[ ]<shown>)*(?::|[ ]is|[ ]=)[ ](?P<a><number>)
    | (?P<before>[a-z]{{3,}})[ ]<counting>(?:[ ]<shown>)?(?::|[ ]is|[ ]=)[ ](?P<b><number>)
    | (?P<of><plural>)(?:[ ][a-z-]+){{0,4}},?
      (?:[ ]are|[ ]is)?[ ](?P<c><number>)[ ](?:in[ ]number|all[ ]told|strong)
    | (?:the|these|those)[ ](?P<more><plural>),[ ](?P<h><number>)[ ]of[ ]them
      (?=[,.;]|$)
    | the[ ](?P<brood><broods>)[ ]of[ ](?P<i><number>)(?=[,.;]|$|[ ][a-z]+s\b)
    | the[ ](?:whole[ ])?(?:<crowds>),[ ](?P<j><number>)[ ](?:strong|in[ ]number|all[ ]told)
    | (?:the|this)[ ](?P<g><number>)-(?:strong|piece|member|person|man|woman)[ ](?:<crowds>)
    | (?:<exactly>)[ ](?P<d><number>)[ ](?:[a-z-]+[ ]){{0,2}}?(?P<exact><plural>)
    | (?P<e><number>)[ ](?:[a-z-]+[ ]){{0,2}}?(?P<all><plural>)[ ]
      (?:[a-z]+[ ]){{0,3}}?<all_told>
    | (?:the|this)[ ](?:whole[ ]|entire[ ]|full[ ])?(?P<crowd><crowds>)(?:,[ ]an?[ ][a-z]+)?[ ]of[ ]
      (?P<f><number>)(?=[,.;]|$|[ ](?!more)[a-z])
    )(?![\w-])
""")
_POINTED = _WORDS.pattern(r"""
    (?<![\w-])(?:(?:each|every[ ]one|one|any|the[ ]one|in[ ]the[ ]middle|between|both)[ ]of[ ]the[ ]
        (?P<each><number>)
    | the[ ](?P<nth>second|third|fourth|fifth|sixth)(?:[ ][a-z]+)?[ ]of[ ]the[ ](?P<group><group>)
    | the[ ](?P<row>third|fourth|fifth|sixth)(?=[ ](?:is|has|[a-z]+s)\b)
    )(?=[,.;]|$|[ ](?:of[ ]them|is|are|has|have|wear|hold|stand|sit|stick|look|[a-z]+s)\b)
""")
_SIZED = _WORDS.pattern(r"""
    (?<![\w-])(?P<group><group>)(?:[ ]of[ ](?:[a-z-]+[ ]){0,2}?(?P<noun><plural>))?(?![\w-])
  | (?<![\w-])(?P<n><number>)[ ](?:[a-z-]+[ ]){0,2}?(?P<who><plural>|children)(?![\w-])
""")
_OTHERS = _WORDS.pattern(r"""
    (?<![\w-])the[ ](?:other|remaining)[ ](?P<n><number>)[ ](?P<noun><plural>)(?![\w-])
""")
_SINGLE = _WORDS.pattern(r"""
    (?<![\w-])(?:<single>)[ ](?:[a-z-]+[ ]){0,2}?(?P<part><parts>)(?![\w-])
  | (?<![\w-])(?:one|single)-(?P<limb><parts>)e?d(?![\w-])
""")
_PART = _WORDS.pattern(r"(?<![\w-])<part>(?![\w-])")
_ONE = re.compile(r"(?<![\w-])(?:an?|his|her|their|one) (?:[a-z-]+ ){0,2}?([a-z]+)(?![\w-])")
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}


class _Count(NamedTuple):
    start: int
    end: int
    number: int


def stated_counts(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a number of things and another one that is stated of them, once."""
    lower = text.lower
    parted = in_parts(text)
    for finder in (_labelled, _sided) if parted else (_labelled, _sided, _others, _pointed):
        for a, b in finder(lower):
            first, second = sorted((a, b))
            weak = is_long(text) or finder in (_pointed, _others)
            yield (
                Statement(first.start, first.end, weak=weak),
                Statement(second.start, second.end, weak=weak),
            )
            return


def _value(word: str) -> int:
    return _VALUES.get(word) or int(word)


def _labelled(lower: str) -> Iterator[tuple[_Count, _Count]]:
    """Fox count: twelve; the lanterns are twelve in number; the whole crew, a party of two."""
    for found in _STATED.finditer(lower):
        b = _Count(*found.span(), _value(next(found[g] for g in "abcdefghij" if found[g])))
        noun = next(
            (found[g] for g in ("noun", "before", "of", "exact", "all", "more") if found[g]), ""
        )
        loose = bool(found["d"] or found["e"] or found["h"])
        counts = _broods(lower, b) if found["brood"] else _counts(lower, noun, b)
        if not counts or b.number in (c.number for c in counts):
            continue
        if b.number == sum(c.number for c in counts):
            continue
        around = (lower[max(0, c.start - 16) : c.end + 16] for c in (*counts, b))
        if any(_PART.search(part) for part in around):
            continue
        if loose and (b.number < counts[0].number or len(counts) > 1):
            continue  # only two of the five
        yield counts[0], b


def _counts(lower: str, noun: str, b: _Count) -> list[_Count]:
    """Return the numbers of things of a name, or of persons where a group is spoken of."""
    anyone = not noun or noun in _ANYONE
    found = []
    for m in _SIZED.finditer(lower):
        if m.start() < b.end and b.start < m.end():
            continue
        name = m["noun"] or m["who"] or ""
        same = bool(noun) and bool(name) and stem(name) == stem(noun)
        if same or (anyone and (_is_person(name) if name else m["group"] != "pair")):
            found.append(_Count(*m.span(), _GROUPS[m["group"]] if m["group"] else _value(m["n"])))
    return found


def _broods(lower: str, b: _Count) -> list[_Count]:
    """Return the numbers of eggs or young animals."""
    young = [m for m in _SIZED.finditer(lower, 0, b.start) if m["who"] in _YOUNG]
    return [_Count(*m.span(), _value(m["n"])) for m in young]


def _is_person(name: str) -> bool:
    return any("person" in hit.says for hit in things_in("en", name))


def _others(lower: str) -> Iterator[tuple[_Count, _Count]]:
    """Four pears, then the other eight pears."""
    for found in _OTHERS.finditer(lower):
        b = _Count(*found.span(), _value(found["n"]))
        counts = [c for c in _counts(lower, found["noun"], b) if c.end <= b.start]
        if len(counts) == 1 and 1 < counts[0].number <= b.number:
            yield counts[0], b


def _sided(lower: str) -> Iterator[tuple[_Count, _Count]]:
    """A single head, then the left one and the right one."""
    for found in _SINGLE.finditer(lower):
        part = found["part"] or found["limb"]
        both = re.compile(
            rf"(?<![\w-])(?:(?:his|her|its|the) (?:left|right) {part}"
            rf"|both (?:(?:of )?(?:his|her|its|the) )?{part}s"
            rf"|(?:his|her|its) (?:two|three|four|other) (?:[a-z]+ )?{part}s?)(?![\w-])"
        )
        sides = list(both.finditer(lower, found.end()))
        if len(sides) > 1 or (sides and not re.search("left|right", sides[0][0])):
            yield _Count(*found.span(), 1), _Count(*sides[0].span(), 2)


def _pointed(lower: str) -> Iterator[tuple[_Count, _Count]]:
    """A couple, then the one in the middle of the three."""
    for found in _POINTED.finditer(lower):
        if found["nth"]:
            if _ORDINALS[found["nth"]] > (size := _GROUPS[found["group"]]):
                yield _Count(*found.span("group"), size), _Count(*found.span("nth"), size + 1)
            continue
        row = found["row"]
        if row and not re.search(r"\bthe second\b", lower[: found.start()]):
            continue
        b = _Count(*found.span(), _ORDINALS[row] if row else _value(found["each"]))
        counts = [
            m
            for m in _SIZED.finditer(lower, 0, b.start)
            if m["group"] or row or _is_person(m["who"])
        ]
        sizes = [_GROUPS[m["group"]] if m["group"] else _value(m["n"]) for m in counts]
        if not sizes or len(set(sizes)) > 1 or b.number <= sizes[0]:
            continue
        ones = (m[1] for m in _ONE.finditer(lower, 0, b.start))
        if not row and any(_is_person(one) and one not in _GROUPS for one in ones):
            continue  # a duo, and between them a pianist
        if row or not _PART.search(lower, counts[0].end(), b.start):
            yield _Count(*counts[0].span(), sizes[0]), b
