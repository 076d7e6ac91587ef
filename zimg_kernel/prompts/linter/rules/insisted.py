"""English statements that a prompt insists on, such as exactly two, and what differs from them.

All are hints: what is insisted on is compared with whatever else is told of the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colour_tables import colour_of, like, tables
from .colours import singular
from .groups import NUMBERS
from .materials import ALIKE, material_kind
from .scene import in_parts
from .statement import Statement

_MATERIALS = load_words(__file__, "materials")
_WORDS = load_words(__file__)
_WORDS["material"] = tuple(
    sorted((w for k in _MATERIALS["kinds"] for w in _MATERIALS[k]), key=len, reverse=True)
)
_WORDS["making"] = _MATERIALS["making"]
_WORDS["thing"] = (*_MATERIALS["things"], *_WORDS["more_things"])
_WORDS["number"] = tuple(sorted(NUMBERS, key=len, reverse=True))
_SIZES = {word: int(n) for n, word in (entry.split("/") for entry in _WORDS["groups"])}
_WORDS["group"] = tuple(_SIZES)
_ORDINALS = {word: n for n, word in enumerate(_WORDS["ordinals"], 3)}
_NOUN = r"(?:[a-z-]+[ ]){0,2}?(?P<noun>[a-z-]{3,})"

# exactly two lemons ... a third lemon
_EXACT = _WORDS.pattern(r"""
    (?<![\w-])(?:<exactly>)[ ](?P<n>one|<number>)[ ](?:[a-z-]+[ ]){0,2}?(?P<noun>[a-z]{3,})
    (?=[,.;:]|$|[ ](?:[a-z]+[ ])?(?:<after_noun>)(?![\w-]))
""")
_NTH = _WORDS.pattern(rf"""
    (?<![\w-])(?:a|the|his|her|its|their|and|this)[ ](?P<nth><ordinals>)(?:[ ]{_NOUN})?
""")
# three otters ... the pair of them
_GROUP = _WORDS.pattern(r"""
    (?<![\w-])(?P<n><number>)[ ](?:[a-z-]+[ ]){0,2}?
    (?P<noun>[a-z]{3,}s|men|women|children|geese|mice|people)(?![\w-])
  | (?<![\w-])(?:an?|the)[ ](?:[a-z-]+[ ]){0,1}?(?P<group><group>)[ ]of[ ]
    (?P<of>[a-z]{3,}s|men|women)
  | (?<![\w-])(?P<lone>an?[ ](?:lone|only|solitary|single)[ ](?:<beings>))(?![\w-])
""")
_THEM = _WORDS.pattern(r"""
    (?<![\w-])(?:the|this|both|all|that)[ ](?P<group><group>)(?=[ ]of[ ]them\b|[ ](?:<does>)\b|,)
  | (?:^|(?<=[.;][ ]))(?:the|both)[ ](?P<twins>twins|triplets)(?=[ ](?:<does>|[a-z]+)\b)
""")
# a single balloon ... a bunch of twenty balloons
_SOLE = _WORDS.pattern(r"""
    (?<![\w-])(?:one[ ](?P<only>[a-z]{3,})[ ]only|(?:<sole>)[ ](?P<words>[a-z-]+(?:[ ][a-z]+){0,2}))
    (?![\w-])
""")
_MANY = _WORDS.pattern(r"""
    (?<![\w-])(?P<n><number>|<more_numbers>|dozens[ ]of|scores[ ]of|hundreds[ ]of)[ ]
    (?P<noun>[a-z]{3,}s)(?![\w-])
