"""Hints at a second place that a Chinese prompt puts its persons in: 队伍站在溶洞里."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_OTHERS = frozenset(("friends", "stands", "is_at", "so_is"))
_KINDS = tuple(name for name in _WORDS if name not in _OTHERS)
_FRIENDS = frozenset(frozenset(pair.split("/")) for pair in _WORDS["friends"])
_PLACES = {name: _WORDS.pattern(f"<{name}>") for name in _KINDS}
_AT = _WORDS.pattern(
    "(?:(?:<stands>)[^，。；、]{0,3}?(?:<is_at>)|置身于?|身处|<so_is>)(?P<where>[^，。；、]{1,16})"
)
_ASIDE = Pattern(
    "远|望|眺|俯瞰|透过|玻璃|壁|画|屏|投影|照片|海报|模型|像|般|如|仿佛|通往|通向|对面|附近|改造|改建"
    "|废弃|印|绘|绣|图案|主题|造型|地图|窗外(?!是|尽)|倒影|映|旁边|坐落|建在|建于|位于|电影|书|梦|游戏"
)
_PARTS = Pattern(
    "效果图|概念图|渲染图|设计图|剖面|布景|超现实|拼贴|穿越|传送|梦|幻|微缩|沙盘|对比|展览|水族|海洋馆"
)
_HEAD = 40  # characters in which a prompt says where it is


def resettled(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield the place at the head of a prompt and the other one that all is said to be in."""
    plain = clauses.plain
    if clauses.split_near(_PARTS):
        return
    first: dict[str, Statement] = {}
    for name, pattern in _PLACES.items():
        found = pattern.search(plain, 0, _HEAD)
        if found and not _ASIDE.search(clauses.clause(s := Statement(*found.span()))):
            first[name] = s
    if not first:
        return
    for at in _AT.finditer(plain):
        whole = Statement(*at.span())
        if _ASIDE.search(clauses.clause(whole)) or clauses.inner(whole):
            continue
        then = {
            name: Statement(at.start(), found.end())
            for name, pattern in _PLACES.items()
            if (found := pattern.search(plain, at.start("where"), at.end()))
        }
        before = {name: s for name, s in first.items() if s.end <= at.start()}
        for (one, a), (other, b) in product(before.items(), then.items()):
            fits = one == other or frozenset((one, other)) in _FRIENDS
            if fits or b.start < a.end or clauses.begin(a.start) == clauses.begin(b.start):
                continue
            if not any(name in before or frozenset((name, other)) in _FRIENDS for name in then):
                yield a, b
                return
