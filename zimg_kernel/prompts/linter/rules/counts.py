"""Numbers of one thing in a prompt that do not agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text, has_han

from .colours import Mention, same_person
from .numbers_zh import NUMBER
from .statement import MOST

_WORDS = load_words(__file__, "contradiction")
_ANYTHING = frozenset(_WORDS["anything"])
LIST = Pattern(r"(?:[^,，。.;]{0,3}(?: and | or |/|、|和|与|及|或|到| to ).{0,12})")
"""Two things of a list."""

_PLACED = _WORDS.pattern(r"\b<standing>\b|[左右上下前后旁里中边外]|在")
_ALONE = _WORDS.pattern(r"\b<alone>\b|<zh_alone>")
_OTHERS = Pattern(r"\b(?:more|other|another|of (?:them|which))\b|另|其中|其余|还有")
_APART = _WORDS.pattern(r"\b<apart>\b|<zh_apart>")
_ZH_ANOTHER_GROUP = Pattern("[上里边旁下中处外前后间侧有是着放摆挂画停见到头端部和与及、]$")
_ZH_AT = Pattern("[靠临挨近另][^，,。]{1,4}$")
_ZH_NUMBER = Pattern(f"^的?{NUMBER}.")
_ZH_ALL = Pattern("[^，,。；]{0,4}?(?:全?都|全部|一起|一同|齐|并排|同时|各自)")


def opposed_counts(text: Text, mentions: Sequence[Mention]) -> Iterator[tuple[Mention, Mention]]:
    """Yield two numbers that cannot both be of one group."""
    ordered = sorted(mentions, key=lambda m: m.start)[:MOST]
    for a, b in combinations(ordered, 2):
        if a.what == b.what or not (_of_one_kind(a, b) or same_person(a, b)):
            continue
        if a.head in _ANYTHING and not (a.only or b.only):
            continue
        between = text.lower[a.end : b.start]
        if LIST.fullmatch(between) or (a.coloured and b.coloured and a.coloured != b.coloured):
            continue
        if not (a.only or b.only) and _unlike(text, a, b):
            continue
        said = text.lower[b.start : b.end].split()
        if b.only and said[0] in ("a", "an") and _APART.search(between):
            continue  # six swans and, far off, a single swan
        if b.det and len(said) > 3 and isinstance(a.what, int) and int(b.what) < a.what:
            continue  # "65 keys, the four arrow keys": a part of them
        first, second = (text.lower[slice(*text.phrase_of(m.start))] for m in (a, b))
        sure = a.only or b.only or any(_ALONE.search(phrase) for phrase in (first, second))
        sure = sure or _same_group(text, a, b)
        if not sure:
            if has_han(b.head) and _ZH_AT.search(text.lower[text.phrase_of(b.start)[0] : b.start]):
                continue  # 靠窗的两个男生
            if _OTHERS.search(second):
                continue
            if b.what == 1 and isinstance(a.what, int) and a.what > 1:
                continue  # "three cups, one cup broken" tells of one among them
            if _placed(first, text, a) and _placed(second, text, b):
                continue
        yield a, b


def _unlike(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether two things differ by what stands before them: 一只黑靠垫, 两只赭石色靠垫."""
    before = [_ZH_NUMBER.sub("", text.lower[m.start : m.end]).removesuffix(m.head) for m in (a, b)]
    return has_han(b.head) and all(before) and before[0] != before[1]


def _of_one_kind(a: Mention, b: Mention) -> bool:
    """Return whether two numbers count the same: 歌手 and 独唱歌手."""
    if a.head == b.head:
        return True
    short, long = sorted((a.head, b.head), key=len)
    return a.only and has_han(short) and len(short) > 1 and long.endswith(short)


def _same_group(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether a second number speaks of the things counted before."""
    start, end = text.phrase_of(b.start)
    before, phrase = text.lower[start : b.start], text.lower[start:end]
    between = text.lower[a.end : b.start]
    if _APART.search(phrase) or (_OTHERS.search(between) and not b.det.startswith("all")):
        return False
    if has_han(text.lower[b.start : b.end]):
        if not before.strip():
            # 三只小猫趴在沙发上，五只小猫都歪着头
            return bool(re.search("[。；\n]", between) or _ZH_ALL.match(text.lower, b.end))
        return not _ZH_ANOTHER_GROUP.search(before)
    definite = b.det != "" or text.lower[b.start : b.end].startswith("both")
    return definite and b.det not in ("his", "her", "its", "their")


def _placed(phrase: str, text: Text, mention: Mention) -> bool:
    head = text.lower[mention.start : mention.end]
    return bool(_PLACED.search(phrase.replace(head, "", 1)))
