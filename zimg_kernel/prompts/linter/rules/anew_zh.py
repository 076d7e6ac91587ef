"""Hints at what a Chinese prompt tells anew otherwise: 那十一具骨架, 这件瓷器是柠檬黄的."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .colours import alike
from .loose_colours_zh import NAMES
from .numbers_zh import NUMBER, number_of
from .settings_zh import resettled
from .statement import Statement, firmly, weakly

_WORDS = load_words(__file__)
_WORDS["colour"] = tuple(sorted(NAMES, key=len, reverse=True))
_M = "<measures>"
_AGAIN = _WORDS.pattern(rf"""
    (?:(?:[这那此]|[上里中下前他她它们]的)(?P<this>{NUMBER})|<totals>[有为是达]?(?P<total>{NUMBER}))(?P<of>{_M})
    (?P<noun>[^，。；、]{{0,8}})
""")
_COUNTED = _WORDS.pattern(
    rf"(?<![第每这那十百])(?P<n>{NUMBER})(?P<of>{_M})(?P<noun>[^，。；、和与]{{0,10}})"
)
_PART = Pattern(
    r"(?<![第一-])(?P<n>[独单双三四五六七八九])(?P<part>[角眼臂耳头尾翼足腿轮桅弦管人层瓣缸翅爪孔])"
    r"(?![床房间份餐被家沙席月])"
)
_ALL, _SOME = _WORDS.pattern("<all>"), _WORDS.pattern("<some>")
_FILLING = frozenset("的了着在上下里中大小白黑红绿蓝黄紫灰金银一二三四五六七八九十是有个只都全")
_COLOUR = _WORDS.pattern("(?P<colour><colour>)")
_RECOLOURED = _WORDS.pattern(rf"""
    [这那该此](?:一)?{_M}?(?P<noun>[^，。；、：这那]{{1,12}}?)的?
    (?:<wholly>(?:<turned>)*|(?:<turned>)+|)
    (?P<colour><colour>)色?(?:的|发[亮黑白红]|的?<stuffs>)?(?=[，。；\n]|$|如|似|得|像|，)
  | [这那该此](?:一)?{_M}(?P<colour2><colour>)色?的(?P<noun2>[^，。；、：的]{{1,6}})
  | (?<=[，。；])(?:一对|一双|双|那双)?(?P<colour3><colour>)色?的?
    (?P<noun3>瞳仁|瞳孔|眼珠|眸子|双眼)
""")
# 她的围裙是薄荷绿色, at the beginning of a sentence
_SENTENCE = _WORDS.pattern(r"""
    (?<=[。；])(?:[^，。；、的]{1,6}的)?(?P<noun>[^，。；、的是]{2,5}?)
    (?:<wholly>(?:<turned>)*|(?:<turned>)+)(?P<colour><colour>)色?的?(?:<stuffs>)?(?=[，。])
  | (?<=[。；])(?P<noun2>[^，。；、的是]{1,5})的(?:<covers>)
    (?:<wholly>|<turned>)+(?P<colour2><colour>)
  | (?:整[个座件条辆艘只把张]|[这那]<measures>)(?P<noun3>[^，。；、的]{1,5})那?
    (?P<colour3><colour>)色?的(?:<covers>)
