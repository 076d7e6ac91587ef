"""Hints at what a Chinese prompt tells of all of a picture or thing, and then otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN

from .clauses_zh import ChineseClauses
from .colours import ZH_NAMES, alike
from .evidence_places import exclusive, place_names
from .loose_colours_zh import NAMES
from .statement import Statement
from .told_otherwise_zh import OTHER, bodies, counted_again, deserted, either, other_stuff

_WORDS = load_words(__file__)
_M = "<measures>"
# 独生子, 唯一的一只南瓜
_SOLE = _WORDS.pattern(rf"""
    独生(?P<child>[子女]) | (?<!不)(?:<sole>)一{_M}(?:[^，。；、的]{{1,6}}的)?(?P<one>[{HAN}]{{2}})
  | (?:唯一|独一|仅有|孤零零)的?(?P<only>[{HAN}]{{2}})
""")
_MANY = _WORDS.pattern(rf"(?<![第每])(?:<many>){_M}?(?P<what>[^，。；、]{{1,9}})")
_BESIDE = _WORDS.pattern("<beside>")
_SITE = _WORDS.pattern(r"(?<![^，。；！：\n])(?:<sites>)(?P<where>[^，。；]{1,20})")
_NEAR, _FAR, _VIEW_ASIDES = (
    _WORDS.pattern(f"<{n}>") for n in ("near_views", "far_views", "view_asides")
)
_INKS, _COLOURFUL, _COLOURFUL_ASIDES = (
    _WORDS.pattern(f"<{n}>") for n in ("inks", "colourful", "colourful_asides")
)
_OPEN = _WORDS.pattern("<open_air>")
_INDOORS = _WORDS.pattern("(?:<indoor_joins>)(?:一[间座个处节架])?[^，。；]{0,4}?(?:<indoors>)")
_WINDOW = Pattern("窗|远|望|外面?[是有]|通往|通向|走出|走进|隔|画|屏|照片|模型|入口|出口")

# 空空的鸟笼挂在檐下，笼里一只画眉
_EMPTY = Pattern(
    rf"空(?:空|荡荡|落落|空如也)?的[{HAN}]{{0,4}}?(?P<x>[碗杯盘瓶盒箱篮筐盆碟笼架缸桶篓巢罐坛柜屋])(?![^，。；]{{0,6}}(?:旁|边))"
    rf"[^。；]{{0,30}}(?P<full>(?P=x)子?(?:里|中|上|内)(?:正)?(?:装|盛|堆|摆|塞|插|养|关|坐|挤|放|有|一[只条个群]|[两三四五几十]))"
)
# 主角是一位九十岁的老匠人, 主角是个六岁的小男孩
_HERO = Pattern(
    r"(?<![^，。；！])主角(?:却|其实)?(?:是|为)一?[个位名只条头匹](?P<who>[^，。；]{1,18})"
)
# 四杯杨枝甘露, 这一对杯子
_PAIR = Pattern(rf"[这那]一?[对双](?P<x>[{HAN}])")
_COLOURS = {**{f"{c}色": name for c, name in ZH_NAMES.items()}, **NAMES}
_WORDS["colour"] = tuple(sorted((c for c in _COLOURS if len(c) > 1), key=len, reverse=True))
_COLOUR = _WORDS.pattern("(?P<colour><colour>)")
_ONE_HUE = _WORDS.pattern("(?:<only>)?(?P<colour><colour>)色?的?(?:<one_hue>)")
_STATES = either("states")
_PALE = frozenset(("white", "silver", "grey", "beige", "black"))
_AGAIN = Pattern("[这那]|[它她他其](?!们|他|余)|整[个座条只件]")
# 没戴眼镜, 戴着金丝眼镜
_LACKING = Pattern(
    rf"(?:没有?|未|不)(?P<verb>[戴穿系打撑背带拿涂扎披])(?:着|过)?(?:任何|一件)?(?P<what>[{HAN}]{{2}})"
)


def second_statements(clauses: ChineseClauses) -> Iterator[tuple[str, Statement, Statement]]:
    """Yield the kind of message and two statements, at most one pair."""
    if clauses.split:
        return
    for message, finder in (
        ("counts", _one_and_many),
        ("scene", _sites),
        ("scene", _views),
        ("scene", _inks),
        ("scene", _open_and_shut),
        ("both", _one_hue),
        ("scene", _states),
        ("scene", _lacking),
        ("scene", _empty),
        ("scene", _heroes),
        ("counts", _pairs),
        ("counts", counted_again),
        ("scene", deserted),
        ("scene", bodies),
        ("scene", other_stuff),
    ):
        for a, b in finder(clauses):
            yield message, a, b
            return


def _one_and_many(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    for sole in _SOLE.finditer(plain):
        noun = sole["one"] or sole["only"] or ("儿子" if sole["child"] == "子" else "女儿")
        a = Statement(*sole.span())
        if _BESIDE.search(clauses.before(a)):
            continue
        for found in _MANY.finditer(plain):
            b = Statement(*found.span())
            what = found["what"]
            if (noun in what or noun[-1:] in what[:2].strip("子")) and not (
                a.overlaps(b) or _BESIDE.search(clauses.clause(b))
            ):
                yield (a, b) if a.start < b.start else (b, a)


def _sites(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a place, and the other one where all is said to be: 拍摄地点是一片草甸."""
    plain = clauses.plain
    slots = [*_SITE.finditer(plain)]
    if not slots:
        return
    lexicon, aside = place_names("zh")
    hits = [
        h
        for h in lexicon.find(plain)
        if not aside.search(clauses.clause(Statement(h.start, h.end)))
    ]
    for slot in slots:
        then = [h for h in hits if slot.start("where") <= h.start < slot.end()]
        for b in then:
            for a in hits:
                if a.end > slot.start() or _kinds(a.says) & _kinds(b.says):
                    continue
                if all(
                    frozenset((x, y)) in exclusive() for x in _kinds(a.says) for y in _kinds(b.says)
                ):
                    yield Statement(a.start, a.end), Statement(b.start, b.end)


