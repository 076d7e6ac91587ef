"""Hints at two colours of one thing, named by its own name, another one or what covers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import WordLists, load_words

from .evidence import any_word
from .evidence_counts import numbers_of
from .lexicon import Hit, Lexicon
from .passage import Passage
from .statement import Statement
from .things_named import group, one_kind, things

_COLOURS = (
    "red", "orange", "yellow", "gold", "green", "cyan", "blue", "purple", "pink", "brown", "black",
    "white", "grey", "silver", "beige", "-",
)  # fmt: skip


_WHOSE = re.compile(r"([\u4e00-\u9fff]{2})的$|(\w+)'s (?:\w+ )?$")
_JOINED = ("和", "与", "、", "跟", "及", "或", " and ", " or ", ", ", " and a ", " beside a ")
_HUES = frozenset(("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink"))


class _Tables(NamedTuple):
    lists: WordLists
    colours: Lexicon
    covers: dict[str, frozenset[str]]
    cover_names: Lexicon
    close: frozenset[frozenset[str]]
    no_gap: re.Pattern[str]
    links: re.Pattern[str]
    part: re.Pattern[str]
    fresh: re.Pattern[str]
    again: re.Pattern[str]
    body: frozenset[str]
    small: dict[str, str]
    young: re.Pattern[str]


class _Coloured(NamedTuple):
    start: int
    end: int
    kinds: frozenset[str]
    noun: str
    colour: str
    cover: bool
    fresh: bool
    again: bool
    told: bool  # in a predicate: the coat is black


@cache
def _tables(language: str) -> _Tables:
    lists = load_words(__file__, f"evidence_colours_{language}")
    chinese = language == "zh"
    covers: dict[str, frozenset[str]] = {}
    for pair in lists["covers"]:
        name, _, owners = pair.rstrip("_").partition("/")
        covers[name] = covers.get(name, frozenset()) | frozenset(lists[owners])
    return _Tables(
        lists,
        Lexicon({name: lists[name] for name in _COLOURS}, chinese=chinese),
        covers,
        Lexicon({"cover": covers}, chinese=chinese),
        frozenset(frozenset(pair.rstrip("_").split("/")) for pair in lists["close"]),
        re.compile("|".join(lists["no_gap"])),
        re.compile(",".join(lists["links"])),
        any_word(lists["part"], chinese),
        re.compile("|".join(lists["fresh"])),
        re.compile("|".join(lists["again"])),
        frozenset(lists["body"]),
        {word: name for name in _COLOURS[:-1] for word in lists[name] if len(word) == 1},
        re.compile("|".join(lists["young"])),
    )


def opposed_colours(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first two colours that one thing is said to have."""
    tables = _tables(passage.language)
    found = sorted(_coloured(passage), key=lambda c: (c.start, -c.end))
    persons = {
        h.word for h in things(passage.language).find(passage.plain) if h.says == ("person",)
    }
    worn = frozenset(tables.lists["worn"])
    sorts, animals = frozenset(tables.lists["sorts"]), group(passage.language, "animals")
    several = any(c.kind == "person" and c.number != 1 for c in numbers_of(passage))
    for a, b in combinations(found, 2):
        if (
            a.end > b.start
            or (a.cover and not (b.again or a.noun == b.noun))
            or b.fresh
            or not _same(passage, a, b)
        ):
            continue
        if _close(tables, a.colour, b.colour) or passage.plain[a.end : b.start] in _JOINED:
            continue
        same = [c for c in found if c.end <= b.start and _same(passage, c, b)]
        if (
            any(_close(tables, c.colour, b.colour) for c in same)
            or len({c.colour for c in same}) > 2
        ):
            continue
        if sum(c.fresh for c in same) > 1:
            continue
        if a.kinds & worn and (several or (len(persons) > 1 and not b.again)):
            continue
        if a.kinds <= tables.body and _owner(passage, a) != _owner(passage, b) != "":
            continue
        if a.kinds & animals and not (
            b.again or b.cover or b.told or b.noun in _any_names(passage)
        ):
            continue
        if tables.young.search(b.noun) and not tables.young.search(a.noun):
            continue
        if a.kinds & sorts and a.noun != b.noun and not b.cover:
            continue
        if passage.long and not (
            b.again or b.cover or a.noun == b.noun or b.noun in _any_names(passage)
        ):
            continue
        yield Statement(a.start, a.end), Statement(b.start, b.end)
        return


@cache
def _names(language: str) -> frozenset[str]:
    lists = load_words(__file__, f"evidence_things_{language}")
    return frozenset((*lists["animal_of"], *lists["vehicle_of"]))


def _any_names(passage: Passage) -> frozenset[str]:
    return _names(passage.language)


def _fresh(language: str, tables: _Tables, ahead: str) -> bool:
    """Return whether words before a colour say that another thing is meant: 另一件厚实的."""
    found = tables.fresh.search(ahead)
    return found is not None and not things(language).find(ahead[found.start() :])


