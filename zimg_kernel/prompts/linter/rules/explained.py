"""Two English statements that the prompt itself explains: parts of a group, sides, one accent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .things_named import things_in

_WORDS = load_words(__file__)
for _name, _hues in (("listed", "hue"), ("one_hue", "one_hues"), ("owners", "hue")):
    _any = f"(?:{'|'.join(_WORDS[_hues])})"
    _WORDS[_name] = tuple(word.replace("<hue>", _any) for word in _WORDS[_name])
_VALUES = {word: n for n, word in enumerate(_WORDS["numbers"], 2)} | {"both": 2}
_SIZES = _VALUES | {w: int(n) for w, n in (pair.split("/") for pair in _WORDS["sizes"])}
_ORDINALS = {"third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7}
_NUMBER = _WORDS.pattern(r"(?<![\w-])<numbers>(?=[ ][a-z])(?![ ]of\b)")
_NTH = Pattern(r"\b(?:a|an|the|and a|another) (?P<nth>third|fourth|fifth|sixth|seventh)\b")
_ONE = Pattern(
    r"(?<![\w-])(?:an?|his|her|their|another|one) (?:[a-z-]+ ){0,2}?(?P<who>[a-z]+)(?![\w-])"
)
_SUBSET, _MIXED, _SIDE = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("subsets", "mixed", "sides")
)
_HUE, _OWNERS, _OVER, _WEATHERS = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])")
    for name in ("hue", "owners", "over", "weathers")
)
_LISTED, _ACCENT, _ONE_HUE, _MOON, _LATE, _OLD_SNOW = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])")
    for name in ("listed", "accent", "one_hue", "faint_moon", "late", "old_snow")
)
_OF_OTHER = _WORDS.pattern(
    r"(?<![\w-])(?P<of>[\w-]+)[ ]<behind>[ ](?:(?:the|an?|his|her|its|their)[ ])?$"
)
_PARTS_OF = _WORDS.pattern(r"<parts_of>")
_THEM = Pattern(r"of them|^(?:all|the) \w+$")
_MONO = Pattern(r"black[- ]and[- ]white|monochrom|gr[ae]yscale|b&w|sepia")
_REACH = 14  # characters before a thing in which its side is named


def explained(text: Text, fault: Fault) -> bool:
    """Return whether both statements of a contradiction are true by what else is said."""
    lower = text.lower
    a, b = str(fault.values["a"]).lower(), lower[fault.start : fault.end]
    at = max(0, lower.find(a))
    if fault.message.startswith("counts") or (_said(a) and _said(b)):
        return _of_group(lower, a, at, b, fault)
    hued = fault.message.startswith("both") or (_HUE.search(a) and _HUE.search(b))
    if hued and not _MONO.search(a + b):
        return _of_others(lower, a, at, b, fault.start)
    if _MONO.search(a) or _MONO.search(b):
        return bool(_ACCENT.search(lower) or _ONE_HUE.search(lower))
    if _OVER.search(lower) and _WEATHERS.search(a) and _WEATHERS.search(b):
        return True
    if "stars" in lower or "milky way" in lower:
        return False
    return any(
        any(m.start() < end and start < m.end() for m in pattern.finditer(lower))
        for pattern in (_MOON, _LATE, _OLD_SNOW)
        for start, end in ((at, at + len(a)), (fault.start, fault.end))
    )


def _said(words: str) -> int:
    """Return the number that words say, or 0."""
    return next((_SIZES[w] for w in re.findall("[a-z]+", words) if w in _SIZES), 0)


def _of_group(lower: str, a: str, at: int, b: str, fault: Fault) -> bool:
    """Return whether a later number is that of some of a group, or of it and others."""
    size, said = _said(a), _said(b)
    if not size or not said:
        return False
    if said < size:
        some, of = _SUBSET.search(b), _MIXED.search(a)
        return some is not None and (of is not None or some[0] in ("couple", "pair"))
    start = fault.start
    between = lower[at + len(a) : start]
    if any(_ORDINALS[m["nth"]] == said for m in _NTH.finditer(between)):
        return True
    if not _THEM.search(b) or lower.startswith(" of the", fault.end):
        return False
    others = [m for m in _NUMBER.finditer(lower, 0, start) if not at <= m.start() < at + len(a)]
    if any(_VALUES[m[0]] + size == said for m in others):
        return True
    return said - size <= sum(1 for _ in _singles(between))


def _singles(between: str) -> Iterator[str]:
    """Yield persons and animals that are named one by one."""
    for found in _ONE.finditer(between):
        if any("person" in hit.says for hit in things_in("en", found["who"])):
            yield found["who"]


def _of_others(lower: str, a: str, at: int, b: str, start: int) -> bool:
    """Return whether two colours are those of two things of a name."""
    if _LISTED.search(lower) or len(set(_OWNERS.findall(lower))) > 1:
        return True
    sides = [
        _SIDE.findall(lower[max(0, i - _REACH) : i] + words) for i, words in ((at, a), (start, b))
    ]
    if sides[0] and sides[1] and sides[0][-1] != sides[1][-1]:
        return True
    if (" is " not in b and " are " not in b) or " which " in b or " that " in b:
        return False
    of = _OF_OTHER.search(lower, max(0, start - 40), start)
    return of is not None and not _PARTS_OF.fullmatch(of["of"])
