"""Ages in a Chinese prompt: a child with wrinkles, an old woman with the face of a girl."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .numbers_zh import DIGITS
from .statement import Statement

_WORDS = load_words(__file__)
for _name in ("young", "old", "neutral"):
    _WORDS[_name] = tuple(sorted(_WORDS[_name], key=len, reverse=True))
_PERSON = _WORDS.pattern("(?P<young><young>)|(?P<old><old>)|<neutral>")
_FEATURE = _WORDS.pattern("(?P<old><old_features>)|(?P<young><young_features>)|(?P<age><age>)")
_THIS = Pattern("[这那][位名个][^，。；]{0,9}$")
# 奶奶抱着孙女，孩子的皮肤粉嫩
_OWN_PERSON = Pattern("(?:孩子|孩童|婴儿|娃娃)的(?:皮肤|脸|小手|手)")
_OF_NEXT = Pattern(r"(?:左右|上下|出头|开外|模样|光景)?[^，,。；的]{0,3}的?[^，,。；的]{0,5}$")
_FACE = Pattern("[^，。]{0,3}的?(?:面孔|脸|面容|容颜|容貌|模样|样子|身体|皮肤|肌肤)")
_YOUNGEST, _OLDEST = 26, 50  # years of an age that is neither a child's nor an old person's
_TOGETHER = Pattern("[搂抱牵挽背扶陪拥]着?|依偎|和|与|跟")
_OTHER = {"young": "old", "old": "young"}


def opposed_ages(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a person and a feature of another age, once."""
    persons = [
        found
        for found in _PERSON.finditer(clauses.plain)
        if clauses.plain[max(0, found.start() - 1) : found.start()] not in tuple("像如似若")
    ]
    yield from _renamed(clauses, persons)
    for found in _FEATURE.finditer(clauses.plain):
        said = _class(found)
        feature = Statement(*found.span())
        if not said or clauses.inner(feature) or _OWN_PERSON.match(found[0]):
            continue
        for person in _bearers(clauses, persons, found):
            who = Statement(*person.span())
            between = (
                clauses.plain[who.end : feature.start] or clauses.plain[feature.end : who.start]
            )
            if _TOGETHER.search(between):
                continue  # 八岁的孙女搂着八十岁的爷爷
            if person.lastgroup == _OTHER[said] and not clauses.parted(who, feature):
                yield (who, feature) if who.start < feature.start else (feature, who)
                return


def _renamed(
    clauses: ChineseClauses, persons: list[re.Match[str]]
) -> Iterator[tuple[Statement, Statement]]:
    """Yield 老船长 and 这位小伙子, where nobody else is named."""
    kinds = [person.lastgroup for person in persons]
    if sorted(filter(None, kinds)) == ["old", "young"] and len(kinds) == 2:
        first, second = (Statement(*person.span()) for person in persons)
        if _THIS.search(clauses.before(second)) and not clauses.parted(first, second):
            yield first, second


def _class(found: re.Match[str]) -> str:
    if not found["age"]:
        return "old" if found["old"] else "young"
    years = years_of(found["age"])
    return "young" if years < _YOUNGEST else "old" if years >= _OLDEST else ""


def years_of(age: str) -> int:
    """Return the years of an age such as 五十多岁, 十六七岁 or 12岁."""
    if age.startswith("刚"):
        return 0
    if age.startswith("年"):
        return DIGITS[age[2]] * 10
    word = re.sub("[几多来岁]", "", age)
    if word.isdigit():
        return int(word)
    if "百" in word:
        return 100
    if "十" in word:
        tens, _, ones = word.partition("十")
        return DIGITS.get(tens[-1:], 1) * 10 + DIGITS.get(ones[:1], 0)
    return DIGITS.get(word[:1], _YOUNGEST)


def _bearers(
    clauses: ChineseClauses, persons: list[re.Match[str]], feature: re.Match[str]
) -> list[re.Match[str]]:
    """Return the person whose feature it is: the next one after 的, or else the last before."""
    plain, start, end = clauses.plain, feature.start(), feature.end()
    if own := [p for p in persons if 0 <= start - p.end() < 2]:
        return own  # 老人布满皱纹的手扶着孩子
    after = next((p for p in persons if p.start() >= end), None)
    if after and "，" not in (gap := plain[end : after.start()]) and _OF_NEXT.fullmatch(gap):
        return [after]
    before = [p for p in persons if p.end() <= start]
    if not before or (feature["age"] and not (_of_face(plain, end) or feature[0].startswith("年"))):
        return []
    last = before[-1]
    near = not re.search("[，,。；]", plain[last.end() : start])
    sentence = clauses.sentence_begin(start)
    kinds = {p.lastgroup for p in before if p.start() >= sentence} - {None}
    if len(kinds) > 1 and not near:
        return []  # of two persons in a sentence it may be either
    return [last]


def _of_face(plain: str, end: int) -> bool:
    return _FACE.match(plain, end) is not None