""")
_COVER = _WORDS.pattern(r"(?<=[，。；])(?:<covers>)(?:上?的|是|为|呈|却|一片)*(?P<colour><colour>)")
_ALL_OVER = _WORDS.pattern("(?:<whole_of>)(?:<turned>|哑光|亮面|素)*(?P<colour><colour>)")
_NO_THING = Pattern("天空|夜空|天|光|云|海|水|草地|山|背景|地面|色|影|烟|雾|雪$")
_KINDS = dict(pair.split("/") for pair in _WORDS["kinds"])
_SPECIES = [(name, colour) for name, colour in (p.split("/") for p in _WORDS["species"])]
_HUES = frozenset(("red", "orange", "yellow", "green", "blue", "purple", "pink", "cyan"))
_TINTED = _WORDS.pattern("(?P<colour><colour>)|[红橙黄绿蓝紫粉](?=<tinted>)")
_COLOURLESS, _ACCENT, _HOLDS = (_WORDS.pattern(f"<{n}>") for n in ("colourless", "accent", "holds"))
_FRIENDS = {frozenset(pair.split("/")) for pair in _WORDS["medium_friends"]}
_MEDIA = {
    name.removeprefix("medium_"): _WORDS.pattern(f"<{name}>")
    for name in _WORDS
    if name.startswith("medium_") and name != "medium_friends"
}
_ANEW = _WORDS.pattern(
    "(?<=[，。；])(?:<picture>)[^，。；]{0,6}?(?:<is_made>)(?P<what>[^，。；]{2,24})"
)
_WORN = Pattern("[、穿戴披系握举拿捧配镶边旁字和与]")
_REGIONS = dict(pair.split("/") for pair in _WORDS["regions"])
_SITE = Pattern("[是在于到][^，。；]{0,3}$")
_MIXED = Pattern("拼贴|修复|对比图|上色|一分为二")
_REGION = Pattern("|".join(_REGIONS))
_HEAD = 45  # characters in which a prompt says what the picture is of


def told_anew(clauses: ChineseClauses) -> Iterator[tuple[str, Statement, Statement]]:
    """Yield the kind of message and two statements, at most one pair of each kind."""
    for message, found in (
        ("counts", _numbers(clauses)),
        ("counts", _parts(clauses)),
        ("both", _colours(clauses)),
        ("scene", _colourless(clauses)),
        ("scene", _media(clauses)),
        ("scene", weakly(resettled(clauses))),
        ("scene", _regions(clauses)),
    ):
        for a, b in firmly(found):
            yield message, a, b
            break


def _numbers(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    for again in _AGAIN.finditer(plain):
        said = number_of(again["this"] or again["total"])
        earlier = [
            m
            for m in _COUNTED.finditer(plain, 0, again.start())
            if m["of"] == again["of"] and (again["total"] or _shared(m["noun"], again["noun"]))
        ]
        if not earlier or any(
            _SOME.search(clauses.clause(Statement(*m.span()))) for m in (*earlier, again)
        ):
            continue
        sums = {0}
        for m in earlier[:8]:
            sums |= {total + number_of(m["n"]) for total in sums}
        most = max(number_of(m["n"]) for m in earlier)
        fewer = (
            said < most
            and not again["total"]
            and not _ALL.search(plain, again.end("of"), again.end() + 8)
        )
        if said not in sums and said > 1 and not fewer:
            yield Statement(*earlier[0].span()), Statement(again.start(), again.end("of"))


def _parts(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield the number in a name and another one of the same part: 独角兽, 三只角."""
    for named in _PART.finditer(clauses.plain):
        said = {"独": 1, "单": 1, "双": 2}.get(named["n"]) or number_of(named["n"])
        part = re.compile(
            f"(?<![第每一])(?P<n>{NUMBER})[只条个根位支座层片颗名][^，。；、一]{{0,8}}?{named['part']}"
        )
        for found in part.finditer(clauses.plain, named.end()):
            number = number_of(found["n"])
            if number not in (1, said) and not _SOME.search(
                clauses.clause(Statement(*found.span()))
            ):
                yield Statement(*named.span()), Statement(*found.span())


def _shared(one: str, other: str) -> bool:
    """Return whether two names have a character in common that tells of a thing."""
    return bool((set(one) & set(other)) - _FILLING)


