"""Words by which a colour of an English noun is told, and what is told."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words

WORDS = load_words(__file__, "same_thing")
SETS = {name: frozenset(words) for name, words in WORDS.items()}
"""Word lists of ``words/same_thing.yaml``, as sets."""


class Fact(NamedTuple):
    """Colours of a thing, how it is named, and whether all of it is said to have them."""

    start: int
    end: int
    noun: str
    colours: tuple[str, ...]
    det: str
    owner: str
    selector: str
    plural: bool
    total: bool
    told: bool  # behind the noun


@cache
def everywhere() -> re.Pattern[str]:
    """Return a pattern of what tells of all of a thing behind its colour."""
    return re.compile(rf"(?<![\w-])(?:{'|'.join(WORDS['everywhere'])})")


STOPS = SETS["prepositions"] | SETS["functions"] | SETS["verbs"]
FOLLOWS = STOPS | SETS["hues"]
NO_NOUNS = (
    STOPS | SETS["articles"] | SETS["definite"] | SETS["selectors"] | SETS["totals"]
    | (SETS["modifiers"] - {"coat"}) | SETS["links"]
)  # fmt: skip
