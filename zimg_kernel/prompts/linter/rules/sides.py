"""Sides of the picture, or of a thing, where one and the same thing cannot both be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import singular
from .scene import in_parts, inner, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_PAIRS = [frozenset(pair.split("/")) for pair in _WORDS["pairs"]]
_SIDES = {
    side: _WORDS.pattern(rf"(?<![\w-])<{side}>(?![\w-])")
    for side in dict.fromkeys(s for pair in _WORDS["pairs"] for s in pair.split("/"))
}
_NOUN = r"(?P<noun>(?:[ ](?!<ends>\b)[a-z][\w'-]*){1,4})"
_SUBJECT = _WORDS.pattern(
    rf"(?<![\w-])(?P<det>the[ ]same|that[ ]same|this[ ]same|the|a|an|that){_NOUN}"
)
_STANDS = _WORDS.pattern(rf"""
    [^.;]{{0,40}}?(?:\b<standing>[ ])?(?:(?P<det>the[ ]same|that[ ]same|the|a|an){_NOUN})
""")
_TWO = _WORDS.pattern(r"(?<![\w-])<two>(?![\w-])")
_SOON = Pattern(r",? ?(?:(?!(?:the|an?|his|her|its|and|with|of|in|on)\b)[\w-]+ ){0,3}")
_OF_THING = _WORDS.pattern(r"(?<=left|ight)[ ](?!(?:<ends>|there|just|quite)\b)[a-z]+(?<!ing)\b")
_OF = Pattern(r" (?:edge|side|corner|end|third|half|part)?(?: of (?:the|a|this|our) [\w-]+)?")


@dataclass(frozen=True)
class _Placed(Statement):
    """A side, the thing that is there, and whether it is named anew."""

    side: str
    thing: str
    fresh: bool
    of: str
    one_of: bool
    same: bool


def opposed_sides(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two sides at which the same thing is said to be, once."""
    if in_parts(text):
        return
    placed = sorted(_placed(text), key=lambda s: s.start)
    for n, b in enumerate(placed):
        for a in placed[:n]:
            if a.thing != b.thing or frozenset((a.side, b.side)) not in _PAIRS or b.fresh:
                continue
            if not b.same and (a.one_of or b.one_of):
                continue
            if a.of != b.of and (a.of and b.of):
                continue
            if a.end <= b.start and not _TWO.search(text.lower, a.end, b.end):
                yield a, b
                return


def _placed(text: Text) -> Iterator[_Placed]:
    for side, pattern in _SIDES.items():
        for found in pattern.finditer(text.lower):
            if inner(text, Statement(*found.span())) or _OF_THING.match(text.lower, found.end()):
                continue  # in the left boat
            begin = sentence_start(text, found.start())
            before = text.lower[begin : found.start()]
            subject = None
            if before.strip(" \n") == "":
                subject = _STANDS.match(text.lower, _past_of(text, found.end()))
            else:
                subject = _last_subject(text, begin, found.start())
            if subject:
                noun = singular(subject["noun"].split()[-1])
                yield _Placed(
                    *found.span(),
                    side,
                    noun,
                    subject["det"] in ("a", "an"),
                    _side_of(text, found.end()),
                    # "the hand on the left" is one of two, "the hand lies on the left" is not.
                    bool(before.strip()) and subject.end() + 1 >= found.start(),
                    "same" in subject["det"],
                )


def _last_subject(text: Text, begin: int, end: int) -> re.Match[str] | None:
    """Return the thing named just before a side."""
    last = None
    for found in _SUBJECT.finditer(text.lower, begin, end):
        if _SOON.fullmatch(text.lower, found.end(), end):
            last = found
    return last


def _side_of(text: Text, end: int) -> str:
    """Return the noun after "left of"."""
    of = _OF.match(text.lower, end)
    return of[0].split()[-1] if of and " of " in of[0] else ""


def _past_of(text: Text, end: int) -> int:
    """Return the end of "of the table" after a side."""
    of = _OF.match(text.lower, end)
    return of.end() if of else end
