"""Coloured things of a passage: what its words for colours are told of."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import WordLists, load_words

from .evidence import any_word
from .lexicon import Hit, Lexicon
from .passage import Passage
from .things_named import things, things_in

_COLOURS = (
    "red", "orange", "yellow", "gold", "green", "cyan", "blue", "purple", "pink", "brown", "black",
    "white", "grey", "silver", "beige", "-",
)  # fmt: skip
_HUES = frozenset(("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink"))
_REACH = {"zh": (14, 6, 4), "en": (30, 14, 16)}  # characters beside a colour that are looked at
_TOLD = re.compile(
    r"色?的?(?:[，。；！\n]|$|得|如|似|欲|夺|耀|刺|透|一片|到|无|胜|赛|发[亮光黑白红蓝绿紫])"
)
_TOLD_EN = re.compile(r"(?:[,.;:]|$| (?:all over|from|throughout|in colou?r))")
_ALL_OF = re.compile(r"从[^，。]{1,4}到[^，。]{1,4}|from (?:\w+ ){1,3}to(?: \w+){1,2}")
_OF = re.compile(r"(?:, [^,.]{0,40},)? of (?:her|his|its|that|this|their|the (?:same|[a-z]+'s)) ")
_Noun = tuple[Hit, frozenset[str], bool]


class Tables(NamedTuple):
    """Words of a language that tell colours, and of what."""

    lists: WordLists
    colours: Lexicon
    covers: Lexicon
    close: frozenset[frozenset[str]]
    no_gap: re.Pattern[str]
    links: re.Pattern[str]
    linking: frozenset[str]  # English words that links are made of
    part: re.Pattern[str]
    fresh: re.Pattern[str]
    again: re.Pattern[str]
    body: frozenset[str]
    small: dict[str, str]
    young: re.Pattern[str]


class Coloured(NamedTuple):
    """Thing, or what covers one, with its colour."""

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
def tables_of(language: str) -> Tables:
    """Return the tables of a language."""
    lists = load_words(__file__, f"evidence_colours_{language}")
    chinese = language == "zh"
    covers: dict[str, list[str]] = {}
    for pair in lists["covers"]:
        name, _, owners = pair.rstrip("_").partition("/")
        covers.setdefault(owners, []).append(name)
    return Tables(
        lists,
        Lexicon({name: lists[name] for name in _COLOURS}, chinese=chinese),
        Lexicon(covers, chinese=chinese),
        frozenset(frozenset(pair.rstrip("_").split("/")) for pair in lists["close"]),
        re.compile("|".join(lists["no_gap"])),
        re.compile(",".join(lists["links"])),
        frozenset(_words_of(",".join(lists["links"]))),
        any_word(lists["part"], chinese),
        re.compile("|".join(lists["fresh"])),
        re.compile("|".join(lists["again"])),
        frozenset(lists["body"]),
        {word: name for name in _COLOURS[:-1] for word in lists[name] if len(word) == 1},
        re.compile("|".join(lists["young"])),
    )


def _words_of(expression: str) -> Iterator[str]:
    """Yield the words of an expression, with and without a letter that may be left out."""
    for word in re.findall("[a-z?]+", expression):
        yield from (word.replace("?", ""), re.sub(r".\?", "", word))


def hued_things(passage: Passage) -> Iterator[Coloured]:
    """Yield things of a colour other than black, white, grey and brown."""
    return (c for c in coloured(passage) if c.colour in _HUES)


@lru_cache(maxsize=1)
def coloured(passage: Passage) -> tuple[Coloured, ...]:
    """Return all things with their colours, in the prompt's order."""
    return tuple(sorted(_coloured(passage), key=lambda c: (c.start, -c.end)))


def colours_in(passage: Passage) -> list[Hit]:
    """Return the words for colours, each of which says which one it is taken for."""
    return tables_of(passage.language).colours.find(passage.plain)


def similar(passage: Passage, a: str, b: str) -> bool:
    """Return whether two colours may be one."""
    return close(tables_of(passage.language), a, b)


def close(tables: Tables, a: str, b: str) -> bool:
    """Return whether two colours may be one by the tables."""
    return a == b or frozenset((a, b)) in tables.close


def _fresh(language: str, tables: Tables, ahead: str) -> bool:
    """Return whether words before a colour say that another thing is meant: 另一件厚实的."""
    found = tables.fresh.search(ahead)
    return found is not None and not things(language).find(ahead[found.start() :])


@cache
def _kinds(language: str, word: str) -> frozenset[str]:
    hits = things(language).find(word)
    return frozenset(hits[0].says[:1]) if hits and hits[0].word == word else frozenset()


def _may_have_all_of(words: str) -> bool:
    return "从" in words or "from " in words


def _without_all_of(words: str) -> str:
    return _ALL_OF.sub("", words) if _may_have_all_of(words) else words


