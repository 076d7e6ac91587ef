"""Colours or counts that cannot both be true of one thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

from . import contradiction_words as words
from .colours import (
    EN_NAMES,
    ZH_NAMES,
    Mention,
    alike,
    chinese_colours,
    chinese_counts,
    english_colours,
    english_counts,
    same_person,
    singular,
)


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    colours: list[Mention] = [*english_colours(text), *chinese_colours(text)]
    yield from _colours(text, colours)
    yield from _copulas(text, colours)
    for pattern in (words.DOUBLE, words.THAT_IS, words.ZH_DOUBLE):
        for found in pattern.finditer(text.lower):
            if found["a"] != found["b"] and found["a"] not in found["b"]:
                yield _said(text, found.start(), found.end("b"), found["a"], found["b"])
    mono, vivid = words.MONO.search(text.lower), words.VIVID.search(text.lower)
    if mono and vivid and not words.ACCENT.search(text.lower):
        start, end = sorted((mono.span(), vivid.span()))
        yield Fault(*end, "both", {"a": text.prompt[slice(*start)].strip(),
                                   "b": text.prompt[slice(*end)].strip()})  # fmt: skip
    yield from _counts(text, [*english_counts(text), *chinese_counts(text)])


def _said(text: Text, start: int, end: int, a: str, b: str) -> Fault:
    return Fault(start, end, "both", {"a": a, "b": b})


def _pair(text: Text, said: str, a: Mention, b: Mention) -> Fault:
    values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
    return Fault(b.start, b.end, said, values)


def _colours(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    ordered = sorted(mentions, key=lambda m: m.start)
    tally = Counter(m.head for m in ordered)
    # Three of a kind in three colours are a list, and so is what stands in a row.
    row = words.ROW.search(text.lower)
    ordered = [m for m in ordered if tally[m.head] < 3 and not row and m.head not in words.ANYTHING]
    for a, b in combinations(ordered, 2):
        if alike(str(a.what), str(b.what), strict=a.only or b.only):
            continue
        between = text.lower[a.end : b.start]
        around = text.lower[max(0, a.start - 16) : b.end + 16]
        if (
            b.start < a.end
            or (words.LIST.fullmatch(between) and not _both_of_one(a, b, between))
            or words.SHARED.search(around)
        ):
            continue
        if words.NEW_OWNER.search(between):
            continue
        if _elsewhere(text, a) and _elsewhere(text, b):
            continue
        if (a.head == b.head and _one_thing(text, a, b)) or (
            a.head in words.PARTS.get(b.head, "").split() and _whole(text, a, b)
        ):
            yield _pair(text, "both", a, b)


def _both_of_one(a: Mention, b: Mention, between: str) -> bool:
    """Whether "blue eyes and brown eyes" is said, of which nobody has both."""
    joined = between.strip() in ("and", "和", "与")
    return joined and a.head == b.head in ("eye", "hair", "fur", "眼睛", "发") and not b.det


def _elsewhere(text: Text, m: Mention) -> bool:
    """Whether a thing is said to stand at a place of its own."""
    phrase = text.lower[slice(*text.phrase_of(m.start))]
    return bool(words.PLACE.search(phrase.replace(text.lower[m.start : m.end], "", 1)))


def _one_thing(text: Text, a: Mention, b: Mention) -> bool:
    """Whether two mentions with the same noun are of the same thing."""
    if b.det in (
        "a",
        "an",
        "another",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "other",
        "second",
    ):
        return False
    if a.head in words.OF_ONE:
        return True
    if b.det.isdigit():
        return False
    plural = text.lower[b.end - 1] == "s" and not text.lower[: b.end].endswith("ss")
    return not plural


def _whole(text: Text, a: Mention, b: Mention) -> bool:
    """Whether a part's colour speaks of all of the thing that it belongs to."""
    if b.head in ("wall", "墙", "墙壁") and not a.only:
        return False
    if words.SPECIES.search(text.lower, max(0, a.start - 2), a.end) and not a.only:
        return False
    after = text.lower[b.end : b.end + 10]
    return not re.match(
        r" ?(?:(?:on|around|at|under|along) (?:its|the|his|her|one|both)|tips|在)", after
    )


