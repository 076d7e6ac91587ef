"""Numbers of things in a Chinese prompt: 六名桨手, 一对双胞胎, 她们四个."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words

from .counted import Count
from .evidence import any_word
from .lexicon import Lexicon
from .numbers_zh import NUMBER, number_of
from .passage import Passage
from .things_named import things

_PERSONS, _OWN = frozenset("位名员"), ("他的", "她的", "它的")
_BY_MEASURE = {"匹": "horse", "辆": "car", "朵": "flower", "棵": "tree", "株": "tree", "艘": "boat",
               "盏": "lamp", "峰": "camel", "骑": "person", "口": "person"}  # fmt: skip


class _Tables(NamedTuple):
    named: dict[str, str]
    names: Lexicon
    counted: re.Pattern[str]
    bare: re.Pattern[str]
    pronoun: re.Pattern[str]
    again: re.Pattern[str]
    total: re.Pattern[str]
    every: re.Pattern[str]
    some: re.Pattern[str]
    many: re.Pattern[str]


@cache
def _tables() -> _Tables:
    lists = load_words(__file__, "evidence_counts_zh")
    named = dict(pair.split("/") for pair in lists["pairs"])
    measure = any_word(lists["measures"], True).pattern
    again, total = (any_word(lists[name], True).pattern for name in ("again", "total"))
    return _Tables(
        named,
        Lexicon({"named": named}, chinese=True),
        re.compile(
            rf"(?<![第每几数十百半])(?P<n>一对|一双|{NUMBER}|几)(?P<m>{measure})?"
            r"(?=(?P<rest>[^，。；、：！？\n]{0,14}))"
        ),
        re.compile(rf"(?<![第每])(?P<n>{NUMBER}|俩|仨)(?:个|名)?(?P<rest>人|者)(?![工造力物参])"),
        re.compile(
            rf"(?P<who>[她他它]们|(?P<all>{total})(?:有|为|是|达)?|(?<=[，。；])(?={NUMBER}(?:{measure}|人)[都全]))"
            rf"(?P<n>{NUMBER}|俩|仨)(?P<m>{measure}|人|(?<=[俩仨]))"
            r"(?=[，。；、：！？\n]|都|全|一|手|肩|并|各|个|齐|同|互|相|彼|依|挤|围|排|笑|在|正|紧|也|均|穿|戴|坐|站|跪|躺|抱|背|头|把|被|从|向|朝)"
        ),
        re.compile(rf"(?:{again})(?:有|为|是|达|这|那)?$"),
        re.compile(rf"(?:{total})(?:有|为|是|达|这|那)?$"),
        any_word(lists["all"], True),
        any_word(lists["some"], True),
        any_word(lists["many"], True),
    )


def chinese_numbers(passage: Passage) -> list[Count]:
    """Return all numbers of things in a prompt, in its order."""
    found: list[Count] = []
    for count in sorted(_found(passage), key=lambda c: (c.start, -c.end)):
        if not any(count.start < other.end for other in found):
            found.append(count)
    return found


def _found(passage: Passage) -> Iterator[Count]:
    tables, plain = _tables(), passage.plain
    for hit in tables.names.find(plain):
        named = tables.named[hit.word]
        if named != "-":
            yield _count(passage, hit.start, hit.end, int(named), "person", hit.word, sole=True)
    for m in tables.bare.finditer(plain):
        number = _number(m["n"])
        yield _count(passage, m.start(), m.end(), number, "person", "人")
    for m in tables.pronoun.finditer(plain):
        person = m["who"][:1] in ("她", "他") or m["m"] in ("人", "位", "名")
        yield replace(
            _count(passage, m.start(), m.end(), _number(m["n"]), "person" if person else "", ""),
            again=True, total=bool(m["all"]), measure="" if m["m"] in "个人" else m["m"],
        )  # fmt: skip
    for m in tables.counted.finditer(plain):
        word = m["n"]
        if not m["m"] and word not in ("一对", "一双"):
            continue
        kind, noun, length = _thing(m["m"] or "", m["rest"])
        if not kind and not noun:
            continue
        number = 2 if word in ("一对", "一双") else 0 if word == "几" else number_of(word)
        end = m.start("rest") + length
        yield replace(_count(passage, m.start(), end, number, kind, noun), measure=m["m"] or "")
    for m in tables.many.finditer(plain):
        kind, noun, length = _thing("", plain[m.end() : m.end() + 8].split("，")[0])
        if kind:
            yield Count(m.start(), m.end() + length, number=0, kind=kind, noun=noun, vague=True)


def _number(word: str) -> int:
    return {"俩": 2, "仨": 3}.get(word) or number_of(word)


def _count(
    passage: Passage, start: int, end: int, number: int, kind: str, noun: str, *, sole: bool = False
) -> Count:
    tables, plain = _tables(), passage.plain
    begin, close = passage.clause(start)
    before = plain[max(begin, start - 8) : start]
    after = plain[end : min(close, end + 10)]
    every = tables.every.search(plain[start:end]) or tables.every.search(after)
    lone = bool(re.search(r"(?:孤零零|孤独|孤单|唯一|仅有|只有|单独|仅|独独|就)的?$", before))
    return Count(
        start,
        end,
        number=number,
        kind=kind,
        noun=noun,
        again=number > 1 and bool(tables.again.search(before) or every),
        total=bool(tables.total.search(before)),
        sole=sole or (number == 1 and lone),
        vague=number == 0,
        every=bool(every),
        pointed=before[-1:] in ("这", "那") or before[-2:] in _OWN,
        part=tables.some.search(plain[begin:close]) is not None,
    )


def _thing(measure: str, rest: str) -> tuple[str, str, int]:
    """Return the kind of what is counted, its name, and how many characters tell it."""
    hits = things("zh").find(rest)
    if "的" in rest and not (hits and hits[0].start < 2):
        last = rest.rindex("的")
        hits = [h for h in hits if h.start > last] or [h for h in hits if h.end <= last]
    hit = hits[0] if hits else None
    if measure in _PERSONS and (hit is None or hit.says[0] != "person"):
        persons = [h for h in hits if h.says[0] == "person"]
        hit = persons[0] if persons else None
        if hit is None:
            return "person", rest[:2], min(2, len(rest))
    if hit is None or (measure in _BY_MEASURE and hit.start > 6):
        return _BY_MEASURE.get(measure, ""), rest[:2], min(2, len(rest))
    return hit.says[0], hit.word, hit.end