@cache
def _kinds(language: str, word: str) -> frozenset[str]:
    hits = things(language).find(word)
    return frozenset(hits[0].says[:1]) if hits and hits[0].word == word else frozenset()


def hued_things(passage: Passage) -> Iterator[_Coloured]:
    """Yield things of a colour other than black, white, grey and brown."""
    return (c for c in _coloured(passage) if c.colour in _HUES)


def _owner(passage: Passage, of: _Coloured) -> str:
    """Return the last letters of whose a part is said to be: 白猫的眼睛, the cat's eyes."""
    found = _WHOSE.search(passage.plain[max(0, of.start - 24) : of.start])
    return found[1] or found[2] if found else ""


def _same(passage: Passage, a: _Coloured, b: _Coloured) -> bool:
    if b.cover:
        return bool(a.kinds & b.kinds)
    return any(one_kind(passage.language, x, y) for x in a.kinds for y in b.kinds)


def _close(tables: _Tables, a: str, b: str) -> bool:
    return a == b or frozenset((a, b)) in tables.close


def _coloured(passage: Passage) -> Iterator[_Coloured]:
    tables, plain = _tables(passage.language), passage.plain
    colours = tables.colours.find(plain)
    nouns = [(h, frozenset(h.says[:1]), False) for h in things(passage.language).find(plain)]
    nouns += [(h, tables.covers[h.word], True) for h in tables.cover_names.find(plain)]
    nouns.sort(key=lambda n: (n[0].start, -n[0].end))
    for hit, kinds, _ in nouns:  # 金发, 橘猫
        rest, name = hit.word[1:], tables.small.get(hit.word[0])
        if name and kinds == _kinds(passage.language, rest):
            again = tables.again.search(plain, max(0, hit.start - 3), hit.start) is not None
            ahead = plain[max(passage.clause(hit.start)[0], hit.start - 14) : hit.start]
            fresh = not again and _fresh(passage.language, tables, ahead)
            yield _Coloured(hit.start, hit.end, kinds, rest, name, False, fresh, again, False)
    for colour in colours:
        after = _noun_after(passage, tables, colour, nouns)
        before = _noun_before(passage, tables, colour, nouns)
        for noun in (n for n in (after, before) if n):
            hit, kinds, cover = noun
            start, end = min(hit.start, colour.start), max(hit.end, colour.end)
            begin, close = passage.clause(start)
            ahead = plain[max(begin, start - 14) : start]
            inside = plain[min(hit.end, colour.end) : max(hit.start, colour.start)]
            around = f"{ahead[-6:]}\n{inside}\n{plain[end : min(close, end + 4)]}"
            if kinds <= tables.body and ahead.endswith("一只"):
                continue
            if tables.part.search(_ALL_OF.sub("", around)):
                continue
            again = tables.again.search(ahead) is not None
            body = kinds <= tables.body
            fresh = not again and not body and _fresh(passage.language, tables, ahead)
            yield _Coloured(
                start, end, kinds, hit.word, colour.says[0], cover, fresh, again, noun is not after
            )


_TOLD = re.compile(r"色?的?(?:[，。；！\n]|$|得|如|似|发[亮光黑白红蓝绿紫])")
_ALL_OF = re.compile(r"从[^，。]{1,4}到[^，。]{1,4}|from (?:\w+ ){1,3}to(?: \w+){1,2}")
_Noun = tuple[Hit, frozenset[str], bool]


def _noun_after(passage: Passage, tables: _Tables, colour: Hit, nouns: list[_Noun]) -> _Noun | None:
    """Return what a colour stands before: 雪白的战马, a red wool coat."""
    small = passage.language == "zh" and len(colour.word) == 1
    limit = 2 if small else int(tables.lists["gap"][0])
    close = passage.clause(colour.start)[1]
    for noun in nouns:
        gap = noun[0].start - colour.end
        if noun[0].start <= colour.start < noun[0].end:
            return None  # 黑猫 is one word
        if gap < 0:
            continue
        if gap > limit or noun[0].start >= close:
            return None
        between = passage.plain[colour.end : noun[0].start]
        if tables.no_gap.search(between):
            return None
        following = (n for n in nouns if 0 <= n[0].start - noun[0].end < 2 and n[0].start < close)
        return next(following, noun) if noun[2] else noun  # 缎面旗袍
    return None


def _noun_before(
    passage: Passage, tables: _Tables, colour: Hit, nouns: list[_Noun]
) -> _Noun | None:
    """Return what a colour is told of: 铠甲通体漆黑, its coat is brown."""
    begin = passage.clause(colour.start)[0]
    for noun in reversed(nouns):
        if noun[0].end > colour.start:
            continue
        if noun[0].start < begin:
            return None
        between = passage.plain[noun[0].end : colour.start]
        if tables.links.fullmatch(between) and (between or _TOLD.match(passage.plain, colour.end)):
            return noun
    return None
