"""What makes all contradictions of a prompt doubtful: its length, parts of a whole, mirrors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .aside_zh import holds_aside
from .explained import explained
from .levels import hint, is_long
from .numbers_zh import NUMBER, number_of
from .scene import in_parts, sentence_start

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
_PICTURED, _STRANGE = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("pictured", "strange_light")
)
_HUNG = Pattern(
    r"\b(?:in an? (?:\w+ )?frame|hangs?|hung|pinned|framed|on (?:the|a|his|her) (?:\w+ )?(?:wall"
    r"|screen|poster|easel|monitor|television|phone)"
    r"|(?:painting|photo|picture|poster|mural)s? of)\b"
)
_AFTER = _WORDS.pattern(r"(?<![\w-])<pictured_after>(?![\w-])")
_HEAD = 30  # characters in which an English prompt says what kind of picture it is
_COUNTED = _WORDS.pattern(f"(?P<number>{NUMBER})(?P<unit><units>)")
_A_COUNT = _WORDS.pattern(f"{NUMBER}(?:<units>)")


def weighed(text: Text, fault: Fault) -> Fault | None:
    """Return a contradiction, as a hint where it is in doubt, and None where numbers add up."""
    counts = fault.message.startswith("counts") or bool(_A_COUNT.match(text.plain, fault.start))
    if text.chinese and counts and _adds_up(text.plain):
        return None
    if not text.chinese and explained(text, fault):
        return None
    if fault.severity == "hint":
        return fault
    doubtful = holds_aside(text, fault) or _doubtful(text, fault, counts=counts)
    return hint(fault) if doubtful else fault


def told_once(found: Sequence[Fault]) -> Iterator[Fault]:
    """Yield contradictions but for hints at words that a warning is on, too."""
    surely = [fault for fault in found if fault.severity != "hint"]
    for fault in found:
        told = any(fault.start < s.end and s.start < fault.end for s in surely)
        if fault.severity != "hint" or not told:
            yield fault


def _doubtful(text: Text, fault: Fault, *, counts: bool) -> bool:
    """Return whether two opposed statements of a prompt may be of two things.

    A Chinese prompt may tell the parts of a group, or show a thing a second time in a mirror or a
    painting, and a long one has many things. Its firm statements are doubted where there is a
    picture in the picture alone. In an English one a picture may hang in the picture.
    """
    if not text.chinese:
        return fault.message.startswith("scene") and _within(text, fault)
    if fault.severity == "warning":
        return not counts and _FRAMED.search(text.plain) is not None
    patterns = (_PARTS, _WEARERS, _TWO, _SHOWN)
    return is_long(text) or any(pattern.search(text.plain) for pattern in patterns)


def _within(text: Text, fault: Fault) -> bool:
    """Return whether one of two statements may be on a picture, a screen or a stage."""
    if _STRANGE.search(text.lower):
        return True
    if not is_long(text):
        begin = sentence_start(text, fault.start)
        return _HUNG.search(text.lower, max(_HEAD, begin), fault.end) is not None
    first = text.prompt.find(str(fault.values["a"]))
    for at, end in ((first, first + len(str(fault.values["a"]))), (fault.start, fault.end)):
        begin = sentence_start(text, max(at, 0))
        if _PICTURED.search(text.lower, max(_HEAD, begin), end) or _AFTER.search(
            text.lower, end, end + 25
        ):
            return True
    return in_parts(text)


def shown_twice(text: Text) -> bool:
    """Return whether a Chinese prompt has mirrors, pictures, fires, a moon by day or two places."""
    return any(p.search(text.plain) for p in (_SHOWN, _DAY_MOON, _ELSEWHERE))


@lru_cache(maxsize=1)
def _adds_up(plain: str) -> bool:
    """Return whether parts add up to a number before them: 五只猫，三只橘猫，两只黑猫."""
    numbers: dict[str, list[int]] = {}
    for found in _COUNTED.finditer(plain):
        numbers.setdefault(found["unit"], []).append(number_of(found["number"]))
    return any(
        whole == max(row) and whole in list(accumulate(row[at + 1 :]))[1:]
        for row in numbers.values()
        for at, whole in enumerate(row)
    )