""")
_BESIDE = _WORDS.pattern(r"(?<![\w-])<beside>(?![\w-])")
_ONE = _WORDS.pattern(
    r"(?<![\w-])(?:an?|his|her|their)[ ](?:[a-z-]+[ ]){0,2}?(?:<beings>)(?![\w-])"
)
# twin-towered ... its solitary tower
_LIMBED = _WORDS.pattern(
    r"(?<![\w-])(?:twin|double|two|three|four|triple|five|six)-(?P<part><limbs>)(?:e?d|r)?(?![\w-])"
)
_ONE_LIMB = _WORDS.pattern(
    r"(?<![\w-])(?:its|his|her|the|with|a)[ ](?:one[ ]and[ ]only|single|solitary|lone|only|sole)[ ]"
    r"(?:[a-z]+[ ])?(?P<part><limbs>)(?![\w-])"
)
_EVERY = _WORDS.pattern(r"""
    (?<![\w-])(?:solid|uniformly|entirely|completely|wholly|purely|totally|all)[ ]
      (?:(?:matte?|glossy|deep|pale|bright|dark|light|plain)[ ])?(?P<a>[a-z-]+)(?![\w-])
  | (?<![\w-])(?P<b>[a-z-]+)[ ](?:(?:all[ ]over|throughout|through[ ]and[ ]through)
      |from[ ](?:the[ ])?[a-z]+[ ]to[ ](?:the[ ])?[a-z]+)(?![\w-])
  | (?<![\w-])(?P<c>[a-z-]+)[ ](?:paint[ ]|enamel[ ]|fur[ ]|cloth[ ])?cover(?:s|ing)[ ]
      (?:every|all|the[ ]whole|the[ ]entire)(?![\w-])
""")
_PART = _WORDS.pattern(r"""
    (?<![\w-])(?:its|his|her|the|with|and|an?|two|four|on|<links>)?,?[ ]?(?P<colour>[a-z-]+)[ ]
    (?P<part><parts>)(?![\w-])
  | (?:^|[,;][ ]|\ban?[ ])(?P<head>[a-z-]+)[ ](?P<whole><bodies>)(?![\w-])
""")
_SAVE = _WORDS.pattern(r"(?<![\w-])<save>(?![\w-])")
_ONE_TONE = _WORDS.pattern(r"(?<![\w-])<one_tone>(?![\w-])")
_DOUBLE = re.compile(r"(?<![\w-])(?P<a>[a-z-]+)(?=,? (?P<b>[a-z-]+) (?P<noun>[a-z]{3,})(?![\w-]))")
_GREY = _WORDS.pattern(r"(?<![\w-])<grey>(?![\w-])")
_HUED = _WORDS.pattern(r"(?<![\w-])(?:[a-z]+-)?(?P<hue><hues>)(?![\w-])(?![ ]<no_hue>)")
# a paper boat, its steel plates; a marble bust, every curl of it knitted from wool
_OF_STUFF = _WORDS.pattern(r"""
    (?<![\w-])(?P<a><material>)[ ](?:[a-z-]+[ ])?(?P<thing><thing>)(?![\w-])
  | (?<![\w-])(?P<thing2><thing>)[ ](?:[a-z]+[ ]){0,2}?(?:of|from|in)[ ](?:[a-z-]+[ ]){0,2}?
    (?P<b><material>)(?=[,.;:]|$|[ ](?:on|in|with|at|and|stands?|lies|is|beside)\b)
""")
_REMADE = _WORDS.pattern(r"""
    (?<![\w-])(?:its|his|her)[ ](?:[a-z]+[ ])?(?P<a><material>)[ ](?:<shells>)(?![\w-])
  | (?:(?<![\w-])
      (?:it|itself|all[ ]of[ ]it|(?:every|each)[ ][a-z]+(?:[ ]of[ ]it)?|the[ ](?P<subject>[a-z]+))
      [ ](?:is|was|has[ ]been|were|looks|seems)[ ](?:[a-z]+[ ])?|(?:^|(?<=[.;,][ ])))
    (?:<making>)[ ](?:[a-z-]+[ ]){0,3}?(?:of|from|in|out[ ]of)[ ](?:[a-z-]+[ ]){0,5}?
    (?P<b><material>)(?![\w-])(?![ ](?:base|plinth|stand|block|pedestal|frame|table|shelf))
