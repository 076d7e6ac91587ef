"""Hints at an English place that is told anew: "the whole scene is set on ..."."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import in_parts
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS["names"] = tuple(entry.split("/")[0] for entry in _WORDS["regions"])
_PLACE = r"(?:in|on|at|inside|under|upon|across|aboard|amid|atop|among|within|beneath|above|over)"
_ANEW = _WORDS.pattern(rf"""
    (?<=[.!?;,][ ])(?:and[ ]|but[ ])?(?:(?:the[ ]|this[ ])?<wholes>|all[ ](?:of[ ])?<them>)
    (?:[ ](?!(?:in|with)[ ]the[ ]style)[\w'-]+){{0,4}}?[ ]
    (?:<set>)(?:[ ](?:far|deep|high|out|down|up|right|alone|<openly>))?[ ]{_PLACE}[ ]
    (?:the|an?|top|bottom)[ ](?!<pictorial>\b)(?P<place>[\w'-]+(?:[ ][\w'-]+){{0,2}})
  | (?:on[ ](?:every|all)[ ]sides?|all[ ]around)(?:[ ](?:of[ ])?(?:it|them|him|her))?[ ]
    (?:stretch(?:es)?|lies?|rises?|grows?|stands?|spreads?|closes?)[ ](?:in[ ])?
    (?P<around>[\w'-]+(?:[ ][\w'-]+){{0,3}})
  | (?<![\w-])(?:all[ ])?around[ ](?:him|her|them|it|(?:his|her|the|their)[ ][\w-]+),?[ ]the[ ]
    (?P<ring>[\w'-]+(?:[ ][\w'-]+){{0,3}}?)[ ](?:where|in[ ]which)[ ](?:he|she|they|it)
""")
_NAMED = _WORDS.pattern(
    r"(?<![\w-])(?:in|of|near|at|outside|above|over|from)[ ](?:[a-z-]+[ ]){0,2}?(?P<name><names>)"
    r"(?![\w-])"
)
_LOCATED = _WORDS.pattern(
    r"(?<![\w-])(?:in|inside|on|at|aboard|along)[ ](?:the|an?)[ ](?:[\w'-]+[ ]){0,2}?[\w'-]+"
)


@cache
def _regions() -> dict[str, str]:
    return dict(entry.split("/") for entry in _WORDS["regions"])


def relocated(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a place and the other one that the whole scene is then said to be in, once."""
    lower = text.lower
    if in_parts(text):
        return
    for found in _ANEW.finditer(lower):
        first = _LOCATED.search(lower, 0, found.start())
        if first and "." in lower[first.end() : found.start() + 1]:
            yield Statement(*first.span()), Statement(*found.span())
            return
    named = [(_regions()[found["name"]], found.span("name")) for found in _NAMED.finditer(lower)]
    for region, span in named[1:]:
        if region != named[0][0] and "." in lower[named[0][1][1] : span[0]]:
            yield Statement(*named[0][1]), Statement(*span)
            return
