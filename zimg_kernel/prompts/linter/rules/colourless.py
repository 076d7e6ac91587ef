"""English pictures that are told to have no colours, in whatever words, and a colour in them."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .evidence_coloured import colours_in
from .levels import is_long
from .passage import Passage
from .scene import in_parts, inner
from .statement import Statement

_WORDS = load_words(__file__)
_NEUTRAL = _WORDS.pattern(r"""
    (?<![\w-])(?:
      <palettes>(?:[ ](?:is|are)|:)[ ](?:(?:only|purely|strictly|pure|restricted[ ]to|just)[ ])*
        (?:<neutral>|<labelled>)
    | <pictures>[ ](?:itself[ ])?(?:<tells>)(?:[ ][\w-]+){0,5}?[ ]<neutral>
    | <done>(?:[ ][\w-]+){0,2}?[ ](?:in|as|to|of)(?:[ ][\w-]+){0,2}?[ ]<neutral>
    | <neutral>(?:[ ](?:are|is)[ ]all|[ ]<all_over>)
    | (?:all|every)[ ](?:tones?|shades?|parts?)[ ](?:[\w-]+[ ]){0,4}?<neutral>
    | <bare>
    )(?![\w-])
""")
_ACCENT, _SPARED, _HUE = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("accent", "spared", "hues")
)
_HUES = frozenset(("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink"))
_NEAR = 50  # characters beside a colour in which it is said to be the only one


def coloured_all_the_same(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield the words for a picture without colours, and the first colour in it."""
    if text.chinese or in_parts(text):
        return
    mono = next(
        (s for m in _NEUTRAL.finditer(text.lower) if not inner(text, s := Statement(*m.span()))),
        None,
    )
    if mono is None or _SPARED.search(text.lower):
        return
    hues = [Statement(m.start(), m.end()) for m in _HUE.finditer(text.lower)]
    hues += [Statement(h.start, h.end) for h in colours_in(Passage(text)) if _HUES & {h.says[0]}]
    for hue in sorted(hues, key=lambda s: s.start):
        near = text.lower[max(0, hue.start - _NEAR) : hue.end + _NEAR]
        if hue.overlaps(mono) or _ACCENT.search(near):
            continue
        first, second = sorted((mono, hue), key=lambda s: s.start)
        weak = is_long(text)
        yield (
            Statement(first.start, first.end, weak=weak),
            Statement(second.start, second.end, weak=weak),
        )
        return
