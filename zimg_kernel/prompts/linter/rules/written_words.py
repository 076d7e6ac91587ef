"""English text for the picture that is told by how it is written, without a word for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found, graded

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__, "attached"))
_WORDS.update(load_words(__file__))

_CARRIER = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>)(?![\w'-])")
# admit one printed on it, memento mori in blackletter script
_PIVOT = _WORDS.pattern(r"""
    [ ](?:<lettered>|<more_written>|<marked>)[ ](?:twice[ ]|once[ ]|out[ ]|again[ ])?
    (?:(?:on|across|along|over|around|round|down|above|below|beneath|under|
      underneath|inside|into|onto|through)[ ]
      |in[ ](?:[\w-]+[ ]){0,4}?(?:<letters>|<inks>)\b)
  | [ ]in[ ](?:[\w-]+[ ]){0,4}?(?:<letters>)\b
  | [ ](?:readable|legible)[ ](?:on|in|across|along|through)[ ]
  | [ ]in[ ](?:[\w-]+[ ]){0,2}?(?:pen|marker|sharpie|biro|crayon|pencil|felt[ ]
    tip|chalk|lipstick|icing|frosting|foil|spray[ ]paint|glitter|glue|gold[ ]leaf)\b
""")
_OPENER = _WORDS.pattern(
    r".*\b(?:<openers>)[ ](?:just[ ]|only[ ]|simply[ ])?|.*\b(?:<of_writing>)[ ]"
)
_BE = re.compile(" (?:is|are|was|were|has been|have been)$")
_LETTERS = _WORDS.pattern(r"[ ]in[ ](?:[\w-]+[ ]){0,4}?(?:<letters>)\b")
_BY_HAND = re.compile(" (?:written|scrawled|scribbled|lettered|chalked|typed|spelled|inscribed) ")
_LIFE = re.compile(
    r"[A-Z][\w'’]+(?: [A-Z][\w'’]+){0,3},? (?:1[5-9]|20)\d\d ?(?:to|-|–|—) ?(?:1[5-9]|20)\d\d\b"
)
_JOINED = re.compile(r"(?:and|then|while|plus) ")
_DRAWN = _WORDS.pattern(r"(?:<drawn>|<unwritten>)(?![\w'-])")
_LAST_DRAWN = _WORDS.pattern(r"(?:^|.*[ -])(?:<drawn>|<unwritten>|[a-z]+(?<![su'])s|[a-z]+ing)$")
_NOTICE = _WORDS.pattern(r"""
    (?<![\w-])(?<!the[ ])(?<!an[ ])(?<![ ]a[ ])(?<!his[ ])(?<!her[ ])(?<!their[ ])(?<!its[ ])
    (?P<text>(?:<notices>)(?![\w'-])[^,.;:\n\ue000]{0,40})
  | (?<=[,:][ ])(?P<alone>(?:<weak_notices>)(?![\w'-])(?:[ ][\w'-]+)?)
    (?=[,.;\n]|$|[ ](?:on|in|above|across|over|under|underneath|below|at|
      <lettered>|<more_written>)[ ])
  | (?<=[ ]with[ ])(?P<lit>(?:<weak_notices>)(?![\w'-]))(?=[ ](?:on|across|over|
    <lettered>|<more_written>)[ ])
""")


def written_words(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.latin:
        return
    lower = text.lower
    for pivot in _PIVOT.finditer(lower):
        yield from _before(text, pivot)
    for found in _LIFE.finditer(text.plain):
        yield *found.span(), "hint"
    for found in _NOTICE.finditer(lower):
        start, end = _sentence(text, found.start())
        if _CARRIER.search(lower, max(0, start - 1), end):
            yield *found.span(found.lastgroup or 0), "hint"


def _before(text: Text, pivot: re.Match[str]) -> Iterator[Found]:
    """Yield what stands before the word that tells how it is written."""
    at = pivot.start()
    begin = max(text.plain.rfind(mark, 0, at) for mark in ",.;:\n") + 1
    segment = _BE.sub("", text.lower[begin:at])
    at = begin + len(segment)
    if HIDDEN in text.plain[begin : at + 60].split(".")[0]:
        return
    opener = _OPENER.match(segment)
    first = not text.plain[:begin].strip() or text.plain[begin - 1] != ","
    if opener:
        start = begin + opener.end()
    else:
        start = begin + len(segment) - len(segment.lstrip())
        if joined := _JOINED.match(text.lower, start):
            start = joined.end()
    words = text.plain[start:at]
    count = words.count(" ") + 1
    if not words or count > 9 or _DRAWN.match(words.lower()):
        return
    if not opener and first:
        return
    names = "caps title exact phrase talk first opening code figure"
    letters = _LETTERS.match(pivot[0]) is not None
    if letters or not _LAST_DRAWN.match(words.lower()):
        names += " plain single" + (" bare weak" if opener or _BY_HAND.match(pivot[0]) else "")
    yield from graded(text, start, sure="", maybe=names)


def _sentence(text: Text, at: int) -> tuple[int, int]:
    """Return the range of the sentence around a position."""
    start = max(text.plain.rfind(mark, 0, at) for mark in (". ", "\n", "; ")) + 1
    ends = [end for mark in (". ", "\n", "; ") if (end := text.plain.find(mark, at)) >= 0]
    return start, min(ends, default=len(text.plain))