def _kinds(says: tuple[str, ...]) -> set[str]:
    return {name.removesuffix("_things") for name in says}


def _views(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    near, far = (p.search(clauses.plain) for p in (_NEAR, _FAR))
    if near and far and not _VIEW_ASIDES.search(clauses.plain):
        a, b = sorted((near.span(), far.span()))
        yield Statement(*a), Statement(*b)


def _inks(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    ink, colourful = (p.search(clauses.plain) for p in (_INKS, _COLOURFUL))
    if ink and colourful and ink.start() < 60:
        a, b = (Statement(*m.span()) for m in (ink, colourful))
        if not _COLOURFUL_ASIDES.search(clauses.two_clauses(b)):
            yield (a, b) if a.start < b.start else (b, a)


def _open_and_shut(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield the open air and a room that the same thing is in: 露天泳池位于地下室里."""
    for a in _OPEN.finditer(clauses.plain):
        for b in _INDOORS.finditer(clauses.plain):
            one, other = Statement(*a.span()), Statement(*b.span())
            if clauses.begin(a.start()) == clauses.begin(b.start()) or one.overlaps(other):
                continue
            if any(_WINDOW.search(clauses.clause(s)) for s in (one, other)):
                continue
            yield (one, other) if a.start() < b.start() else (other, one)


def _one_hue(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield that there is one colour alone, and another one."""
    for one in _ONE_HUE.finditer(clauses.plain):
        first = _COLOURS[one["colour"]].removeprefix("pure ")
        for other in _COLOUR.finditer(clauses.plain, one.end()):
            name = _COLOURS[other["colour"]].removeprefix("pure ")
            b = Statement(*other.span())
            if not alike(first, name) and name not in _PALE and not OTHER.search(clauses.clause(b)):
                yield Statement(*one.span()), b


def _states(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two states of one thing: 锈迹斑斑的废铁船, 这条船崭新锃亮."""
    found = [(m.lastgroup or "", Statement(*m.span())) for m in _STATES.finditer(clauses.plain)]
    for at, (name, b) in enumerate(found):
        for other, a in found[:at]:
            if other[0] != name[0] and other[1:] == name[1:] and _of_one(clauses, a, b):
                yield a, b


def _of_one(clauses: ChineseClauses, a: Statement, b: Statement) -> bool:
    """Return whether two clauses are of one thing, that both name or the second means."""
    one, two = clauses.two_clauses(a), clauses.clause(b)
    if clauses.parted(a, b) or OTHER.search(one) or OTHER.search(clauses.two_clauses(b)):
        return False
    begin = clauses.begin(b.start)
    names = {w.text[-1] for w in clauses.words(begin, clauses.end(b.end)) if w.tag[:1] == "n"}
    shared = any(c in one for c in names)
    near = clauses.plain[a.end : begin].count("。") == 0 and not names
    return shared or near or _AGAIN.search(two) is not None


def _lacking(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    plain = clauses.plain
    for lacking in _LACKING.finditer(plain):
        has = re.compile(
            f"(?<![没有未不]){lacking['verb']}(?:着|了|一)[^，。；、的没不]{{0,8}}{lacking['what']}"
        )
        for found in (
            *has.finditer(plain, lacking.end()),
            *has.finditer(plain, 0, lacking.start()),
        ):
            a, b = sorted((lacking.span(), found.span()))
            if _of_one(clauses, Statement(*a), Statement(*b)):
                yield Statement(*a), Statement(*b)


def _empty(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    for empty in _EMPTY.finditer(clauses.plain):
        b = Statement(*empty.span("full"))
        if not OTHER.search(clauses.two_clauses(b)):
            yield Statement(empty.start(), empty.end("x")), b


def _heroes(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    told = [*_HERO.finditer(clauses.plain)]
    for a, b in pairwise(told):
        if a["who"][-1] != b["who"][-1]:
            yield Statement(*a.span()), Statement(*b.span())


def _pairs(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    for pair in _PAIR.finditer(clauses.plain):
        more = re.compile(f"(?<!第)(?:[三四五六七八九十]|十几|几十){pair['x']}(?!子?[里上])")
        found = more.search(clauses.plain, 0, pair.start())
        if found and not OTHER.search(clauses.clause(Statement(*found.span()))):
            yield Statement(*found.span()), Statement(*pair.span())
