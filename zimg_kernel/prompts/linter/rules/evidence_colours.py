"""Hints at two colours of one thing, named by its own name, another one or what covers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import combinations
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import WordLists, load_words

from .evidence import any_word
from .evidence_counts import numbers_of
from .lexicon import Hit, Lexicon
from .passage import Passage
from .statement import MOST, Statement
from .things_named import group, one_kind, things, things_in

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
    covers: Lexicon
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
    covers: dict[str, list[str]] = {}
    for pair in lists["covers"]:
        name, _, owners = pair.rstrip("_").partition("/")
        covers.setdefault(owners, []).append(name)
    return _Tables(
        lists,
        Lexicon({name: lists[name] for name in _COLOURS}, chinese=chinese),
        Lexicon(covers, chinese=chinese),
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
    found = coloured(passage)
    persons = {h.word for h in things_in(passage.language, passage.plain) if "person" in h.says}
    worn = frozenset(tables.lists["worn"])
    sorts, animals = frozenset(tables.lists["sorts"]), group(passage.language, "animals")
    living = {"person", *animals}
    beings = sum(c.number or 2 for c in numbers_of(passage) if c.kind in living)
    several = any(c.kind == "person" and c.number != 1 for c in numbers_of(passage))
    for a, b in combinations(found[:MOST], 2):
        if (
            a.end > b.start
            or (a.cover and not (b.again or a.noun == b.noun))
            or b.fresh
            or not _same(passage, a, b)
        ):
            continue
        if _close(tables, a.colour, b.colour) or passage.plain[a.end : b.start] in _JOINED:
            continue
        same = [c for c in found[:MOST] if c.end <= b.start and _same(passage, c, b)]
        if (
            any(_close(tables, c.colour, b.colour) for c in same)
            or len({c.colour for c in same}) > 2
        ):
            continue
        if sum(c.fresh for c in same) > 1:
            continue
        if a.kinds & worn and (
            (several and not (b.again and a.noun == b.noun)) or (len(persons) > 1 and not b.again)
        ):
            continue
        if a.kinds <= tables.body and beings > 1 and not b.again:
            continue
        if a.kinds <= tables.body and _owner(passage, a) != _owner(passage, b) != "":
            continue
        if a.kinds & animals and not (
            b.again or b.cover or b.told or b.noun in _any_names(passage)
        ):
            continue
        if a.noun == b.noun and _several(passage, a) != _several(passage, b) and not b.cover:
            continue
        if not b.cover and bool(tables.young.search(b.noun)) != bool(tables.young.search(a.noun)):
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
    return (c for c in coloured(passage) if c.colour in _HUES)


@lru_cache(maxsize=1)
def coloured(passage: Passage) -> tuple[_Coloured, ...]:
    """Return all things with their colours, in the prompt's order."""
    return tuple(sorted(_coloured(passage), key=lambda c: (c.start, -c.end)))


def colours_in(passage: Passage) -> list[Hit]:
    """Return the words for colours, each of which says which one it is taken for."""
    return _tables(passage.language).colours.find(passage.plain)


def similar(passage: Passage, a: str, b: str) -> bool:
    """Return whether two colours may be one."""
    return _close(_tables(passage.language), a, b)


def _several(passage: Passage, of: _Coloured) -> bool:
    """Return whether an English name is in the plural, where it stands last."""
    word = passage.plain[of.start : of.end].split()[-1]
    return (
        passage.language == "en" and not of.told and word.endswith("s") and not word.endswith("ss")
    )


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
    nouns = [(h, frozenset(h.says), False) for h in things_in(passage.language, plain)]
    nouns += [
        (
            h,
            frozenset(kind for owners in h.says for kind in tables.lists.get(owners, (owners,))),
            True,
        )
        for h in tables.covers.find(plain)
    ]
    named = {kind for _, kinds, cover in nouns if not cover for kind in kinds}
    nouns = [(h, kinds & named if cover else kinds, cover) for h, kinds, cover in nouns]
    nouns = [noun for noun in nouns if noun[1]]
    nouns.sort(key=lambda n: (n[0].start, -n[0].end))
    for hit, kinds, _ in nouns:  # 金发, 橘猫
        rest, name = hit.word[1:], tables.small.get(hit.word[0])
        if name and kinds == _kinds(passage.language, rest):
            again = tables.again.search(plain, max(0, hit.start - 3), hit.start) is not None
            ahead = plain[max(passage.clause(hit.start)[0], hit.start - 14) : hit.start]
            fresh = not again and _fresh(passage.language, tables, ahead)
            yield _Coloured(hit.start, hit.end, kinds, rest, name, False, fresh, again, False)
    back, near, far = _REACH[passage.language]
    for colour in colours:
        after = _noun_after(passage, tables, colour, nouns)
        for noun in (*after, *_noun_before(passage, tables, colour, nouns)):
            hit, kinds, cover = noun
            start, end = min(hit.start, colour.start), max(hit.end, colour.end)
            begin, close = passage.clause(start)
            ahead = plain[max(begin, start - back) : start]
            inside = plain[min(hit.end, colour.end) : max(hit.start, colour.start)]
            behind = _ALL_OF.sub("", plain[end:close])[:far]
            around = f"{ahead[-near:]}\n{inside}\n{behind}"
            if "person" in kinds:
                continue
            if kinds <= tables.body and ahead.endswith(("一只", "one ")):
                continue
            if tables.part.search(_ALL_OF.sub("", around)):
                continue
            of = _OF.match(plain, colour.end) is not None and colour.start < hit.start
            again = of or tables.again.search(ahead) is not None
            body = kinds <= tables.body
            fresh = not again and not body and _fresh(passage.language, tables, ahead)
            told = noun not in after
            yield _Coloured(start, end, kinds, hit.word, colour.says[0], cover, fresh, again, told)


