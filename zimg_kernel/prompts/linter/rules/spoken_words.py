"""English text for the picture in small letters, by what stands before it and that it speaks."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__, "attached"))
_WORDS.update(load_words(__file__, "written_words"))
_WORDS.update(load_words(__file__, "placed_words"))
_WORDS.update(load_words(__file__, "capital_words"))
_WORDS.update(load_words(__file__))

_REST = r"[^,.;:\n\ue000]{2,60}"
_PATTERNS = (
    # on its palm in felt pen this one's for grandad
    _WORDS.pattern(rf"""
        \bin[ ](?:[\w-]+[ ]){{0,3}}?(?:<letters>|<pens>)[ ]
        (?P<text>(?!(?:<goes_on>|<letters>|<pens>|<inks>)(?![\w'’-]))[a-z0-9]{_REST})
    """),
    _WORDS.pattern(rf"""
        \bin[ ](?:[\w-]+[ ]){{0,3}}?(?:<inks>)[ ](?P<text>(?:<said_first>)[ ]{_REST})
    """),
    # beside it sorry about the car
    _WORDS.pattern(rf"""
        (?<![\w-])(?:on|beside|beneath|below|under|underneath|above|across|inside|over|round|around)
        [ ](?:it|them)[ ](?P<text>(?:<said_first>)[ ]{_REST})
    """),
    # letters arranged as gone to gran's; pencilled beside it: ring Maud after six
    _WORDS.pattern(rf"""
        \b(?:<things_laid>)\b[^.;:\n\ue000]{{0,50}}?[ ]
        (?:arranged|laid[ ]out|set[ ]out|placed|lined[ ]up|spread)
        [ ](?:as|into|to[ ](?:say|spell|read|make|form))[ ]
        (?P<text>(?:<said_first>|<orders>|<first_words>)[ ]{_REST})
      | (?<![\w-])(?:<lettered>|<more_written>|<marked>|card|note|slip|scrap|tape|notice)(?![\w-])
        [^.;:\n\ue000]{{0,40}}:[ ](?P<order>(?:<said_first>|<orders>)[ ]{_REST})
    """),
    # a fingertip has left call your sister
    _WORDS.pattern(rf"""
        (?<![\w-])(?:has|have|had)[ ](?:just[ ]|already[ ])?
        (?:left|put|added|<lettered>|<more_written>|<marked>)[ ]
        (?P<text>(?!(?:<goes_on>|<said_too>)(?![\w-]))(?:<said_first>|<orders>)[ ]{_REST})
    """),
)
_BORNE = _WORDS.pattern(
    r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>|<bearers>|<lettered>|<letters>)(?![\w'-])"
)
# stickers everywhere, the largest with don't feed my robot
_MINE = _WORDS.pattern(r"""
    (?:,[ ]|[ ](?:with|of|as|is|are|a|the|and)[ ])
    (?P<text>(?:(?:<orders>|<said_first>|<more_first>)[ ])(?:[\w'’-]+[ ]){0,4}?
      (?:your|my|me|our|us|you)(?![\w-])(?:[ ][^,.;:\n\ue000]{0,40})?)
""")
_ASKED = _WORDS.pattern(
    r"\b(?:please|i want|i need|i'd like|can you|could you|make it|give me|show me)\b"
)
_BEFORE = 90  # characters before words in which what bears them is named


def spoken_words(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.latin or text.chinese:
        return
    lower = text.lower
    for pattern in _PATTERNS:
        for found in pattern.finditer(lower):
            if HIDDEN not in lower[max(0, found.start() - 20) : found.end() + 12]:
                yield *found.span(found.lastgroup or 0), "hint"
    if _ASKED.search(lower):
        return
    for found in _MINE.finditer(lower):
        start = max(0, found.start() - _BEFORE, lower.rfind(". ", 0, found.start()))
        if HIDDEN not in lower[start : found.end() + 12] and _BORNE.search(
            lower, start, found.start() + 1
        ):
            yield *found.span("text"), "hint"
