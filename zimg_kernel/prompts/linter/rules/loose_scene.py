"""Single words for season, time, weather and place that seldom stand in one picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import compared, in_parts, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_PAIRS = {
    kind: [tuple(pair.split("/")) for pair in _WORDS[f"{kind}_pairs"]] for kind in _WORDS["kinds"]
}
_VALUES = dict.fromkeys(value for pairs in _PAIRS.values() for pair in pairs for value in pair)
_EN = {value: _WORDS.pattern(rf"(?<![\w-])<{value}>(?![\w-])") for value in _VALUES}
_ZH = {value: _WORDS.pattern(f"<zh_{value}>") for value in _VALUES}
_ASIDE = _WORDS.pattern(r"(?<![\w-])<aside>(?![\w-])")
_ZH_ASIDE = _WORDS.pattern("<zh_aside>")
_VIEW, _HEIGHTS = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("view", "season_aside")
)
_ZH_VIEW, _ZH_HEIGHTS = _WORDS.pattern("<zh_view>"), _WORDS.pattern("<zh_season_aside>")
_SEASONS = frozenset(value for pair in _PAIRS["season"] for value in pair)
_PLACES = frozenset(value for pair in _PAIRS["place"] for value in pair)
_FAINT, _ZH_FAINT = _WORDS.pattern("<faint>"), _WORDS.pattern("<zh_faint>")
_SEVERAL = _WORDS.pattern(r"(?<![\w-])<several>(?![\w-])")
_ZH_SEVERAL = _WORDS.pattern("<zh_several>")
_END = Pattern(r"[.!?;](?=\s|$)|[。！？；\n]")
_ZH_END = Pattern(r"[，,。！？；\n]")


def loose_scene(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a pair of words of two seasons, times, kinds of weather or places, once."""
    several = _ZH_SEVERAL if text.chinese else _SEVERAL
    if several.search(text.lower) or in_parts(text):
        return
    patterns = _ZH if text.chinese else _EN
    found: dict[str, list[Statement]] = {}
    for pairs in _PAIRS.values():
        for one, other in pairs:
            for value in (one, other):
                if value not in found:
                    found[value] = [
                        s
                        for hit in patterns[value].finditer(text.lower)
                        if not _aside(text, s := _statement(hit, value), value)
                    ]
                if not found[value]:
                    break
            for a, b in product(found[one], found.get(other, ())):
                if not a.overlaps(b):
                    yield (a, b) if a.start < b.start else (b, a)
                    return


def _statement(hit: re.Match[str], value: str) -> Statement:
    """Return a statement, as a weak one if good prompts have it beside others, too."""
    faint = value in _PLACES or any(p.fullmatch(hit[0]) for p in (_FAINT, _ZH_FAINT))
    return Statement(*hit.span(), weak=faint)


def _aside(text: Text, s: Statement, value: str) -> bool:
    """Return whether the words are on a picture, a view or a comparison."""
    if value in _INNER:
        return not text.chinese and compared(text, s)
    if text.chinese:
        ends, asides = _ZH_END, [_ZH_ASIDE]
        asides += [_ZH_VIEW] * (value not in _WITHIN) + [_ZH_HEIGHTS] * (value in _SEASONS)
        begin = max((m.end() for m in ends.finditer(text.lower, 0, s.start)), default=0)
    else:
        ends, asides = _END, [_ASIDE]
        asides += [_VIEW] * (value not in _WITHIN) + [_HEIGHTS] * (value in _SEASONS)
        begin = sentence_start(text, s.start)
        if compared(text, s):
            return True
    close = ends.search(text.lower, s.end)
    end = close.start() if close else len(text.lower)
    around = text.lower[begin : s.start] + "\n" + text.lower[s.end : end]
    return any(pattern.search(around) for pattern in asides)


_INNER = frozenset(("room", "city"))  # a kitchen with a window is a kitchen
_WITHIN = frozenset(("day", "night", "noon", "dusk"))
