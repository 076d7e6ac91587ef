"""Media that a prompt names for the whole picture, such as a photograph and an oil painting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import around, in_parts, sentence_mark, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_EXCLUSIVE = [tuple(pair.split("/")) for pair in _WORDS["exclusive"]]
_FRAMES, _MIXED = _WORDS.pattern(r"(?<![\w-])<frames>"), _WORDS.pattern(r"(?<![\w-])<mixed>")


_NAMES = dict.fromkeys(value for pair in _EXCLUSIVE for value in pair)
for _name in _NAMES:
    _WORDS[_name] = tuple(sorted(_WORDS[_name], key=len, reverse=True))
_WORD = {name: _WORDS.pattern(rf"(?<![\w-])<{name}>") for name in _NAMES}
# How a medium is named for the whole picture.
_MEDIA = {
    name: _WORDS.pattern(rf"""
        (?:^|(?<=[.,;:!?\n][ ])|(?<=\n))(?:(?:an?|the|this)[ ])?(?:is[ ])?(?:<adjectives>,?[ ])*
          (?P<a><{name}>)
          (?=[ ](?:of|on|taken|from|showing|depicting|style|portrait|portraying|in|with|featuring
            |capturing|shows|depicts|scene|taken|shot)\b|[,.;:\n]|$)
      | ^(?:an?[ ])?(?P<d>(?!pencil|charcoal|photo|oils|cartoon|manga|mosaic|ink|quilt|tapestry)
          <{name}>)
          (?=[ ][a-z])(?![ ](?:artist|painter|set|class|box|pad|teacher|kit|lesson|brush)\b)
      | (?<!\bwith[ ])(?<!\bwith[ ]a[ ])(?<![\w-])(?P<b><{name}>)[ -]
        (?:style|aesthetic|technique|look|brush[ ]?strokes|finish|texture)\b
      | (?<![\w-])<ways>[ ](?:(?:an?|the|pure|thick|loose)[ ])*(?:<adjectives>,?[ ])*
        (?P<c><{name}>)(?![\w-])
    """)
    for name in _NAMES
}


def opposed_styles(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two media that the whole picture cannot both be in."""
    found = {name: list(whole_picture(text, name)) for name in _MEDIA}
    for one, other in _EXCLUSIVE:
        for a in found[one]:
            for b in found[other]:
                first, second = (a, b) if a.start <= b.start else (b, a)
                if second.start < first.end:
                    continue
                if not in_parts(text) and not any(
                    _MIXED.search(text.lower, *place) for place in around(text, first, second, 40)
                ):
                    yield first, second
                    return


def whole_picture(text: Text, name: str) -> Iterator[Statement]:
    """Yield where a medium is named for the whole picture."""
    if not _WORD[name].search(text.lower):
        return
    for found in _MEDIA[name].finditer(text.lower):
        start, end = next(found.span(group) for group in "abcd" if found.groupdict().get(group))
        if not of_thing(text, start, end):
            yield Statement(start, end)


def of_thing(text: Text, start: int, end: int) -> bool:
    """Return whether the medium is that of a thing in the picture."""
    mark = text.lower[start - 1 : start] in tuple(".!?")
    begin = start if mark else sentence_start(text, start)
    close = sentence_mark(text, end)
    close_at = len(text.lower) if close is None else close
    clause = re.split(r"[,，]", text.lower[begin:start])[-1]
    after = re.split(r"[,，]", text.lower[end:close_at])[0]
    return bool(_FRAMES.search(clause) or (start - begin > 30 and _FRAMES.search(after[:25])))