""")
_HEAD = 90  # characters in which a prompt says what it shows


def insisted(text: Text) -> Iterator[tuple[str, Statement, Statement]]:
    """Yield the kind of message, what is insisted on, and what differs from it, once."""
    lower = text.lower
    if text.chinese or in_parts(text):
        return
    for message, finder in (
        ("counts", _exact),
        ("counts", _them),
        ("counts", _sole),
        ("counts", _limbs),
        ("both", _everywhere),
        ("both", _one_tone),
        ("both", _greys),
        ("scene", _stuff),
    ):
        for a, b in finder(lower):
            first, second = sorted((a, b))
            yield message, Statement(*first, weak=True), Statement(*second, weak=True)
            return


_Span = tuple[int, int]
_Pairs = Iterator[tuple[_Span, _Span]]


def _exact(lower: str) -> _Pairs:
    for found in _EXACT.finditer(lower):
        noun, size = singular(found["noun"]), NUMBERS.get(found["n"], 1)
        for nth in _NTH.finditer(lower, found.end()):
            name = nth["noun"]
            if _ORDINALS[nth["nth"]] > size and (
                name is None or singular(name) == noun or name in ("one", "is", "has", "lies")
            ):
                yield found.span(), nth.span()
                return


def _them(lower: str) -> _Pairs:
    for them in _THEM.finditer(lower):
        said = 3 if them["twins"] == "triplets" else 2 if them["twins"] else _SIZES[them["group"]]
        groups = list(_GROUP.finditer(lower, 0, them.start()))
        if len(groups) != 1 or _BESIDE.search(lower, groups[0].end(), them.start()):
            continue
        g = groups[0]
        size = 1 if g["lone"] else _SIZES[g["group"]] if g["group"] else NUMBERS[g["n"]]
        if (
            size > said
            and them["group"] in ("pair", "couple")
            and " of them" not in lower[them.end() : them.end() + 8]
        ):
            continue  # a wedding party of twelve, the couple
        ones = len(list(_ONE.finditer(lower, g.end(), them.start())))
        if size != said and not (size < said <= size + ones):
            yield g.span(), them.span()


def _sole(lower: str) -> _Pairs:
    for found in _SOLE.finditer(lower):
        nouns = {singular(word) for word in (found["only"] or found["words"]).split()}
        for many in _MANY.finditer(lower):
            if singular(many["noun"]) not in nouns:
                continue
            if many.start() < found.end() and found.start() < many.end():
                continue
            first, last = sorted((found.span(), many.span()))
            begin = max(0, first[0] - 24)
            if not _BESIDE.search(lower, begin, min(len(lower), last[1] + 24)):
                yield first, last
                return


def _limbs(lower: str) -> _Pairs:
    for found in _LIMBED.finditer(lower):
        for one in _ONE_LIMB.finditer(lower, found.end()):
            if found["part"].rstrip("e") == one["part"].rstrip("e"):
                yield found.span(), one.span()
                return


def _everywhere(lower: str) -> _Pairs:
    if _SAVE.search(lower):
        return
    known = tables()
    for found in _EVERY.finditer(lower):
        name = next(g for g in "abc" if found[g])
        whole = colour_of(found[name], known)
        if not whole:
            continue
        for part in _PART.finditer(lower):
            word = part["colour"] or part["head"]
            at = part.span("colour" if part["colour"] else "head")
            other = colour_of(word, known)
            if not other or like(whole, other):
                continue
            if at[0] < found.end() and found.start() < at[1]:
                continue
            if part["head"] and name != "c":
                continue
            yield found.span(), (at[0], part.end())
            return


def _one_tone(lower: str) -> _Pairs:
    tone = _ONE_TONE.search(lower)
    known = tables()
    for found in _DOUBLE.finditer(lower) if tone else ():
        a, b = (colour_of(found[g], known) for g in "ab")
        if a and b and not like(a, b) and tone:
            yield found.span(), tone.span()
            return


def _greys(lower: str) -> _Pairs:
    grey = _GREY.search(lower)
    if grey is None or _SAVE.search(lower):
        return
    for hue in _HUED.finditer(lower):
        if hue.end() <= grey.start() or grey.end() <= hue.start():
            yield grey.span(), hue.span()
            return


def _stuff(lower: str) -> _Pairs:
    first = _OF_STUFF.search(lower, 0, _HEAD)
    if first is None:
        return
    name = "a" if first["a"] else "b"
    thing, kind = singular(first["thing"] or first["thing2"]), material_kind(first[name])
    if re.search(r"\b(?:and|beside|next to) an? ", lower[: first.end()]):
        return
    for again in _REMADE.finditer(lower, first.end()):
        other = material_kind(again["a"] or again["b"])
        subject = again["subject"]
        if other == kind or frozenset((other, kind)) in ALIKE:
            continue
        if subject and singular(subject) not in (thing, "whole", "thing", "piece", "object"):
            continue
        if not _BESIDE.search(lower, first.end(), again.start()):
            yield first.span(), again.span()
            return
