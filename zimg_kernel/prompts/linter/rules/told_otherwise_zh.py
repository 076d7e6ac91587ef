"""Hints at persons, looks, materials and numbers that a Chinese prompt tells otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN

from .clauses_zh import ChineseClauses
from .numbers_zh import NUMBER, number_of
from .repeated_zh import WEARER
from .statement import Statement
from .things_zh import MATERIALS, material_in, opposed

_WORDS = load_words(__file__, "second_statements_zh")
_M = "<measures>"
OTHER = Pattern(
    "另|其[他余它]|旁边|身旁|对面|远处|背景|左|右|曾|以前|从前|变|渐|却不|不再|不远|隔壁|分别|窗外|门外"
)


def either(name: str) -> Pattern:
    """Return a pattern of the pairs of a list, its groups named by side and pair."""
    return Pattern(
        lambda: "|".join(
            f"(?P<{side}{n}>{words})"
            for n, pair in enumerate(_WORDS[name])
            for side, words in zip("ab", pair.split("//"), strict=True)
        )
    )


_BODIES = either("bodies")
_BODIES_ASIDE = _WORDS.pattern("<bodies_aside>")
_NOBODY, _PEOPLE, _NO_PEOPLE = (_WORDS.pattern(f"<{n}>") for n in ("nobody", "people", "no_people"))
# 七枝郁金香, 三枝花全都垂着头; 三层, 整座蛋糕五层高
_ALL_OF = _WORDS.pattern(
    rf"(?<![第其这那])(?P<n>{NUMBER})(?P<m>{_M})(?:<any_kind>)(?:全都|全部|全|都|齐齐|个个|一律)"
)
_LAYERS = Pattern(
    rf"(?:整[座个栋幢架]|一共|总共|共有|足足|整整)[^，。；]{{0,5}}(?P<n>{NUMBER})(?P<m>[层级节])"
)
_STUFF = "|".join(MATERIALS)
# 透明玻璃茶壶, 这只紫砂壶
_OF_STUFF = _WORDS.pattern(
    rf"[这那该]<measures>(?P<what>{_STUFF})(?:的|制的?|质的?)?(?P<name>[{HAN}]{{1,3}})"
    rf"|(?P<whose>[{HAN}]{{1,3}})的(?P<cover>{_STUFF})[制质]?的?(?:<of_all>)"
)


def deserted(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield that nobody is there, and some who are: 空无一人的教室, 学生们低头写字."""
    for a in _NOBODY.finditer(clauses.plain):
        for b in _PEOPLE.finditer(clauses.plain, clauses.end(a.end())):
            one, other = Statement(*a.span()), Statement(*b.span())
            near = clauses.two_clauses(other)
            if not (_NO_PEOPLE.search(near) or OTHER.search(near) or clauses.parted(one, other)):
                yield one, other


def bodies(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two looks of the only person: 满头银丝, 乌黑的头发."""
    if len(set(WEARER.findall(clauses.plain))) > 1 or clauses.split:
        return
    found = [(m.lastgroup or "", Statement(*m.span())) for m in _BODIES.finditer(clauses.plain)]
    for at, (name, b) in enumerate(found):
        for other, a in found[:at]:
            if other[0] == name[0] or other[1:] != name[1:] or clauses.parted(a, b):
                continue
            if any(
                p.search(clauses.two_clauses(s)) for p in (OTHER, _BODIES_ASIDE) for s in (a, b)
            ):
                continue
            yield a, b


def other_stuff(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a thing that is named again of another material."""
    plain = clauses.plain
    for again in _OF_STUFF.finditer(plain):
        stuff = material_in(again["what"] or again["cover"])
        if OTHER.search(clauses.clause(Statement(*again.span()))):
            continue
        for end in again["name"] or again["whose"]:
            if end in "的上里在身子下着了空":
                break
            earlier = re.compile(f"(?P<what>{_STUFF})[^，。；、的和与在]{{0,4}}?{end}")
            for first in earlier.finditer(plain, 0, again.start()):
                if opposed(material_in(first["what"]), stuff):
                    yield Statement(*first.span()), Statement(*again.span())


def counted_again(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two numbers of the same things: 七枝郁金香, 三枝花全都垂着头."""
    plain = clauses.plain
    for again in (*_ALL_OF.finditer(plain), *_LAYERS.finditer(plain)):
        number = re.compile(f"(?<![第每]){NUMBER}(?={again['m']})")
        told = [*number.finditer(plain, 0, again.start())]
        b = Statement(*again.span())
        if len(told) == 1 and number_of(told[0][0]) not in (1, number_of(again["n"])):
            a = Statement(*told[0].span())
            if clauses.begin(a.start) != clauses.begin(b.start) and not clauses.parted(a, b):
                yield a, b
