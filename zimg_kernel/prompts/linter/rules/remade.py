"""English pictures that are told anew to be made otherwise: a photograph, rendered in felt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .broad import Hit, media_named
from .levels import is_long
from .statement import Statement

_WORDS = load_words(__file__)
_MADE = _WORDS.pattern(r"""
    (?:^|(?<=[.;,:!\n][ ]))(?:
      <labels>(?:[ ]?:|[ ]is|[ ]are)[ ]
    | (?:(?:the|this|all|entire|whole)[ ]){0,3}<pictures>[ ](?:itself[ ])?(?:is|was|are|has[ ]been)
        [ ](?:[\w-]+[ ]){0,2}?
        (?:<ways>[ ](?:[\w-]+[ ])?(?:as|in|from|out[ ]of|of|with|on|by)[ ]|(?:a|an)[ ])
    | <ways>[ ](?:[\w-]+[ ])?(?:as|in|from|out[ ]of)[ ]
    )
  | (?<![\w-])(?:is|are|been|was|were)[ ](?:all[ ])?
    (?:modelled|modeled|rendered|drawn|airbrushed|animated)[ ](?:as|in|from|with)[ ]
""")
_MIXED = _WORDS.pattern(r"(?<![\w-])<mixed>(?![\w-])")
_HEAD, _REACH = 90, 60  # characters that say what a picture is, and in which that is told anew


def remade(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield the medium that a prompt begins with, and another one that it is then given, once."""
    lower = text.lower
    if text.chinese:
        return
    slots = [m for m in _MADE.finditer(lower) if m.start()]
    if not slots:
        return
    media, excluded = media_named(lower)
    for slot in slots:
        stop = lower.find(".", slot.end())
        end = min(len(lower) if stop < 0 else stop, slot.end() + _REACH)
        if _MIXED.search(lower, max(0, slot.start() - 20), end) or _MIXED.search(lower, 0, _HEAD):
            continue
        before = {
            name: first
            for name, hits in media.items()
            if (first := _first(hits, 0, min(_HEAD, slot.start()), sure=True))
        }
        told = {n: b for n, hits in media.items() if (b := _first(hits, slot.end(), end))}
        for (name, b), (other, a) in product(told.items(), before.items()):
            if frozenset((name, other)) in excluded and not before.keys() & told.keys():
                weak = is_long(text)
                yield Statement(*a, weak=weak), Statement(*b, weak=weak)
                return


def _first(
    hits: Iterable[Hit], start: int, end: int, *, sure: bool = False
) -> tuple[int, int] | None:
    """Return the first of some words in a range."""
    found = (h for h in hits if start <= h.start and h.end <= end and not (sure and h.weak))
    return next(((h.start, h.end) for h in found), None)
