"""Colour and number that a Chinese prompt gives to a thing named again: 这辆甲壳虫通体橙黄."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Word

from .clauses_zh import ChineseClauses
from .colours import ZH_NAMES, alike
from .repeated_zh import COLOUR_NAMES, GENERIC, WEARER, kind_of
from .statement import Statement

_WORDS = load_words(__file__)
_NAMES = {**COLOUR_NAMES, "银色": "grey", "暗红": "red"}
_WORDS["colour"] = tuple(sorted(_NAMES, key=len, reverse=True))
_COLOUR = _WORDS.pattern("(?P<colour><colour>)色?(?P<of>的)?")
_THIS = _WORDS.pattern("(?:这|那|该|整|同一)(?:一)?<measures>[^，。；！？\n]{0,16}$")
_WHOLLY = _WORDS.pattern(
    "<wholly>(?:都|全|竟)?(?:[漆涂刷喷染]成|是|为|呈|呈现|变成)?(?:纯|一片|一色)?$"
)
_PREDICATE = _WORDS.pattern("(?=[，。；！？\n]|$|如|似|发亮|得)")
_OWN = _WORDS.pattern(
    "(?:他|她|它|其)(?:的|身上的?|头上的?|脚上的?|脖子上的?|颈上的?|手里的?|手中的?)(?:那)?<measures>?[^，。；！？\n]{0,6}$"
)
_COMPOUND = _WORDS.pattern("(?P<colour>[红橙黄绿蓝紫粉黑白灰棕])(?P<noun>(?:<worn>)子?)")
_TWO = _WORDS.pattern(
    "(?:[红橙黄绿蓝紫粉黑白灰棕金银]{2}(?:相间|条纹|格子|双色|拼色)|[红橙黄绿蓝紫粉黑白灰]底[红橙黄绿蓝紫粉黑白灰][条纹点])色?(?P<of>的)?"
)
_PATTERNED = "patterned"
_LIGHT = _WORDS.pattern("<light>")
_APART = _WORDS.pattern("<apart>")
_NEW = _WORDS.pattern("(?:一|另|两|三|四|五|几|数)<measures>[^，。；！？、\n]{0,10}$")
_REACH = 14  # characters between a colour and the noun that it is of
_CLOSE = (
    frozenset(("beige", "white")),
    frozenset(("grey", "white")),
    frozenset(("gold", "yellow")),
    frozenset(("gold", "orange")),
)


@dataclass(frozen=True)
class _Coloured(Statement):
    noun: str
    colour: str
    again: bool
    wholly: bool = False


def restated_colours(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two colours of one thing, once; the second names it as known."""
    if clauses.split:
        return
    found = [*_coloured(clauses)]
    if len(found) < 2 or not any(s.again for s in found):
        return
    parts = dict(_owners())
    for b in found:
        if not b.again:
            continue
        earlier = [a for a in found if a.end <= b.start and _one(a.noun, b.noun, parts)]
        fresh = [a for a in earlier if _NEW.search(clauses.before(a))]
        if len(fresh) > 1 or any(_alike(a.colour, b.colour) for a in earlier):
            continue
        for a in earlier:
            if a.colour == _PATTERNED and not b.wholly:
                continue
            wholly = _WHOLLY.search(clauses.before(b))  # 从车头到车尾 is no change
            apart = not wholly and clauses.parted(a, b)
            if not apart and not clauses.inner(b, of_thing=True):
                yield a, b
                return


def _owners() -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in _WORDS["parts"]:
        part, kinds = entry.split("/")
        yield part, tuple(kinds)


def _alike(a: str, b: str) -> bool:
    return alike(a, b) or frozenset((a, b)) in _CLOSE


def _one(a: str, b: str, parts: dict[str, tuple[str, ...]]) -> bool:
    """Return whether two nouns are of one kind: 甲壳虫 and 车身, 毛线帽 and 帽子."""
    if kind_of(a) and kind_of(a) == kind_of(b) and {a, b} & GENERIC:
        return True
    bare_a, bare_b = a.removesuffix("子") or a, b.removesuffix("子") or b
    if bare_a.endswith(bare_b) or bare_b.endswith(bare_a):
        return True
    kinds = parts.get(b, ())
    return a.endswith(kinds) if kinds else False


def _coloured(clauses: ChineseClauses) -> Iterator[_Coloured]:
    plain = clauses.plain
    several = len({m[0] for m in WEARER.finditer(plain)}) > 1
    for found in _TWO.finditer(plain):
        close = clauses.end(found.end() - 1)
        noun = _head(clauses, found.end(), min(close, found.end() + _REACH))
        noun = noun or _first(clauses, clauses.begin(found.start()), found.start())
        if noun:
            yield _Coloured(*found.span(), noun, _PATTERNED, again=False)
    for found in _COMPOUND.finditer(plain):
        colour = ZH_NAMES[found["colour"]]
        yield _Coloured(*found.span(), found["noun"], colour, again=False)
    for found in _COLOUR.finditer(plain):
        span = Statement(*found.span())
        before = clauses.before(span)
        if _LIGHT.search(before) or _APART.search(clauses.clause(span)):
            continue
        colour = _NAMES[found["colour"]]
        this = _THIS.search(before)
        wholly = _WHOLLY.search(before)
        own = not several and _OWN.search(before) is not None
        close = clauses.end(span.end - 1)
        if _PREDICATE.match(plain, found.start("of") if found["of"] else found.end()):
            begin = clauses.begin(span.start)
            if this:
                until = begin + wholly.start() if wholly else span.start
                noun = _first(clauses, begin + this.start() + 2, until)
            elif wholly:
                noun = _first(clauses, begin, begin + wholly.start())
            else:
                continue
            if noun:
                yield _Coloured(*found.span(), noun, colour, again=True, wholly=bool(wholly))
        elif noun := _head(clauses, span.end, min(close, span.end + _REACH)):
            again = this is not None or own or noun in _PARTS
            if this and noun in _COVERS:  # 那台打字机樱桃红的外壳
                begin = clauses.begin(span.start) + this.start() + 2
                noun = _first(clauses, begin, span.start) or noun
            yield _Coloured(*found.span(), noun, colour, again)


def _first(clauses: ChineseClauses, start: int, end: int) -> str:
    """Return the first noun of a range, or the last of those that follow one another."""
    return _run([w for w in clauses.text.words if start <= w.start and w.end <= end])


def _head(clauses: ChineseClauses, start: int, end: int) -> str:
    """Return the noun that a colour before it is of."""
    words = [w for w in clauses.text.words if start <= w.start < end]
    return _run(words) if words and words[0].start <= start + 1 else ""


def _run(words: list[Word]) -> str:
    noun = ""
    for word in words:
        if (len(noun) > 1 and len(word.text) == 1) or _SURE.search(noun) or noun in _PARTS:
            break  # 帽子飞到, of which 飞 is read as a noun
        if word.tag[:1] in "nl":  # 打字机 is tagged as a phrase
            noun = word.text
        elif noun or (word.tag[:1] in "vpdc" and word.text not in _MODIFIERS):
            break
    return "" if noun in _NO_THINGS else noun


_MODIFIERS = frozenset(_WORDS["modifiers"])
_SURE = _WORDS.pattern("(?:<worn>)子?$")
_PARTS = frozenset(word for word, _ in _owners())
_COVERS = frozenset(_WORDS["covers"])
_NO_THINGS = frozenset(_WORDS["no_things"])
