"""Hints at another colour of what a Chinese prompt names as known: 她乌黑的长发, 整条都是酒红色."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .colours import ZH_NAMES, alike
from .loose_colours_zh import NAMES
from .statement import MOST, Statement

_WORDS = load_words(__file__)
_COLOURS = {**{f"{c}色": name for c, name in ZH_NAMES.items()}, **NAMES}
_COLOURS.update((word, name) for word, _, name in (p.partition("/") for p in _WORDS["more"]))
_WORDS["colour"] = tuple(sorted((c for c in _COLOURS if len(c) > 1), key=len, reverse=True))
_COLOUR = _WORDS.pattern("(?P<colour><colour>)色?(?P<of>的)?")
# 红得像石榴籽, 蓝如海水
_AS = Pattern("(?P<colour>[红绿蓝紫黄黑白])(?:得(?:像|如|似|发亮|发[黑紫])|如(?!果|同)|似)")
# 墨绿色的大红邮筒, 雪白的黑猫
_DOUBLE = _WORDS.pattern(
    r"(?P<a><colour>)色?的(?P<b><colour>|[黑白](?=[猫狗马牛羊兔鸡鸭鹅猪]))(?!色?[边纹条格点斑光影渐线花的和与、]|色系|色调|[，。；])"
)
_KNOWN, _WHOLLY, _APART = (_WORDS.pattern(f"<{name}>") for name in ("known", "wholly", "apart"))
_NO_THINGS = frozenset(_WORDS["no_things"])
_PART_OF = {
    word: name
    for name, _, words in (entry.partition("/") for entry in _WORDS["parts"])
    for word in (name, *words.split())
}
_IS = Pattern("[是为呈](?:纯|鲜艳的|[^，。；的]{1,5}[般样]的|一片)?$")
_GAP = Pattern("[在着了把是和与、跟有，。；]")
_REACH = 9  # characters between a colour and the noun that it is of
_CLOSE = (
    {"white", "silver", "grey", "beige"}, {"gold", "yellow", "orange", "brown", "beige"},
    {"red", "pink"}, {"green", "cyan"}, {"blue", "cyan"}, {"grey", "black"}, {"brown", "red"},
    {"purple", "pink"}, {"purple", "blue"}, {"red", "orange"}, {"brown", "black"},
)  # fmt: skip


@dataclass(frozen=True)
class _Coloured(Statement):
    colour: str
    nouns: frozenset[str]
    known: bool
    owner: str = ""  # of a part: 男人的帽子


def known_colours(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two colours of one thing, once; the second one of all of it, or of it as known."""
    if clauses.split:
        return
    for double in _DOUBLE.finditer(clauses.plain):
        if not _like(*(_name(double[name]) for name in "ab")):
            a, b = (Statement(*double.span(name)) for name in "ab")
            yield a, b
            return
    found = sorted(_coloured(clauses), key=lambda s: s.start)[:MOST]
    for a, b in combinations(found, 2):
        if not (b.known and a.nouns & b.nouns) or a.end > b.start or _like(a.colour, b.colour):
            continue
        if any(s.nouns & b.nouns and _like(s.colour, b.colour) for s in found if s.end <= b.start):
            continue
        if _APART.search(clauses.two_clauses(b)) or _APART.search(
            clauses.clause(a).removeprefix("一个")
        ):
            continue
        if a.owner and b.owner and a.owner != b.owner:
            continue
        if a.nouns - b.nouns and b.nouns - a.nouns and not _KNOWN.search(clauses.before(b)):
            continue  # 男人的帽子, 女人的帽子
        if clauses.parted(a, b) or any(clauses.inner(s, of_thing=True) for s in (a, b)):
            continue
        yield a, b
        return


def _name(word: str) -> str:
    """Return the colour that a word names."""
    return (_COLOURS.get(word) or ZH_NAMES[word]).removeprefix("pure ")


def _like(a: str, b: str) -> bool:
    return alike(a, b) or any({a, b} <= close for close in _CLOSE)


def _coloured(clauses: ChineseClauses) -> Iterator[_Coloured]:
    plain = clauses.plain
    nouns = [
        (w.start, w.end, w.text)
        for w in clauses.text.words
        if w.tag[:1] in "nl" and w.text not in _NO_THINGS and not _WHOLLY.search(w.text)
    ]
    for start, end, text in nouns:  # 蓝眼睛
        if text[0] in ZH_NAMES and text[1:] in _PART_OF:
            yield _Coloured(start, end, ZH_NAMES[text[0]], frozenset((_PART_OF[text[1:]],)), False)
    for pattern in (_COLOUR, _AS):
        for found in pattern.finditer(plain):
            span = Statement(*found.span())
            begin, end = clauses.begin(span.start), clauses.end(span.end - 1)
            before = plain[begin : span.start]
            reach = min(end, span.end + _REACH)
            after = [] if pattern is _AS else _after(plain, nouns, span.end, reach)
            wholly, told, owner = _WHOLLY.search(before) is not None, after, ""
            if not after or wholly:
                is_so = _IS.search(before)
                until = begin + is_so.start() if is_so else span.start
                ahead = [n for n in nouns if begin <= n[0] and n[1] <= until]
                if not ahead:  # 通透的宝石，红得像石榴籽; 围巾是奶奶织的，整条都是酒红色
                    first = clauses.sentence_begin(span.start)
                    ahead = [n for n in nouns if first <= n[0] and n[1] <= begin]
                near = bool(ahead) and ahead[0][0] >= begin
                told = [*after, *(ahead[-1:] if is_so and near else (*ahead[:1], *ahead[-2:]))]
                if is_so and len(ahead) > 1 and plain.startswith("的", ahead[-2][1]):
                    owner = ahead[-2][2]
            known = wholly or (_KNOWN.search(before) or _IS.search(before)) is not None
            names = frozenset(_bare(text) for _, _, text in told)
            if names:
                name = _COLOURS.get(found["colour"]) or ZH_NAMES[found["colour"]]
                yield _Coloured(*found.span(), name.removeprefix("pure "), names, known, owner)


def _bare(noun: str) -> str:
    """Return the name of a kind of thing, without its colour: 蓝眼睛."""
    noun = noun[1:] if noun[0] in ZH_NAMES and noun[1:] in _PART_OF else noun
    return _PART_OF.get(noun, noun)


def _after(
    plain: str, nouns: list[tuple[int, int, str]], start: int, end: int
) -> list[tuple[int, int, str]]:
    """Return the noun that a colour before it is of: the last one of a row."""
    told = [n for n in nouns if start <= n[0] < end]
    if not told or _GAP.search(plain, start, told[0][0]):
        return []
    last = told[0]
    for noun in told[1:]:
        if noun[0] > last[1] + 1 or _GAP.search(plain, last[1], noun[0]):
            break
        last = noun
    return [last]
