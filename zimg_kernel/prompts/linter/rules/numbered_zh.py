"""Numbers that a Chinese prompt gives to a group named again: 三只小猫, 四只都睡着了."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .numbers_zh import NUMBER, number_of
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS["persons"] = tuple(sorted(_WORDS["persons"], key=len, reverse=True))
_MEASURE = "[只个条匹头位名朵颗辆艘件本杯碗把张盏根枚棵株座架台对支串束块片栋扇面顶盘瓶]"
_AGAIN = _WORDS.pattern(rf"""
    (?:他|她|它|人)们(?P<they>{NUMBER})(?:个人?|人|位|只|条|匹|头|名)?(?![点十百])
  | (?<![一每第另前后余他的外])(?P<all>{NUMBER})(?P<all_of>{_MEASURE}|人)
    (?P<all_noun>[^，。；、的都一]{{0,5}}?)<together>
  | (?P<at>[^，。；]{{1,3}}[里上中内旁边])的(?P<there>{NUMBER})(?P<there_of>{_MEASURE})
    (?P<there_noun>[^，。；、的]{{1,6}})
  | (?:这|那)(?:群|支|队|伙|帮)?(?P<these>{NUMBER})(?P<of>{_MEASURE})(?P<noun>[^，。；、的]{{0,8}})
  | <sums>(?:[有是就来了着共]{{0,2}})(?P<sum>{NUMBER})(?P<sum_of>{_MEASURE}|人)
    (?P<sum_noun>[^，。；、的]{{0,4}})
""")
_FIRST = Pattern(
    rf"(?<![第每])(?P<n>{NUMBER})(?P<of>{_MEASURE}|人)(?=(?P<noun>[^，。；、：和与跟]{{0,12}}))"
)
_PERSON = _WORDS.pattern("<persons>")
_ANIMAL = _WORDS.pattern("<animals>")
_PAIRS = _WORDS.pattern("<pairs>")
_DESERTED = _WORDS.pattern("<deserted>")
_CROWD = _WORDS.pattern("<crowd>")
_MANY = _WORDS.pattern("<many>")
_MORE = Pattern("(?:还|另|又|再)(?:有|加|站|坐|来)?[了着]?[^，。；]{0,2}$")


def renumbered(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a group and a larger number that is given to it later, once."""
    if clauses.split:
        return
    if deserted := _DESERTED.search(clauses.plain):
        crowd = _CROWD.search(clauses.plain, deserted.end())
        empty, full = (Statement(*m.span()) if m else None for m in (deserted, crowd))
        if empty and full and not clauses.inner(full) and not clauses.parted(empty, full):
            yield empty, full
            return
    if _MANY.search(clauses.plain):
        return
    for again in _AGAIN.finditer(clauses.plain):
        later = Statement(*again.span())
        number, measure, noun = _said(again)
        if number < 2 or clauses.inner(later):
            continue
        text = clauses.plain[: again.start()]
        if again["at"] and again["at"][:-1][-2:] not in text:
            continue
        if _MORE.search(clauses.before(later)):
            continue  # 脚手架上还有三名工人
        person = measure in ("人", "位", "名") or bool(_PERSON.search(noun))
        firsts = [m for m in _FIRST.finditer(text) if not clauses.inner(Statement(*m.span("n")))]
        if again["they"] and not person:
            person = again[0][0] != "它" and any(_of_person(m) for m in firsts)
        group = [m for m in firsts if _fits(m, measure, noun, person=person)]
        less = again["sum"] and group and number < max(number_of(m["n"]) for m in group)
        if not group or not (less or number > _most(text, group, person=person)):
            continue
        yield Statement(group[0].start(), group[0].end("of")), later
        return


def _said(again: re.Match[str]) -> tuple[int, str, str]:
    for number, measure, noun in (
        ("all", "all_of", "all_noun"),
        ("there", "there_of", "there_noun"),
        ("these", "of", "noun"),
        ("sum", "sum_of", "sum_noun"),
    ):
        if again[number]:
            return number_of(again[number]), again[measure], again[noun]
    return number_of(again["they"]), "", ""


def _of_person(first: re.Match[str]) -> bool:
    if first["of"] in ("人", "位", "名"):
        return True
    return first["of"] in "个对" and (
        first["noun"].startswith("人") or _PERSON.search(first["noun"]) is not None
    )


def _fits(first: re.Match[str], measure: str, noun: str, *, person: bool) -> bool:
    """Return whether a group may be the one that is spoken of later."""
    if person:
        return _of_person(first)
    if measure and first["of"] != measure:
        return False
    animals = not measure or measure in "只头匹条"
    if animals and (not noun or _ANIMAL.search(noun)):
        return first["of"] in "只头匹条" and _ANIMAL.search(first["noun"]) is not None
    if measure == "个" and not noun:
        return _of_person(first)
    if not noun and measure not in "个只条人":
        return True
    return len(noun) > 1 and noun[:2] in first["noun"]


def _most(text: str, group: list[re.Match[str]], *, person: bool) -> int:
    """Return how many there can be: all groups, and whoever is named without a number."""
    numbers = [number_of(m["n"]) * (2 if m["of"] == "对" else 1) for m in group]
    total = sum(numbers)
    named = _PERSON if person else _ANIMAL
    counted = "".join(m["noun"] for m in group)
    spans = [m.span() for m in group]
    others = {
        m[0]
        for m in named.finditer(text)
        if m[0] not in counted and not any(a <= m.start() < b for a, b in spans)
    }
    found = _PAIRS.finditer(text) if person else ()
    pairs = sum(2 for m in found if text[max(0, m.start() - 2) : m.start()] != "一对")
    bare = 0
    if person:  # 一个看书，一个写字 tells of the group before it
        ones = re.findall(r"[，。；]另?(一)个(?!个)", text)
        bare = 0 if len(ones) in numbers else len(ones)
    return total + len(others) + pairs + bare