def _coloured(passage: Passage) -> Iterator[Coloured]:
    tables, plain = tables_of(passage.language), passage.plain
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
    ordered = _Nouns([noun for noun in nouns if noun[1]])
    for hit, kinds, _ in ordered:  # 金发, 橘猫
        rest, name = hit.word[1:], tables.small.get(hit.word[0])
        if name and kinds == _kinds(passage.language, rest):
            again = tables.again.search(plain, max(0, hit.start - 3), hit.start) is not None
            ahead = plain[max(passage.clause(hit.start)[0], hit.start - 14) : hit.start]
            fresh = not again and _fresh(passage.language, tables, ahead)
            yield Coloured(hit.start, hit.end, kinds, rest, name, False, fresh, again, False)
    back, near, far = _REACH[passage.language]
    for colour in colours:
        after = _noun_after(passage, tables, colour, ordered)
        for noun in (*after, *_noun_before(passage, tables, colour, ordered)):
            hit, kinds, cover = noun
            start, end = min(hit.start, colour.start), max(hit.end, colour.end)
            begin, close = passage.clause(start)
            ahead = plain[max(begin, start - back) : start]
            inside = plain[min(hit.end, colour.end) : max(hit.start, colour.start)]
            behind = _without_all_of(plain[end:close])[:far]
            around = f"{ahead[-near:]}\n{inside}\n{behind}"
            if "person" in kinds:
                continue
            if kinds <= tables.body and ahead.endswith(("一只", "one ")):
                continue
            if tables.part.search(_without_all_of(around)):
                continue
            of = _OF.match(plain, colour.end) is not None and colour.start < hit.start
            again = of or tables.again.search(ahead) is not None
            body = kinds <= tables.body
            fresh = not again and not body and _fresh(passage.language, tables, ahead)
            told = noun not in after
            yield Coloured(start, end, kinds, hit.word, colour.says[0], cover, fresh, again, told)


class _Nouns:
    """Things of a passage, and what covers one, in the prompt's order.

    Attributes
    ----------
    longest : int
        Characters of the longest of them.
    """

    def __init__(self, nouns: list[_Noun]) -> None:
        self._nouns = sorted(nouns, key=lambda n: (n[0].start, -n[0].end))
        self._starts = [n[0].start for n in self._nouns]
        self.longest = max((n[0].end - n[0].start for n in nouns), default=0)

    def __iter__(self) -> Iterator[_Noun]:
        return iter(self._nouns)

    def between(self, first: int, last: int) -> Iterator[_Noun]:
        """Yield those that begin from a character on, and before another."""
        at = bisect_left(self._starts, first)
        return islice(self._nouns, at, bisect_left(self._starts, last, at))

    def before(self, at: int) -> Iterator[_Noun]:
        """Yield those that begin before a character, the nearest first."""
        return (self._nouns[i] for i in range(bisect_left(self._starts, at) - 1, -1, -1))

    def at(self, start: int) -> list[_Noun]:
        """Return those that begin at a character."""
        return [*self.between(start, start + 1)]


def _noun_after(passage: Passage, tables: Tables, colour: Hit, nouns: _Nouns) -> list[_Noun]:
    """Return what a colour stands before: 雪白的战马, a red wool coat."""
    chinese = passage.language == "zh"
    limit = 2 if chinese and len(colour.word) == 1 else int(tables.lists["gap"][0])
    around = nouns.between(colour.start - nouns.longest, colour.start + 1)
    if any(colour.end < n[0].end for n in around):
        return []  # 黑猫 is one word
    close = min(passage.clause(colour.start)[1], colour.end + limit + 1)
    hit = next((n[0] for n in nouns.between(colour.end, close)), None)
    if hit is None:
        return []
    if _OF.match(passage.plain, colour.end) and hit.start - colour.end < limit:
        return nouns.at(hit.start)  # the purple of her coat
    if tables.no_gap.search(passage.plain[colour.end : hit.start]):
        return []
    last, close = hit.start, passage.clause(colour.start)[1]
    for n in nouns.between(last, close):
        if n[0].start > hit.end + 1:
            break  # and so are all that follow
        if any(m[1] <= tables.body for m in nouns.at(last)):
            break  # red-haired girl
        covers = n[2] or not chinese or any(m[2] for m in nouns.at(last))
        if last < n[0].start and covers:
            last, hit = n[0].start, n[0]  # 缎面旗袍, velvet armchair
    return nouns.at(last)


def _noun_before(passage: Passage, tables: Tables, colour: Hit, nouns: _Nouns) -> list[_Noun]:
    """Return what a colour is told of: 铠甲通体漆黑, its coat is brown."""
    around = passage.clause if passage.language == "zh" else passage.sentence
    begin = around(colour.start)[0]
    wholes: list[tuple[int, int]] = []
    if _may_have_all_of(passage.plain):
        wholes = [m.span() for m in _ALL_OF.finditer(passage.plain, begin, colour.start)]
    closed = 0  # no link has what begins here
    for noun in nouns.before(colour.start):
        hit = noun[0]
        if hit.start < begin or hit.start + nouns.longest <= closed:
            break
        if hit.end > colour.start or (wholes and any(s <= hit.start < e for s, e in wholes)):
            continue  # 从引擎盖到车门
        if hit.end <= closed:
            continue
        between = passage.plain[hit.end : colour.start]
        linked = not between.startswith(",") and tables.links.fullmatch(between)
        bare = _TOLD if between == "" else _TOLD_EN
        if linked and (between not in ("", " ") or bare.match(passage.plain, colour.end)):
            return [n for n in nouns.at(hit.start) if n[0].end == hit.end]
        words = passage.plain[hit.start : hit.end].split()
        if passage.language == "en" and not tables.linking.issuperset(words):
            closed = max(closed, hit.start)
    return []
