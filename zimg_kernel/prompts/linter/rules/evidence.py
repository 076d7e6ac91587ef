"""Hints at two hours, seasons or kinds of weather of one picture, by tables of what shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import WordLists, load_words

from .lexicon import Hit, Lexicon
from .passage import Passage
from .statement import Statement

_KINDS = ("time", "season", "weather")


class Tables(NamedTuple):
    """Words of one language and what they say, the pairs that exclude each other, and asides."""

    lexicon: Lexicon
    pairs: tuple[tuple[str, str], ...]
    lists: WordLists

    def pattern(self, name: str) -> re.Pattern[str]:
        """Return a pattern for any word of a list."""
        return any_word(self.lists[name], self.lexicon.chinese)


@cache
def any_word(words: tuple[str, ...], chinese: bool) -> re.Pattern[str]:
    """Return a pattern for any of some words, each of which may be a regular expression."""
    alternatives = "|".join(words)
    return re.compile(alternatives if chinese else rf"(?<![\w-])(?:{alternatives})(?![\w-])")


@cache
def _tables(language: str) -> Tables:
    lists = load_words(__file__, f"evidence_{language}")
    pairs = [tuple(p.split("/")) for kind in _KINDS for p in lists[f"{kind}_pairs"]]
    apart = ("aside", "several", "heights", "past", *(f"{kind}_pairs" for kind in _KINDS))
    said = {name: words for name, words in lists.items() if name not in apart}
    return Tables(Lexicon(said, chinese=language == "zh", nested=True), tuple(pairs), lists)  # type: ignore[arg-type]


_PICTURE = re.compile(
    r"\b(?:paintings?|photographs?|photos?|posters?|murals?|prints?|pictures?|frescoe?s?|canvas"
    r"|tapestry|postcards?|screens?|drawings?)\b(?: of)?"
)


def _shown(passage: Passage, hit: Hit) -> bool:
    """Return whether a picture in the picture is told of before words of the same sentence."""
    start = max(passage.sentence(hit.start)[0], hit.start - 110, passage.head)
    return passage.language == "en" and _PICTURE.search(passage.plain, start, hit.start) is not None


def opposed_evidence(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first two words that show two hours, seasons or kinds of weather."""
    tables = _tables(passage.language)
    if tables.pattern("several").search(passage.plain):
        return
    hits: dict[str, list[Hit]] = {}
    aside = tables.pattern("aside")
    past = re.compile("|".join(tables.lists["past"]))
    heights = tables.pattern("heights")
    for hit in tables.lexicon.find(passage.plain):
        beside = passage.beside(hit)
        if "winter" in hit.says and heights.search(beside):
            continue  # snow on a mountain in summer
        start = max(0, hit.start - 14)
        if _shown(passage, hit):
            continue
        plain = "still" in hit.says or not aside.search(beside)  # smooth as a mirror
        if plain and not past.search(passage.plain, start, hit.start):
            for name in hit.says:
                hits.setdefault(name, []).append(hit)
    for one, other in tables.pairs:
        sure = hits.get(one, ()), hits.get(other, ())
        weak = hits.get(f"{one}_weak", ()), hits.get(f"{other}_weak", ())
        for a, b in (*product(*sure), *product(sure[0], weak[1]), *product(weak[0], sure[1])):
            if a.end <= b.start or b.end <= a.start:
                first, second = sorted((a, b))
                yield Statement(first.start, first.end), Statement(second.start, second.end)
                return
