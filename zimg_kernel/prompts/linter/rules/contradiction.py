"""Rule ``contradiction``: statements that cannot both be true of one picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import (
    EN_NAMES,
    ZH_NAMES,
    Mention,
    alike,
    english_colours,
    english_counts,
    singular,
)
from .counts import LIST, opposed_counts
from .doubts import told_once, weighed
from .levels import apart, hint, is_long, partial, sure
from .loose import loose_faults
from .media import opposed_means
from .mentioned_zh import chinese_colours, chinese_counts
from .mono import without_colours
from .opposites_en import english_opposites
from .opposites_zh import chinese_opposites
from .owners import NEW_OWNER, others_thing, same_owner
from .predicates import chinese_predicates, english_predicates
from .scene import in_parts, opposites
from .statement import MOST
from .styles import opposed_styles

_WORDS = load_words(__file__)
_OF_ONE, _ANYTHING = frozenset(_WORDS["of_one"]), frozenset(_WORDS["anything"])
_OWNERS = load_words(__file__, "owners_of_parts")
_FAR = 120  # characters between two mentions
_SHARED = _WORDS.pattern(
    r"(?<![a-z])<shared>|from[ ](?!collar|head|top|neck|nose|tip|hem|edge).{0,30}[ ]to[ ]"
)
_SPECIES = _WORDS.pattern(r"<species>")
_COPULA = _WORDS.pattern(r"""
    \b(?:the|this|that|its|his|her)[ ](?P<noun>(?:[\w-]+[ ])??[\w-]+)[ ]<looks>
    (?:[ ]<fully>)*[ ](?P<colour>[\w-]+)(?![ ](?!and\b|in\b|with\b|on\b)\w)
""")
_ZH_COPULA = Pattern(
    r"""
    (?P<noun>[\u4e00-\u9fff]{1,4}?)(?:的?颜色)?(?:却|都|完全|全)?
    (?:是|为|呈|涂成|漆成|刷成)(?:纯|鲜艳的|完全的)?
    (?P<colour>[深浅纯大亮暗]?[红橙黄绿青蓝紫粉棕黑白灰金银]色?)
    """,
    re.VERBOSE,
)
# "a red umbrella, solid blue all over"
_APPOSED = _WORDS.pattern(r"""
    \b(?P<a><colours>)[ ](?:[\w-]+[ ]){0,1}?[\w-]+,[ ]
    (?:(?:solid|all|entirely|completely|pure|wholly)[ ](?:[\w-]+[ ])?(?P<b><colours>)\b
      (?![ ](?:and|with|or|[a-z]+s)\b)(?!-)
      |(?!(?:the[ ]other|another|(?:his|her)[ ](?:hat|shoes|scarf|hair|bag|gloves|boots))[ ])
      (?:[\w-]+[ ]){0,2}(?P<c><colours>)[ ](?:all[ ]over|throughout|from[ ][\w-]+[ ]to[ ][\w-]+))
""")
# Two colours in a row: "all red and blue coat", 红色的蓝色跑车, "red bus that is green".
_DOUBLE = _WORDS.pattern(r"""
    \b<wholly>[ -](?P<a><colours>)
    [ ,-]+(?:but[ ])?(?:(?:and|with|[a-z]+)[ ])?(?P<b><colours>)[ ][a-z]
""")
_THAT_IS = _WORDS.pattern(r"""
    \b(?P<a><colours>)[ ](?:[\w-]+[ ]){1,2}(?:that|which)[ ](?:is|are|looks)[ ](?:[\w-]+[ ]){0,2}?
    (?P<b><colours>)\b
""")
_ZH_DOUBLE = _WORDS.pattern(r"""
    (?<![发泛变褪洗花斑惨煞苍雪])(?P<a>[红橙黄绿蓝紫粉棕黑白灰])色?的
    (?P<b>(?:[雪纯漆鲜翠深浅])?[红橙黄绿蓝紫粉棕黑白灰])
    (?:色(?!调|系|光|边|花|条|纹|点|格|字|斑|线|图|刺)|(?=<zh_coloured_things>))
""")
_VIVID = _WORDS.pattern(r"""
    <vivid>(?:,?[ ]<vivid_more>)?[ ]colou?rs?
  | colou?rful | multicolou?red | rainbow[- ]colou?red | full[- ]colou?r | technicolou?r
