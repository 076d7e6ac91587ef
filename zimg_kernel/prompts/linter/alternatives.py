"""Alternatives of a regular expression, those that begin alike tried together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from .pattern_heads import split_alternatives

_LETTER = re.compile(r"[^\W_](?![?*+{])|[ ](?![?*+{])")


def by_beginning(words: Sequence[str]) -> str:
    """Return a regular expression that matches as ``|`` between the words does.

    Python's ``re`` tries one alternative after the other; of those that begin with different
    letters at most one fits, so that their order is free.
    """
    return "|".join(_grouped([part for word in words for part in split_alternatives(word)]))


def _grouped(words: list[str]) -> Iterator[str]:
    for literal, run in groupby(words, key=lambda word: bool(_LETTER.match(word))):
        if not literal:
            yield from run
            continue
        by_letter: dict[str, list[str]] = {}
        for word in run:
            by_letter.setdefault(word[0], []).append(word[1:])
        for letter, rests in by_letter.items():
            if len(rests) == 1:
                yield letter + rests[0]
            else:
                yield f"{letter}(?:{'|'.join(_grouped(rests))})"
