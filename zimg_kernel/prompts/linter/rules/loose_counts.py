"""A number of persons, animals or things that is none of those given before: the two of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import singular
from .groups import BEING_WORDS, NUMBERS
from .numbers_zh import NUMBER, number_of
from .scene import in_parts, inner
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS.update(BEING_WORDS)
_NAMED = {word: int(n) for n, word in (pair.split("/") for pair in _WORDS["named"])}
_WORDS["group"] = tuple(_NAMED)
_ZH_NAMED = [
    (int(n), re.compile(word)) for n, word in (pair.split("/", 1) for pair in _WORDS["zh_named"])
]
_NUMBER = r"(?:<numbers>)"
_GROUP = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<n>{_NUMBER})[ ]
      (?:(?!of\b|and\b|other\b|more\b|in\b|with\b)[a-z][\w'-]*,?[ ]){{0,4}}?
      (?P<noun>[a-z]{{3,}}s|men|women|children|people|geese|mice|sheep|deer|fish|koi)
    |(?:(?:an?|the)[ ](?:[a-z-]+[ ]){{0,2}}?|(?:^|(?<=[.][ ])))(?P<group><group>)
    |(?P<twin>twin)[ ](?:[a-z]+[ ])?[a-z]{{3,}}s
    |family[ ]of[ ](?P<family><numbers>))(?![\w'-])
""")
_AGAIN = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?:the|all)[ ](?P<a>{_NUMBER})[ ]of[ ]them
    | (?:(?:the|whole)[ ]<bunches>[ ]of|all|the|these|those|each[ ]of[ ]the)
        [ ](?P<b>{_NUMBER})[ ](?:[a-z-]+[ ]){{0,2}}?
        (?P<noun>[a-z]{{3,}}s|men|women|children|people|geese|mice|sheep|deer)
    | (?:^|(?<=[.;][ ])|(?<=,[ ]))all[ ](?P<c>{_NUMBER})(?=[ ][a-z]|,|[.])
    | (?P<both>both[ ](?:of[ ]them|(?:of[ ])?(?:the[ ]|these[ ])?(?:[a-z]+[ ])?
        (?P<pl>[a-z]{{3,}}s|men|women|children)))
    )(?![\w'-])
""")
_PART = _WORDS.pattern(r"(?<![\w-])<part>(?![\w-])")
_PART_NEAR = _WORDS.pattern(r"(?<![\w-])<part_near>(?![\w-])")
_ONE = _WORDS.pattern(
    r"(?<![\w-])(?:an?|his|her|their|the|one)[ ](?:[a-z-]+[ ]){0,3}?(?:<being>)(?![\w'-])"
)
_MEASURE = "[只个条匹头位名朵颗辆艘件本杯碗把张盏根枚棵株座架台对支束片栋扇面顶盘瓶]"
_ZH_GROUP = _WORDS.pattern(
    rf"(?<![第每])(?P<n>{NUMBER})(?P<of>{_MEASURE}|人|口)(?=(?P<noun>[^，。；、：和与跟]{{0,12}}))"
)
_ZH_AGAIN = _WORDS.pattern(rf"""
    (?P<who>[他她它人]们)(?:(?P<pair>俩|仨)|(?P<they>{NUMBER})(?:个人?|人|位|只|条|匹|头|名)?)(?![点十百])
  | (?:(?<=[，。；])|(?<=[，。；][这那])|(?<=[里中]的))
    (?P<all>{NUMBER})(?P<of>{_MEASURE}|人|(?=兄弟|姐妹|人组))(?P<noun>[^，。；、]{{0,8}})
""")
_BEASTS = "只条匹头"  # measures of animals
_DUAL = {"俩": 2, "仨": 3}
_ZH_DUAL = re.compile("(?<![们他她它])(?P<n>俩|仨)(?P<of>)(?=(?P<noun>[^，。；、]{1,6}))")
_ZH_THEM = _WORDS.pattern("<zh_them>")
_GUESTS = re.compile("客人|顾客|观众|听众|食客|游客|路人|行人|老师|大人|同伴")
_ZH_LONELY, _ZH_COMPANY, _ZH_FAR = (
    _WORDS.pattern(f"<zh_{name}>") for name in ("lonely", "company", "far")
)
_ALONE = _WORDS.pattern("<zh_alone>")
_ZH_PART = _WORDS.pattern("<zh_part>")
_ZH_PART_NEAR, _ZH_ONES = _WORDS.pattern("<zh_part_near>"), _WORDS.pattern("<zh_ones>")
_PERSON = load_words(__file__, "numbered_zh").pattern("<persons>|人")


def loose_counts(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a number and a later one that it does not agree with, once."""
    if in_parts(text):
        return
    if text.chinese and (alone := _ZH_LONELY.search(text.plain)):
        company = _ZH_COMPANY.search(text.plain, alone.end())
        if company and not _ZH_FAR.search(text.plain, alone.end(), company.end()):
            yield Statement(*alone.span()), Statement(*company.span())
            return
    yield from _chinese(text) if text.chinese else _english(text)


def _english(text: Text) -> Iterator[tuple[Statement, Statement]]:
    lower = text.lower
    for again in _AGAIN.finditer(lower):
        if inner(text, Statement(*again.span())):
            continue
        said = 2 if again["both"] else NUMBERS[next(again[g] for g in "abc" if again[g])]
        groups = [m for m in _GROUP.finditer(lower, 0, again.start()) if m.end() <= again.start()]
        noun = (
            singular((again["noun"] or again["pl"] or "").split(" ")[-1])
            if again["noun"] or again["pl"]
            else ""
        )
        if noun:
            same = [m for m in groups if m["noun"] and singular(m["noun"]) == noun]
            if not same and noun in _BEINGS:
                same = [m for m in groups if _grouped(m)]
        else:
            same = [m for m in groups if _grouped(m)] or groups
        if noun and not same and (one := _only(lower, noun, again.start())):
            yield one, Statement(*again.span())
            return
        sizes = [_size(m) for m in same]
        if not sizes or said < 2 or said in sizes or max(sizes) < 2:
            continue
        if _parts(lower, same[0], again, some=said < max(sizes)):
            continue
        spans = [m.span() for m in groups]
        ones = sum(
            not any(a < m.end() and m.start() < b for a, b in spans)
            for m in _ONE.finditer(lower, 0, again.start())
        )
        sums = {0}
        for size in sizes + [1] * min(ones, 8):
            sums |= {total + size for total in sums}
        if said not in sums:
            yield Statement(*same[0].span()), Statement(*again.span())
            return


def _only(lower: str, noun: str, end: int) -> Statement | None:
    """Return where the only thing of a name is, "a single elephant" or the like."""
    found = re.search(
        rf"(?<![\w-])(?:an?|one) (?:(?!of\b|in\b|and\b|with\b)[a-z-]+,? ){{0,3}}?{noun}(?![\w-])",
        lower[:end],
    )
    named = len(re.findall(rf"(?<![\w-]){noun}s?(?![\w-])", lower[:end]))
    if found is None or named > 1 or re.search(r"\b(?:another|second|pair|other)\b", lower[:end]):
        return None
    return Statement(*found.span())


def _parts(lower: str, group: re.Match[str], again: re.Match[str], *, some: bool) -> bool:
    """Return whether the second number may be of some of the group."""
    if _PART.search(lower, group.end(), again.start()):
        return True
    close = min(len(lower), again.end() + 30)
    begin = max(group.end(), again.start() - 30)
    last = again.start() + 4  # with "the" of "behind the two of them"
    if _PART.search(lower, again.end(), close):
        return True
    return some and any(
        _PART_NEAR.search(lower, *span) for span in ((begin, last), (again.end(), close))
    )


_BEINGS = frozenset(_WORDS["being"]) | {"person", "bird", "animal"}
_PLURAL = _WORDS.pattern(r"(?:<beings_>)")


def _grouped(m: re.Match[str]) -> bool:
    return bool(m["group"] or m["twin"] or m["family"]) or _being(m)


def _being(m: re.Match[str]) -> bool:
    return bool(m["noun"]) and (_PLURAL.fullmatch(m["noun"]) is not None)


def _size(m: re.Match[str]) -> int:
    if m["twin"]:
        return 2
    return _NAMED[m["group"]] if m["group"] else NUMBERS[m["n"] or m["family"]]


def _chinese(text: Text) -> Iterator[tuple[Statement, Statement]]:
    plain = text.plain
    for again in _ZH_AGAIN.finditer(plain):
        pair, start = again["pair"], again.start()
        said = {"俩": 2, "仨": 3}[pair] if pair else number_of(again["they"] or again["all"])
        groups = [(number_of(m["n"]), m) for m in _ZH_GROUP.finditer(plain, 0, start)]
        groups += [(_DUAL[m["n"]], m) for m in _ZH_DUAL.finditer(plain, 0, start)]
        same = [(n, m) for n, m in groups if n > 1 and _like(m, again)]
        if again["who"] or _of_persons(again):
            for size, pattern in _ZH_NAMED:
                found = pattern.finditer(plain, 0, start)
                same += [(size, m) for m in found if not any(_over(m, other) for _, other in same)]
        if again["of"] and _newly(plain, again):
            continue
        if not same:
            same = [(n, m) for n, m in groups if n == 1 and _lone(plain, m, again)]
        sizes = [n for n, _ in same]
        if said < 2 or not sizes or said in sizes or (len(sizes) > 1 and said < sum(sizes)):
            continue
        ones = sum(n == 1 and _like(m, again) for n, m in groups)
        first = min((m for _, m in same), key=lambda m: m.start())
        if _ZH_PART.search(
            plain, max(0, first.start() - 3), again.end() + 20 * (said < sum(sizes))
        ):
            continue
        if said == sum(sizes) or (said > sum(sizes) and ones != sum(sizes) and ones):
            continue
        near = slice(max(0, start - 8), again.end() + 4)
        if said < sum(sizes) and (_ZH_PART_NEAR.search(plain[near]) or _ZH_ONES.search(plain)):
            continue
        rest = [number_of(m["n"]) for m in _ZH_GROUP.finditer(plain, again.end(), again.end() + 40)]
        if said < sum(sizes) and rest and said + sum(rest) == sum(sizes):
            continue  # 五个孩子, 三个在踢球, 两个坐着
        less = said < sum(sizes)  # some of them, perhaps
        yield Statement(*first.span()), Statement(*again.span(), weak=less and not again["who"])
        return


def _newly(plain: str, again: re.Match[str]) -> bool:
    """Return whether persons are named that were not named before: 四位乐手."""
    person = _PERSON.match(again["noun"])
    name = "孩" if "孩" in again["noun"][:2] else again["noun"][:2]
    them = _ZH_THEM.match(again["noun"])
    return bool(person and not them) and name not in plain[: again.start()]


def _lone(plain: str, m: re.Match[str], again: re.Match[str]) -> bool:
    """Return whether one thing is said to be the only one: 只有一艘孤帆."""
    around = plain[max(0, m.start() - 6) : m.end() + 12]
    return _says_alone(around) and _like(m, again)


@lru_cache(maxsize=256)
def _says_alone(around: str) -> bool:
    return _ALONE.search(around) is not None


def _over(a: re.Match[str], b: re.Match[str]) -> bool:
    return a.start() < b.end() + 12 and b.start() < a.end()


def _of_persons(again: re.Match[str]) -> bool:
    if again["who"]:
        return again["who"][0] != "它"
    return again["of"] in "人位名" or _ZH_THEM.match(again["noun"]) is not None


def _like(m: re.Match[str], again: re.Match[str]) -> bool:
    """Return whether a number may count what a later one counts."""
    if _of_persons(again):
        if again["of"] and again["of"] in _BEASTS and m["of"] in _BEASTS:
            return True  # 三只小狐狸, 五只小家伙
        if _GUESTS.match(again["noun"] or "") and not _GUESTS.match(m["noun"]):
            return False
        return m["of"] in "人位名口" or (m["of"] == "个" and _PERSON.search(m["noun"]) is not None)
    if again["who"]:
        return m["of"] in "只头匹条个"
    if not m["of"]:
        return m["noun"][0] == again["noun"][0] or (
            "孩" in m["noun"][:2] and "孩" in again["noun"][:2]
        )
    if m["of"] != again["of"]:
        return False
    noun = re.sub("^(?:都|全|的)+", "", again["noun"])
    return not noun or noun != again["noun"] or noun[:2] in m["noun"] or noun[:1] in m["noun"]
