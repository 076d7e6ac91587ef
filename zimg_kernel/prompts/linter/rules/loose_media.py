"""Words for two media, or for a picture without colours and a colour, anywhere in a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .media_things import of_thing_shown
from .scene import compared, in_parts, sentence_start
from .statement import Statement, weakly

_WORDS = load_words(__file__)
_PAIRS = [tuple(pair.split("/")) for pair in _WORDS["pairs"]]
_ZH_PAIRS = [*_PAIRS, *(tuple(pair.split("/")) for pair in _WORDS["zh_pairs"])]
_NAMES = dict.fromkeys(name for pair in _PAIRS for name in pair)
_EN = {name: _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in _NAMES}
_ZH = {
    name: _WORDS.pattern(f"<zh_{name}>")
    for name in dict.fromkeys(name for pair in _ZH_PAIRS for name in pair)
}
_ASIDE, _MIXED = (_WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("aside", "mixed"))
_ZH_ASIDE, _ZH_MIXED = _WORDS.pattern("<zh_aside>"), _WORDS.pattern("<zh_mixed>")
_COMMA = Pattern("[，,]")
_END = Pattern(r"[.!?;](?=\s|$)|[。！？；\n]")


def loose_media(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield words for two media of which a picture has one, once."""
    mixed = _ZH_MIXED if text.chinese else _MIXED
    if in_parts(text) or mixed.search(text.lower):
        return
    patterns = _ZH if text.chinese else _EN
    found: dict[str, list[Statement]] = {}
    for one, other in _ZH_PAIRS if text.chinese else _PAIRS:
        for name in (one, other):
            if name not in found:
                found[name] = [
                    s
                    for hit in patterns[name].finditer(text.lower)
                    if not _aside(text, s := Statement(*hit.span()))
                ]
            if not found[name]:
                break
        for a, b in product(found[one], found.get(other, ())):
            if a.overlaps(b):
                continue
            pair = (a, b) if a.start < b.start else (b, a)
            between = text.lower[pair[0].end : pair[1].start]
            if text.chinese and len(between) < 2:
                continue  # 动漫厚涂
            near = text.chinese and not _COMMA.search(between)
            yield from weakly([pair]) if near or (one, other) not in _PAIRS else [pair]
            return


def _aside(text: Text, s: Statement) -> bool:
    """Return whether the words are on a picture in the picture, or a comparison."""
    begin = sentence_start(text, s.start)
    close = _END.search(text.lower, s.end)
    end = close.start() if close else len(text.lower)
    if text.chinese and begin == 0:  # what the picture is, before what is in it
        comma = _COMMA.search(text.lower)
        if comma and comma.start() >= s.end:
            end = min(end, comma.start())
    around = text.lower[begin : s.start] + "\n" + text.lower[s.end : end]
    if text.chinese:
        return _ZH_ASIDE.search(around) is not None
    shown = of_thing_shown(text.lower, s.start, s.end)
    return bool(compared(text, s) or shown or _ASIDE.search(around))
