"""Families and colours that a Chinese prompt tells twice: 一家五口 and 一家四口."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN

from .clauses_zh import ChineseClauses
from .colours import ZH_NAMES, alike
from .loose_colours_zh import NAMES
from .numbers_zh import NUMBER, number_of
from .statement import Statement

_WORDS = load_words(__file__)
_COLOURS = {**ZH_NAMES, **NAMES}
_WORDS["colour"] = tuple(sorted(_COLOURS, key=len, reverse=True))
_FAMILY = Pattern(rf"(?:一家|全家|家中|家里)(?P<n>{NUMBER})口|(?P<m>{NUMBER})口(?:之家|人)")
# 外墙整面刷成紫色, 壶身的颜色是亮面樱桃红
_TOLD = _WORDS.pattern(rf"""
    (?P<noun>[{HAN}]{{2}})(?:的)?(?:<whole>)?(?:的?(?:<attributes>))?(?:<adverbs>)?
    (?:<turned>)(?:<finishes>)?(?P<colour><colour>)色?
    (?=[，。；、\n]|$|的)
""")
_OWNER = re.compile(rf"([{HAN}]{{1,6}})的$")
_OTHER = _WORDS.pattern("<others>")
_NO_THING = _WORDS.pattern("<no_things>")


def said_anew(clauses: ChineseClauses) -> Iterator[tuple[str, Statement, Statement]]:
    """Yield the kind of message and two statements, the first pair that does not fit."""
    if clauses.split or _OTHER.search(clauses.plain):
        return
    families = [*_FAMILY.finditer(clauses.plain)]
    for a, b in combinations(families, 2):
        if number_of(a["n"] or a["m"]) != number_of(b["n"] or b["m"]):
            yield "counts", Statement(*a.span()), Statement(*b.span())
            return
    told = [m for m in _TOLD.finditer(clauses.plain) if not _NO_THING.search(m["noun"])]
    for a, b in combinations(told, 2):
        one, other = (_COLOURS[m["colour"]].removeprefix("pure ") for m in (a, b))
        if a["noun"] == b["noun"] and not alike(one, other):
            first, second = (Statement(m.start(), m.end("colour")) for m in (a, b))
            owners = {m[1] for at in (a, b) if (m := _OWNER.search(clauses.plain, 0, at.start()))}
            if len(owners) > 1:  # 黑猫的眼睛, 白猫的眼睛
                continue
            if clauses.parted(first, second) or re.search("[和与及]", b["noun"]):
                continue
            yield "both", first, second
            return
