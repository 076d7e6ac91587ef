"""Totals in a Chinese prompt that do not fit what is listed: 一共四口 and 六个孩子."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .numbers_zh import NUMBER, number_of
from .statement import Statement

_WORDS = load_words(__file__)
_TOTAL = _WORDS.pattern(rf"""
    (?:<totals>)(?:[坐站住挤]着|有|为|是)?(?P<a>{NUMBER})(?:口|个?人|位|名|个成员|个<persons>)(?!家)
  | 一家(?P<b>{NUMBER})口 | (?P<c>{NUMBER})口之家
  | (?P<d>{NUMBER})人(?:合影|合照|合唱|组合|小队|乐队|全家福)
  | (?P<e>[二三四五六七八])重[奏唱] | (?P<twins>双胞胎|孪生)
  | (?P<triplets>三胞胎) | (?P<single>独自一人|孤身一人|单人照|单人肖像)
""")
_GROUP = _WORDS.pattern(
    rf"(?P<number>{NUMBER})(?:(?:个|口)[^，,。；、个位名]{{0,4}}?<persons>|[位名])"
)
_WORDS["relatives"] = tuple(sorted(_WORDS["relatives"], key=len, reverse=True))
_PERSON = _WORDS.pattern("<relatives>|<persons>")
_ONE = "[^，,。；、：:和与]{0,8}?(?:<relatives>|<persons>)"
_LISTED = _WORDS.pattern(f"{_ONE}(?:、{_ONE})+(?:(?:和|与|及|以及|还有){_ONE})?")
_OTHERS = _WORDS.pattern("<others>")
# 三只小猫，一白一灰一黄一黑
_COUNTED = Pattern(rf"(?P<number>{NUMBER})[只个条匹头位名朵颗辆艘件本杯碗把张盏根枚]")
_COMPOUND = Pattern(
    "(?P<number>[二两三四五六七八九])(?P<part>[角弦轮翼瓣层腿孔头])"
    "(?=[亭琴车天花塔桌椅凳龙蛇笛蛋楼小的])"
)
_ONLY_ONE = Pattern(
    "[只仅](?:有|剩)一[个只条支朵棵颗匹头盏辆艘座本把](?:[^，,。；的]{1,4}的)?"
    "(?P<noun>[\u4e00-\u9fff]{1,4}?)(?=[，,。；在插站坐停立躺挂漂]|$)"
)
_MEASURED = Pattern(
    "[个只条边面朵枚座位名颗棵匹头本杯碗把张块支枝盏盆架间栋根片瓶株串粒幅顶口束轮台扇双副套艘件]"
)
_EACH = Pattern(r"(?:一[^，,。；一、和]{1,3}[、，,和]?){2,}")


def opposed_totals(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a total and a larger number of its parts, once."""
    yield from _persons(clauses)
    yield from _listed(clauses)
    yield from _parts(clauses)
    yield from _many(clauses)


def _persons(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    for found in _TOTAL.finditer(clauses.plain):
        total = _total(found)
        whole = Statement(*found.span())
        if not total:
            continue
        if (listed := _enumerated(clauses, total)) and not listed.overlaps(whole):
            yield (whole, listed) if whole.start < listed.start else (listed, whole)
            return
        for group in _GROUP.finditer(clauses.plain):
            part = Statement(*group.span())
            beside = _OTHERS.search(clauses.clause(part)) or clauses.inner(part)
            if number_of(group["number"]) > total and not part.overlaps(whole) and not beside:
                yield (whole, part) if whole.start < part.start else (part, whole)
                return


def _enumerated(clauses: ChineseClauses, total: int) -> Statement | None:
    """Return a list of more persons than there are: 爷爷、奶奶、父亲和母亲."""
    for found in _LISTED.finditer(clauses.plain):
        listed = Statement(*found.span())
        count = len(_PERSON.findall(found[0]))
        if count > total and not _OTHERS.search(clauses.clause(listed)):
            return listed
    return None


def _total(found: re.Match[str]) -> int:
    for name, number in (("twins", 2), ("triplets", 3), ("single", 1)):
        if found[name]:
            return number
    return number_of(next(found[name] for name in "abcde" if found[name]))


def _listed(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    for found in _EACH.finditer(clauses.plain):
        items = re.findall("一([^，,。；一、和]{1,3})", found[0])
        if len({len(item) for item in items}) > 1 or _MEASURED.search(found[0]):
            continue
        begin = clauses.begin(found.start(), 2)
        counted = [*_COUNTED.finditer(clauses.plain, begin, found.start())]
        if counted and number_of(counted[-1]["number"]) not in (1, len(items)):
            yield Statement(*counted[-1].span()), Statement(*found.span())
            return


def _parts(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield 六角亭 and 四个角."""
    for found in _COMPOUND.finditer(clauses.plain):
        part = "翅膀|翼" if found["part"] == "翼" else found["part"]
        pattern = f"(?P<number>{NUMBER})[个根只片层条颗](?:{part})(?![落度楼])"
        for counted in re.finditer(pattern, clauses.plain[found.end() :]):
            if number_of(counted["number"]) != number_of(found["number"]):
                start = found.end() + counted.start()
                yield Statement(*found.span()), Statement(start, found.end() + counted.end())
                return


def _many(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield 只有一个苹果 and 苹果堆成小山."""
    for found in _ONLY_ONE.finditer(clauses.plain):
        noun = re.escape(found["noun"])
        many = re.search(
            f"(?:无数|成群|数不清|成堆|密密麻麻|满满一?|一大[束堆群片]){{1,2}}的?(?:{noun})"
            f"|{noun}[^，,。；]{{0,2}}(?:堆成|成堆|成群|多得|铺满|挤挤)",
            clauses.plain[found.end() :],
        )
        if many:
            start, end = (found.end() + position for position in many.span())
            yield Statement(*found.span()), Statement(start, end)
            return