def _colours(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    for whole in _ALL_OVER.finditer(plain):
        for cover in _COVER.finditer(plain, whole.end(), clauses.end(clauses.end(whole.end()))):
            if not _like(_name(whole["colour"]), _name(cover["colour"])):
                yield Statement(*whole.span()), Statement(*cover.span())
    for again in (*_RECOLOURED.finditer(plain), *_SENTENCE.finditer(plain)):
        group = next((g for g in ("2", "3") if again.groupdict().get(f"colour{g}")), "")
        noun, colour = again[f"noun{group}"], _name(again[f"colour{group}"])
        b = Statement(again.start(f"noun{group}"), again.end(f"colour{group}"))
        b = Statement(min(b.start, again.start()), max(b.end, again.end(f"noun{group}")))
        if clauses.inner(b, of_thing=True) or _SOME.search(clauses.clause(b)):
            continue
        before = [*_coloured(plain, again.start(), noun)]
        if before and not any(_like(name, colour) for name, _ in before):
            yield before[0][1], b


def _coloured(plain: str, end: int, noun: str) -> Iterator[tuple[str, Statement]]:
    """Yield the colours that a thing had before, by its name or by one of its kind."""
    if _NO_THING.search(noun):
        return
    keys = [noun[-2:], noun[-1:], noun[-2:-1] if noun[-1] in "子儿漂身体" else ""]
    keys = [key for key in keys if key and key not in _FILLING and key not in "子儿头身色面底厢"]
    keys += next((list(kind) for name, kind in _KINDS.items() if name in noun), [])
    for name, colour in _SPECIES:
        at = plain.find(name, 0, end)
        if at >= 0 and name[-1] in keys:
            yield colour, Statement(at, at + len(name))
    for key in dict.fromkeys(keys):
        for hit in re.finditer(re.escape(key), plain[:end]):
            begin = max(plain.rfind(mark, 0, hit.start()) for mark in "。；，、") + 1
            close = min(
                (at for mark in "。；" if (at := plain.find(mark, hit.end(), end)) >= 0),
                default=end,
            )
            for c in _COLOUR.finditer(plain, max(begin, hit.start() - 9), hit.start()):
                yield _name(c["colour"]), Statement(c.start(), hit.end())
            after = _COLOUR.search(plain, hit.end(), min(close, hit.end() + 24))
            if after and not _WORN.search(plain, hit.end(), after.start()):
                yield _name(after["colour"]), Statement(hit.start(), after.end())


def _name(colour: str) -> str:
    return NAMES[colour].removeprefix("pure ")


def _like(a: str, b: str) -> bool:
    return (
        alike(a, b)
        or {a, b} <= {"white", "silver", "grey", "beige"}
        or {a, b} <= {"gold", "yellow", "orange", "brown", "beige"}
        or {a, b} <= {"red", "pink"}
        or {a, b} <= {"green", "cyan", "blue"} - {"blue"}
        or {a, b} <= {"blue", "cyan"}
    )


def _colourless(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    if _MIXED.search(plain):
        return
    for mono in _COLOURLESS.finditer(plain):
        a = Statement(*mono.span())
        if _HOLDS.search(clauses.before(a)):
            continue
        for hue in _TINTED.finditer(plain):
            b = Statement(*hue.span())
            near = clauses.clause(b)
            if (
                (not hue["colour"] or _name(hue["colour"]) in _HUES)
                and not a.overlaps(b)
                and not (_ACCENT.search(near) or clauses.inner(b))
            ):
                yield (a, b) if a.start < b.start else (b, a)
                return


def _media(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    for anew in _ANEW.finditer(plain, 6):
        b = {
            name: m
            for name, p in _MEDIA.items()
            if (m := p.search(plain, anew.start("what"), anew.end()))
        }
        a = {
            name: m
            for name, p in _MEDIA.items()
            if (m := p.search(plain, 0, min(_HEAD, anew.start())))
        }
        if a.keys() & b.keys() or clauses.parted(Statement(0, 1), Statement(*anew.span())):
            continue
        for one, other in product(a, b):
            if frozenset((one, other)) not in _FRIENDS:
                yield Statement(*a[one].span()), Statement(*b[other].span())


def _regions(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    named = [*_REGION.finditer(plain)]
    for region in named[1:]:
        first = named[0]
        if _REGIONS[region[0]] != _REGIONS[first[0]] and _SITE.search(plain[: region.start()]):
            yield Statement(*first.span()), Statement(*region.span())
