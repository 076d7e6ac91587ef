"""What makes all contradictions of a prompt doubtful: its length, parts of a whole, mirrors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .levels import hint, is_long
from .numbers_zh import NUMBER, number_of

_WORDS = load_words(__file__)
# 三只橘猫，两只黑猫
_PARTS = _WORDS.pattern(r"""
    <numbers>(?P<unit><units>)[^，,、。；]{0,9}[，,、和与]\s*<numbers>(?P=unit)
  | <numbers><units>[^，,、。；]{1,9}[，,、]\s*(?:其中|剩下|余下|其余|另外?)<numbers>
""")
# 小狗穿着红色毛衣，主人穿着绿色毛衣
_WEARERS = _WORDS.pattern(r"""
    (?:^|[，,。；])[^，,。；]{0,4}(?P<who>[\u4e00-\u9fff]{2})(?:身|头|脚)?[穿戴围][^，,。；]{1,9}[，,；]
    (?!他|她|它|这|那)(?![^，,。；]{0,4}(?P=who))[^，,。；]{1,5}(?:身|头|脚)?[穿戴围]
""")
_TWO = _WORDS.pattern(r"她[们]?的.*(?<!其)他[们]?的|(?<!其)他[们]?的.*她[们]?的")
_SHOWN = _WORDS.pattern("<mirrors>|<two_tone>|<framed>|<warm>|(?:<pictures>)<beside>")
_FRAMED = _WORDS.pattern("<framed>|(?:<pictures>)<beside>")
_ELSEWHERE = _WORDS.pattern("<elsewhere>")
_DAY_MOON = Pattern(
    "[淡白浅残弯][^，。；]{0,6}月|月亮?[^，。；]{0,6}(?:还|仍|没落|未落|淡)|还挂[^，。；]{0,6}月"
)
_COUNTED = _WORDS.pattern(f"(?P<number>{NUMBER})(?P<unit><units>)")
_A_COUNT = _WORDS.pattern(f"{NUMBER}(?:<units>)")


def weighed(text: Text, fault: Fault) -> Fault | None:
    """Return a contradiction, as a hint where it is in doubt, and None where numbers add up."""
    counts = fault.message.startswith("counts") or bool(_A_COUNT.match(text.plain, fault.start))
    if text.chinese and counts and _adds_up(text):
        return None
    if fault.severity == "hint":
        return fault
    firm = fault.severity == "warning"
    return hint(fault) if _doubtful(text, firm=firm, counts=counts) else fault


def told_once(found: Sequence[Fault]) -> Iterator[Fault]:
    """Yield contradictions but for hints at words that a warning is on, too."""
    surely = [fault for fault in found if fault.severity != "hint"]
    for fault in found:
        told = any(fault.start < s.end and s.start < fault.end for s in surely)
        if fault.severity != "hint" or not told:
            yield fault


def _doubtful(text: Text, *, firm: bool, counts: bool) -> bool:
    """Return whether two opposed statements of a prompt may be of two things.

    A long description has many things; a Chinese one may tell the parts of a group, or show a
    thing a second time in a mirror or a painting. Firm statements are doubted where there is a
    picture in the picture alone.
    """
    if firm:
        return not counts and _FRAMED.search(text.plain) is not None
    if is_long(text):
        return True
    patterns = (_PARTS, _WEARERS, _TWO, _SHOWN) if text.chinese else ()
    return any(pattern.search(text.plain) for pattern in patterns)


def shown_twice(text: Text) -> bool:
    """Return whether a Chinese prompt has mirrors, pictures, fires, a moon by day or two places."""
    return any(p.search(text.plain) for p in (_SHOWN, _DAY_MOON, _ELSEWHERE))


def _adds_up(text: Text) -> bool:
    """Return whether parts add up to a number before them: 五只猫，三只橘猫，两只黑猫."""
    numbers: dict[str, list[int]] = {}
    for found in _COUNTED.finditer(text.plain):
        numbers.setdefault(found["unit"], []).append(number_of(found["number"]))
    return any(
        whole == max(row) and whole in list(accumulate(row[at + 1 :]))[1:]
        for row in numbers.values()
        for at, whole in enumerate(row)
    )