def _copulas(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    for pattern, names in ((words.COPULA, EN_NAMES), (words.ZH_COPULA, ZH_NAMES)):
        for found in pattern.finditer(text.lower):
            word = found["colour"]
            name = names.get(word) or next((names[c] for c in word if c in names), "")
            if not name:
                continue
            heads = {singular(found["noun"].split()[-1]), found["noun"], found["noun"][-1]}
            for m in mentions:
                if m.end > found.start() or alike(str(m.what), name):
                    continue
                parts = [part for part, owners in words.PARTS.items() if m.head in owners.split()]
                if (
                    m.head in heads
                    or heads & set(parts)
                    or found["noun"].endswith((m.head, *parts))
                ):
                    yield Fault(found.start(), found.end("colour"), "both", {
                        "a": text.prompt[m.start : m.end],
                        "b": text.prompt[found.start() : found.end("colour")],
                    })  # fmt: skip
                    break


def _counts(text: Text, mentions: Sequence[Mention]) -> Iterator[Fault]:
    ordered = sorted(mentions, key=lambda m: m.start)
    for a, b in combinations(ordered, 2):
        if a.what == b.what or not (a.head == b.head or same_person(a, b)):
            continue
        between = text.lower[a.end : b.start]
        if words.LIST.fullmatch(between) or (
            a.coloured and b.coloured and a.coloured != b.coloured
        ):
            continue
        first, second = (text.lower[slice(*text.phrase_of(m.start))] for m in (a, b))
        sure = a.only or b.only or any(words.ALL.search(phrase) for phrase in (first, second))
        if not sure:
            if re.search(r"\b(?:more|other|another|of (?:them|which))\b|另|其中|其余|还有", second):
                continue
            if b.what == 1 and isinstance(a.what, int) and a.what > 1:
                continue  # "three cups, one cup broken" tells of one among them
            if _placed(first, text, a) and _placed(second, text, b):
                continue
        yield _pair(text, "counts", a, b)


def _placed(phrase: str, text: Text, mention: Mention) -> bool:
    head = text.lower[mention.start : mention.end]
    return bool(words.PLACED.search(phrase.replace(head, "", 1)))


RULE = Rule(
    "contradiction",
    "warning",
    {
        "both": Said(
            ("“{a}” and “{b}” cannot both be true of one thing.", "“{a}”与“{b}”互相矛盾。"),
            (
                "Keep one of them, or say which part or which thing has which colour.",
                "只保留一个，或说明哪个部分、哪个物体是哪种颜色。",
            ),
        ),
        "counts": Said(
            ("“{a}” and “{b}” give two different numbers.", "“{a}”与“{b}”数量不一致。"),
            ("Keep one number, or say where each group is.", "只保留一个数量，或说明各在哪里。"),
        ),
    },
    {
        "en": Examples(
            bad=(
                "a red bus in the rain, the bus is green",
                "portrait of a man with black hair, blonde hair, side light",
                "three brass bells, only two bells in the picture",
                "a black cat with white fur on a wool rug",
                "white background, porcelain cup, black background",
                "monochrome photograph of a harbour, vibrant colours",
                "one lantern on a table, four lanterns, dusk",
            ),
            good=(
                "a red cup and a blue cup on linen",
                "a woman with black hair and a man with blonde hair, side light",
                "three brass bells on the left, two bells on the right",
                "a black cat with white paws on a wool rug",
                "a red circle on the left and a blue circle on the right",
                "one lantern on a table, four chairs",
                "red roses, white roses, glass vase",
                "black-and-white photograph of a harbour, only the boat red",
            ),
        ),
        "zh": Examples(
            bad=(
                "雨中的红色公交车，车身是绿色的",
                "黑发男子，金色头发，侧光",
                "三只铜铃，画面中只有两只铜铃",
                "黑猫，白色毛发，羊毛毯",
                "白色背景，瓷杯，黑色背景",
                "黑白照片，港口，色彩鲜艳",
                "红色的蓝色跑车，雨夜",
            ),
            good=(
                "红色的杯子和蓝色的杯子，亚麻布",
                "黑发女子和一位金发男子，侧光",
                "左边三只铜铃，右边两只铜铃",
                "黑猫，白色爪子，羊毛毯",
                "左边一个红色的圆，右边一个蓝色的圆",
                "桌上一盏灯笼，四把椅子",
                "红墙，黄色琉璃瓦，白色石阶",
            ),
        ),
    },
    _find,
)  # fmt: skip