_REACH = {"zh": (14, 6, 4), "en": (30, 14, 16)}  # characters beside a colour that are looked at
_TOLD = re.compile(
    r"色?的?(?:[，。；！\n]|$|得|如|似|欲|夺|耀|刺|透|一片|到|无|胜|赛|发[亮光黑白红蓝绿紫])"
)
_TOLD_EN = re.compile(r"(?:[,.;:]|$| (?:all over|from|throughout|in colou?r))")
_ALL_OF = re.compile(r"从[^，。]{1,4}到[^，。]{1,4}|from (?:\w+ ){1,3}to(?: \w+){1,2}")
_OF = re.compile(r"(?:, [^,.]{0,40},)? of (?:her|his|its|that|this|their|the (?:same|[a-z]+'s)) ")
_Noun = tuple[Hit, frozenset[str], bool]


def _noun_after(passage: Passage, tables: _Tables, colour: Hit, nouns: list[_Noun]) -> list[_Noun]:
    """Return what a colour stands before: 雪白的战马, a red wool coat."""
    chinese = passage.language == "zh"
    limit = 2 if chinese and len(colour.word) == 1 else int(tables.lists["gap"][0])
    close = passage.clause(colour.start)[1]
    if any(n[0].start <= colour.start < colour.end < n[0].end for n in nouns):
        return []  # 黑猫 is one word
    nouns = [n for n in nouns if colour.end <= n[0].start < close]
    hit = next((n[0] for n in nouns), None)
    if hit is None or hit.start - colour.end > limit:
        return []
    if _OF.match(passage.plain, colour.end) and hit.start - colour.end < limit:
        return [n for n in nouns if n[0].start == hit.start]  # the purple of her coat
    if tables.no_gap.search(passage.plain[colour.end : hit.start]):
        return []
    last = hit.start
    for n in nouns:
        if any(m[1] <= tables.body for m in nouns if m[0].start == last):
            break  # red-haired girl
        covers = n[2] or not chinese or any(m[2] for m in nouns if m[0].start == last)
        if last < n[0].start <= hit.end + 1 and n[0].start < close and covers:
            last, hit = n[0].start, n[0]  # 缎面旗袍, velvet armchair
    return [n for n in nouns if n[0].start == last]


def _noun_before(passage: Passage, tables: _Tables, colour: Hit, nouns: list[_Noun]) -> list[_Noun]:
    """Return what a colour is told of: 铠甲通体漆黑, its coat is brown."""
    around = passage.clause if passage.language == "zh" else passage.sentence
    begin = around(colour.start)[0]
    wholes = [m.span() for m in _ALL_OF.finditer(passage.plain, begin, colour.start)]
    for hit, _, _ in reversed(nouns):
        if hit.end > colour.start or any(s <= hit.start < e for s, e in wholes):
            continue  # 从引擎盖到车门
        if hit.start < begin:
            break
        between = passage.plain[hit.end : colour.start]
        bare = (_TOLD if between == "" else _TOLD_EN).match(passage.plain, colour.end)
        linked = not between.startswith(",") and tables.links.fullmatch(between)
        if linked and (between not in ("", " ") or bare):
            return [n for n in nouns if n[0].start == hit.start and n[0].end == hit.end]
    return []
