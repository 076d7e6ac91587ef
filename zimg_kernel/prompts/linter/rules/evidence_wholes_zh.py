"""Hints at Chinese words on all of a thing that clash: two colours, one alone and a dozen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import HAN

from .evidence_coloured import colours_in, similar
from .passage import Passage
from .statement import Statement

_HOW = (
    r"(?:[都全均皆]|一律|全部|统一|完全|统统)?(?:刷成|漆成|涂成|贴着|刷着|染成|是|为|呈|成)?"
    r"了?[浅深亮暗淡浓鲜纯]?$"
)
_BODY = Pattern(rf"(?:通体|浑身|全身|周身|整个身[体子]|从[^，。]{{1,3}}到[^，。]{{1,4}}){_HOW}")
_WALLS = Pattern(
    rf"(?:四壁|四面墙壁?|四周的?墙[壁面]?|墙面|墙壁|[每各]面墙|所有的?墙[壁面]?){_HOW}"
)
_AGAIN = Pattern("小家伙|小东西|小可爱|小不点|这家伙|它|整体|通体|浑身|全身|从")
_OTHER = Pattern("另|旁边|身旁|左|右|第二|其[他余]|一[只个位]|对面|背景|外墙|镜|影|之一")
_MEASURES = "[个位名匹座只条艘头棵朵辆架盏]"
_ALONE = Pattern(rf"(?:只有|仅有|唯有|只剩|只见)一{_MEASURES}(?P<x>[{HAN}]{{2}})")
_MANY = (
    r"(?:[二三四五六七八九]?十[几多余来]|[二三四五六七八九]十|几十|数十|上百|七八|五六|十二三)"
    rf"{_MEASURES}"
)
_ELSEWHERE = Pattern("远处|对岸|岸上|另|背景|身后|画[上里中]|倒影|此前|曾|下方|山下|旁边|周围")


def chinese_wholes(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield two colours of all of a body, or of all walls, once."""
    if passage.language != "zh" or passage.long:
        return
    for pattern in (_BODY, _WALLS):
        found = []
        for hit in colours_in(passage):
            clause = passage.plain[passage.clause(hit.start)[0] : hit.start]
            if pattern.search(clause) and not _OTHER.search(clause.removeprefix("一只")):
                found.append((hit, clause))
        for (a, _), (b, clause) in combinations(found, 2):
            again = pattern is _WALLS or _AGAIN.search(clause)
            if again and not similar(passage, a.says[0], b.says[0]):
                yield Statement(a.start, a.end), Statement(b.start, b.end)
                return


def chinese_crowd(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield one that is there alone, and more than ten of its kind, once."""
    if passage.language != "zh":
        return
    for one in _ALONE.finditer(passage.plain):
        many = Pattern(rf"{_MANY}(?:[{HAN}]{{0,6}}的)?{one['x']}")
        for found in many.finditer(passage.plain, one.end()):
            begin, end = passage.clause(found.start())
            if not _ELSEWHERE.search(passage.plain, begin, end):
                yield Statement(*one.span()), Statement(*found.span())
                return