""")
_HUE = Pattern(
    r"(?<![\w-])(?:red|orange|yellow|green|blue|purple|pink|crimson|scarlet|turquoise|violet|magenta"
    r"|golden|emerald|teal)(?![\w-]| (?:filter|hour|note|tone|ribbon of|light district))"
)
_HUES = frozenset(("red", "orange", "yellow", "green", "blue", "purple", "pink", "cyan"))
_ACCENT = _WORDS.pattern(r"<accents>")
_POSSESSOR = Pattern(r"(?P<who>[a-z]+)'s (?:[a-z-]+ ){0,2}$")
_WEARS = Pattern(r"\b(?:wears|wearing|dressed in|puts on) (?:an?|its|his|her) (?:[\w-]+ ){0,2}$")
_PLACE = _WORDS.pattern(r"\b<places>\b|<zh_places>")
_ROW = _WORDS.pattern(r"<rows>")
_BUT = Pattern(
    r"\b(?:save|except|but|apart|aside|other) (?:for|from|than|one) $|\b(?:except|save) $"
)
_NEW_THING = (
    "a", "an", "another", "one", "two", "three", "four", "five", "six", "other", "second",
)  # fmt: skip


def _find(text: Text, target: Target) -> Iterator[Fault]:
    found = [*filter(None, (weighed(text, fault) for fault in _opposed(text)))]
    if all(fault.severity == "hint" for fault in found):
        found += filter(None, (weighed(text, fault) for fault in loose_faults(text, found)))
    yield from told_once(found)


def _opposed(text: Text) -> Iterator[Fault]:
    colours: list[Mention] = [*english_colours(text), *chinese_colours(text)]
    said = [*english_predicates(text), *chinese_predicates(text)]
    told: list[Fault] = []
    of_one = (*_colours(text, [*colours, *said]), *_copulas(text, colours))
    for fault in () if is_long(text) and in_parts(text) else of_one:
        if not any(fault.start < t.end and fault.end > t.start for t in told):
            told.append(fault)
            yield fault
    for pattern in (_DOUBLE, _THAT_IS, *((_ZH_DOUBLE,) if text.chinese else ())):
        for found in pattern.finditer(text.lower):
            if found["a"] != found["b"] and found["a"] not in found["b"]:
                yield _both(text, found.start(), found.end("b"), found["a"], found["b"])
    for found in _APPOSED.finditer(text.lower):
        group = "b" if found["b"] else "c"
        if found["a"] != found[group]:
            yield _both(text, found.start(), found.end(group), found["a"], found[group])
    mono = without_colours(text)
    vivid = [found.span() for found in _VIVID.finditer(text.lower)]
    vivid += [(m.start, m.end) for m in (*colours, *said) if m.what in _HUES]
    if mono:
        vivid += [found.span() for found in _HUE.finditer(text.lower)]
    if mono and vivid and not in_parts(text) and not _ACCENT.search(text.lower):
        start, end = sorted((mono, vivid[0]))
        yield Fault(*end, "both", {"a": text.prompt[slice(*start)].strip(),
                                   "b": text.prompt[slice(*end)].strip()})  # fmt: skip
    styles = list(opposed_styles(text))
    for first, second in (
        *opposites(text),
        *(styles or opposed_means(text)),
        *english_opposites(text),
        *chinese_opposites(text),
    ):
        if any(second.start < t.end and second.end > t.start for t in told):
            continue
        a, b = (text.prompt[x.start : x.end] for x in (first, second))
        fault = Fault(second.start, second.end, "scene", {"a": a, "b": b})
        fault = sure(fault) if first.firm and second.firm else fault
        told.append(hint(fault) if first.weak or second.weak else fault)
        yield told[-1]
    for one, other in opposed_counts(text, [*english_counts(text), *chinese_counts(text)]):
        if not any(other.start < t.end and other.end > t.start for t in told):
            fault = _pair(text, "counts", one, other)
            doubt = (text.chinese and is_long(text)) or partial(text, other.end)
            doubt = doubt or _BUT.search(text.lower, other.start - 20, other.start) is not None
            if not text.chinese and not other.det and not other.only:
                doubt = doubt or int(other.what) < int(one.what)  # "two chairs are empty"
            yield hint(fault) if doubt else fault


def _both(text: Text, start: int, end: int, a: str, b: str) -> Fault:
    return Fault(start, end, "both", {"a": a, "b": b})


def _pair(text: Text, message: str, a: Mention, b: Mention) -> Fault:
    values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
    return Fault(b.start, b.end, message, values)


def _colours(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    ordered = sorted(mentions, key=lambda m: m.start)
    tally = Counter(m.head for m in ordered)
    # Three of a kind in three colours are a list, and so is what stands in a row.
    row = _ROW.search(text.lower)
    ordered = [m for m in ordered if tally[m.head] < 3 and not row and m.head not in _ANYTHING]
    for a, b in combinations(ordered[:MOST], 2):
        if alike(str(a.what), str(b.what), strict=a.only or b.only):
            continue
        between = text.lower[a.end : b.start]
        near = text.lower[max(0, a.start - 16) : a.end + 16]
        around = text.lower[max(0, a.start - 16) : b.end + 16]
        if b.start - a.end > _FAR:  # what is said of other things between them is of no concern
            around = f"{near}\n{text.lower[b.start - 16 : b.end + 16]}"
        if (
            b.start < a.end
            or (LIST.fullmatch(between) and not _both_of_one(a, b, between))
            or _SHARED.search(around)
        ):
            continue
        if not same_owner(text, a, b) and (
            NEW_OWNER.search(text.lower, a.end, b.start) or others_thing(text, a, b)
        ):
            continue
        possessor = _POSSESSOR.search(text.lower, max(0, b.start - 40), b.start)
        if (
            possessor
            and a.head != b.head
            and possessor["who"] not in (a.head, *text.lower[a.start : a.end].split())
        ):  # the van's blue paint is not the red car's
            continue
        if b.det in ("his", "her", "its", "their", "the") and any(
            m.head == b.head and m is not a and m.end <= b.start and alike(str(m.what), str(b.what))
            for m in ordered
        ):  # a man with black hair beside a woman with blond hair, her blond hair
            continue
        if _elsewhere(text, a) and _elsewhere(text, b):
            continue
        if a.head != b.head and _WEARS.search(text.lower, a.end, b.start):
            continue  # the dog is grey and wears a red coat
        if (a.head == b.head and _one_thing(text, a, b)) or (
            a.head in _OWNERS.get(b.head, ()) and _whole(text, a, b)
        ):
            fault = _pair(text, "both", a, b)
            yield hint(fault) if apart(text, a, b) or b.head == "roof" else fault


def _both_of_one(a: Mention, b: Mention, between: str) -> bool:
    """Return whether "blue eyes and brown eyes" is said, which cannot both be."""
    joined = between.strip() in ("and", "和", "与")
    return joined and a.head == b.head in ("eye", "hair", "fur", "眼睛", "发") and not b.det


def _elsewhere(text: Text, m: Mention) -> bool:
    """Return whether a thing has a place of its own in the prompt."""
    phrase = text.lower[slice(*text.phrase_of(m.start))]
    return bool(_PLACE.search(phrase.replace(text.lower[m.start : m.end], "", 1)))


def _one_thing(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether two mentions with the same noun are of the same thing."""
    if b.det in _NEW_THING:
        return False
    if a.head in _OF_ONE:
        return True
    if b.det.isdigit():
        return False
    plural = text.lower[b.end - 1] == "s" and not text.lower[: b.end].endswith("ss")
    return not plural


def _whole(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether a part's colour speaks of all of the thing that it belongs to."""
    if b.head in ("wall", "墙", "墙壁") and not a.only:
        return False
    if _SPECIES.search(text.lower, max(0, a.start - 2), a.end) and not a.only:
        return False
    after = text.lower[b.end : b.end + 10]
    return not re.match(
        r" ?(?:(?:on|around|at|under|along) (?:its|the|his|her|one|both)|tips"
        r"|在[耳尾爪脸背头胸腹脚额四身])",
        after,
    )


def _copulas(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    for pattern, names in ((_COPULA, EN_NAMES), (_ZH_COPULA, ZH_NAMES)):
        if pattern is _ZH_COPULA and not text.chinese:
            continue
        for found in pattern.finditer(text.lower):
            word = found["colour"]
            name = names.get(word) or next((names[c] for c in word if c in names), "")
            if not name:
                continue
            heads = {singular(found["noun"].split()[-1]), found["noun"], found["noun"][-1]}
            for m in mentions:
                if m.end > found.start() or alike(str(m.what), name):
                    continue
                parts = [part for part, owners in _OWNERS.items() if m.head in owners]
                if (
                    m.head in heads
                    or heads & set(parts)
                    or found["noun"].endswith(
                        tuple(f" {w}" if w.isascii() else w for w in (m.head, *parts))
                    )
                ):
                    yield Fault(found.start(), found.end("colour"), "both", {
                        "a": text.prompt[m.start : m.end],
                        "b": text.prompt[found.start() : found.end("colour")],
                    })  # fmt: skip
                    break


RULE = Rule("contradiction", "warning", _find)
