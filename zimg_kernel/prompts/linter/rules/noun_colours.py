"""Colours that an English prompt gives to the things that it names by the same word twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from .colour_tables import ColourTables, colour_of, known_as, tables
from .lexicon import stem
from .noun_words import FOLLOWS, NO_NOUNS, SETS, STOPS, WORDS, Fact, everywhere

_ALIAS = dict(entry.split("/") for entry in WORDS["alias"])
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|'s?(?![a-z])|[,.;:!?\n]")
_NO_NOUN = re.compile(
    r"ly$|(?<!^b)(?<!^sh)(?<!^sl)[^e]ed$|^(?!wing|ring|king|string|building|swing)\w+ing$"
)
_ENDS = frozenset(".;!?\n")
_HAIRED = {
    "blond": "gold", "blonde": "gold", "brunette": "brown", "redhead": "red", "redheaded": "red",
    "red": "red", "black": "black", "dark": "black", "white": "white", "fair": "gold",
    "grey": "grey", "silver": "grey", "brown": "brown", "raven": "black", "ginger": "orange",
    "golden": "gold",
}  # fmt: skip
_TRAILING = SETS["painted"] | {"fully", "entirely", "completely", "wholly", "solid", "all"}
_LEFT, _MODIFIERS = 6, 9  # words looked at before a thing, and between it and its colour
_UNKNOWN = 2  # words of no list that may be among them
_APPOSED = 8  # words between two commas behind a thing
_SUBJECT = 7  # words at the beginning of a sentence in which its subject is named
_REACH = 60  # characters behind a colour in which all of a thing may be spoken of


class _Token(NamedTuple):
    word: str
    start: int
    end: int


class _Before(NamedTuple):
    """What stands before a noun."""

    begin: int
    det: str
    owner: str
    selector: str
    colours: tuple[str, ...]
    total: bool


class ColouredNouns:
    """Words of a prompt, and the colours that they give to things.

    Attributes
    ----------
    fresh : Counter
        How often a thing of each name is brought in anew, as "a boat" is.
    """

    def __init__(self, lower: str) -> None:
        self.lower = lower
        self.known: ColourTables = tables()
        self.tokens = [_Token(m[0], *m.span()) for m in _TOKEN.finditer(lower)]
        self.words = [token.word for token in self.tokens]
        self.colours = [
            "tabby" if word == "tabby" else colour_of(word, self.known) for word in self.words
        ]
        self.nouns = [self._noun(at) for at in range(len(self.words))]
        tally = Counter(self.nouns)
        heads = any(word in SETS["heads"] for word in self.words)
        self.repeated = {noun for noun, n in tally.items() if noun and n > 1}
        self.repeated |= {"hair"} if heads and "hair" in tally else set()
        self.fresh: Counter[str] = Counter()

    def facts(self) -> Iterator[Fact]:
        """Yield the colours of all things that are named twice."""
        if not any(self.colours):
            return
        for at, noun in enumerate(self.nouns):
            word = self.words[at]
            if noun in self.repeated or (noun and self.words[at + 1 : at + 2] == ["painted"]):
                yield from self._of(at, noun)
            elif word in _TRAILING and at and self.words[at - 1] == ",":
                yield from self._of_subject(at)
            if word in SETS["heads"] and "hair" in self.repeated:
                yield from self._of_head(at)

    def _noun(self, at: int) -> str:
        word = self.words[at]
        if word in SETS["flowers"] and self._is_flower(at):
            self.colours[at] = ""
        if len(word) < 3 or self.colours[at] or word in NO_NOUNS or _NO_NOUN.search(word):
            return ""
        name = stem(word.rpartition("-")[2])
        name = _ALIAS.get(name, name)
        return "" if name in SETS["no_things"] else name

    def _is_flower(self, at: int) -> bool:
        """Return whether a word is no colour but a thing: every rose, white roses."""
        before = self.words[at - 1] if at else ""
        after = self.words[at + 1] if at + 1 < len(self.words) else "."
        named = before in SETS["definite"] or before in SETS["articles"]
        named = named or bool(before and self.colours[at - 1]) or self.words[at].endswith("s")
        return named and (not after[0].isalpha() or after in FOLLOWS)

    def _of(self, at: int, noun: str) -> Iterator[Fact]:
        before, head = self._before(at), self._is_head(at)
        if head and before.det in SETS["articles"]:
            if self.words[max(0, before.begin - 1)] in SETS["verbs"]:
                before = before._replace(det="that")  # the animal is a white cat
            else:
                self.fresh[noun] += 1
        start, end = self.tokens[before.begin].start, self.tokens[at].end
        if before.colours and head:
            total = before.total or self._everywhere(at + 1, at)
            yield from self._facts(start, end, at, before, before.colours, total, False)
        begin = before.begin
        of = begin > 1 and self.words[begin - 1] == "of"
        label = of and self.words[begin - 2] in SETS["hues"]
        if found := self._after(at, label):
            last, colours, told = found
            whole = told or before.total or self._everywhere(at + 1, last)
            end = self.tokens[last].end
            yield from self._facts(start, end, at, before, colours, whole, True)

    def _facts(
        self, start: int, end: int, at: int, before: _Before,
        colours: tuple[str, ...], total: bool, told: bool,
    ) -> Iterator[Fact]:  # fmt: skip
        word, noun, owner = self.words[at], self.nouns[at], before.owner
        plural = word.endswith("s") and not word.endswith("ss") and noun != "hair"
        colours = tuple(dict.fromkeys(colours))
        det, selector = before.det, before.selector
        yield Fact(start, end, noun, colours, det, owner, selector, plural, total, told)
        if owner in self.repeated and word in SETS["wholes"] and total:
            yield Fact(start, end, owner, colours, det, "", selector, False, total, told)

    def _of_subject(self, at: int) -> Iterator[Fact]:
        """Yield the colour of a sentence's subject: a van stands there, painted yellow all over."""
        found = self._after(at - 1, False)
        begin = max((i + 1 for i in range(at) if self.words[i] in _ENDS), default=0)
        for i in range(begin, min(at, begin + _SUBJECT)):
            if self.words[i] == "," or self.words[i] in SETS["prepositions"]:
                return
            if found and self.nouns[i] in self.repeated and self._is_head(i):
                last, colours, total = found
                before = self._before(i)
                end = self.tokens[last].end
                total = total or self._everywhere(at, last)
                yield from self._facts(self.tokens[at].start, end, i, before, colours, total, True)
                return

    def _of_head(self, at: int) -> Iterator[Fact]:
        """Yield the colour of hair that is told by a name of its bearer: a blonde archer."""
        word, following = self.words[at], self.nouns[at + 1 : at + 3]
        if "hair" not in following:
            colour = _HAIRED[word.partition("-")[0]]
            start, end = self.tokens[at].start, self.tokens[at].end
            yield Fact(start, end, "hair", (colour,), "a", "", "", False, False, True)

    def _is_head(self, at: int) -> bool:
        """Return whether a noun is not a part of another one: a boat shed."""
        if at + 1 >= len(self.words):
            return True
        word = self.words[at + 1]
        if not word[0].isalpha() or word in FOLLOWS or self.colours[at + 1]:
            return True
        if word.endswith(("ed", "ing", "ly")):
            return True
        return word.endswith("s") and known_as(word, self.known.things) is None

    def _before(self, at: int) -> _Before:
        """Return where a noun phrase begins, what points at it, and the colours before the noun."""
        colours: list[str] = []
        selector, total, begin, det, owner = "", False, at, "", ""
        for i in range(at - 1, max(-1, at - 1 - _LEFT), -1):
            word = self.words[i]
            if self.colours[i]:
                if word not in SETS["vague"] or colours:
                    colours.append(self.colours[i])
            elif word in SETS["articles"] or word in SETS["definite"]:
                begin, det = i, word
                total = total or word in ("every", "each", "all")
                if not colours and (of := self._of_it(i)):
                    begin, colours = of[0], [of[1]]
                break
            elif word[0] == "'":
                begin, det, owner = max(0, i - 1), "the", stem(self.words[i - 1]) if i else ""
                break
            elif (word in SETS["selectors"] and word != "only") or word.endswith("est"):
                selector = word
            elif (not word[0].isalpha() or word in STOPS) and not (
                word in ("and", ",") and colours and self.colours[i - 1]
            ):
                break
            total = total or word in SETS["totals"]
            begin = i
        return _Before(begin, det, owner, selector, tuple(colours), total)

    def _of_it(self, det: int) -> tuple[int, str] | None:
        """Return the colour in "the deep burgundy of its velvet", "the blue cloth of the coat"."""
        if det < 2 or self.words[det - 1] != "of":
            return None
        for i in (det - 2, det - 3):
            if i >= 0 and self.colours[i]:
                return i, self.colours[i]
            if i >= 0 and self.words[i] not in SETS["surfaces"]:
                return None
        return None

    def _after(self, at: int, label: bool) -> tuple[int, tuple[str, ...], bool] | None:
        """Return where the colour told of a thing ends, the colours, and whether all has them."""
        i, total = self._linked(at + 1, label)
        link = self.words[i - 1]
        unknown, stuff = 0, link in ("in", "of")
        most = _UNKNOWN if link in SETS["verbs"] else 1
        for j in range(i, min(len(self.words), i + _MODIFIERS) if i else 0):
            word = self.words[j]
            if self.colours[j]:
                stuff = stuff or self.words[j - 1] in ("in", "of")
                return self._colours(j, total, stuff)
            total = total or word in SETS["totals"]
            stuff = word in ("in", "of") or (stuff and word in SETS["totals"])
            if word == "the" and link == ",":
                return None  # a jug, the flesh of the lemon
            if word in SETS["modifiers"] or word in SETS["totals"] or word.endswith("ly"):
                continue
            if word == "," and j > i:
                continue
            unknown += 1
            if not word[0].isalpha() or word in STOPS or unknown > most:
                return None
        return None

    def _linked(self, i: int, label: bool) -> tuple[int, bool]:
        """Return from where on a colour may be told of a thing, and whether as one of its data."""
        words = self.words
        if i + 1 >= len(words):
            return 0, False
        if words[i][0] == "'":
            named = words[i + 1] in SETS["surfaces"] and i + 2 < len(words)
            told = named and (words[i + 2] in SETS["verbs"] or words[i + 2] == ":")
            return (i + 3, words[i + 1] in SETS["hues"]) if told else (0, False)
        if words[i] in SETS["hues"] and words[i + 1] in (":", "is"):
            return i + 2, True
        if words[i] == ":":
            return (i + 1, True) if label else (0, False)
        aside = words[i] == "," or words[i] in SETS["prepositions"]
        if aside and (verb := self._verb_behind(i)):
            return verb, label
        if self.colours[i] or words[i] in SETS["totals"] or words[i].endswith("ly"):
            return i, label
        return (i + 1, label) if words[i] == "," or words[i] in SETS["links"] else (0, False)

    def _verb_behind(self, i: int) -> int:
        """Return what is behind "is" after "on his arm" or ", every plank of it,"; else 0."""
        comma = self.words[i] == ","
        for j in range(i + 1, min(len(self.words) - 1, i + 1 + _APPOSED)):
            word = self.words[j]
            if word in ("is", "are", "was"):
                return j + 1 if not comma or self.words[j - 1] == "," else 0
            if word in _ENDS or (word == "," and not comma) or self.colours[j]:
                return 0
        return 0

    def _colours(
        self, i: int, total: bool, stuff: bool
    ) -> tuple[int, tuple[str, ...], bool] | None:
        """Return the colours from a word on, or None where they are those of something else."""
        found = [self.colours[i]]
        count = len(self.words)
        while i + 1 < count:
            step = 2 if self.words[i + 1] in ("and", ",") and i + 2 < count else 1
            follows = self.words[i + step + 1] if i + step + 1 < count else "."
            if not self.colours[min(i + step, count - 1)] or (
                step == 2 and follows[0].isalpha() and follows not in SETS["ends"]
            ):
                break
            i += step
            found.append(self.colours[i])
        follows = self.words[i + 1] if i + 1 < count else "."
        if follows[0].isalpha() and follows not in SETS["ends"] and not stuff:
            return None
        return i, tuple(found), total

    def _everywhere(self, first: int, last: int) -> bool:
        """Return whether words from one on, or soon after another, say that all is meant."""
        if first >= len(self.tokens):
            return False
        start, reach = self.tokens[first].start, self.tokens[last].end + _REACH
        end = next((t.start for t in self.tokens[last + 1 : last + 17] if t.word in _ENDS), reach)
        return everywhere().search(self.lower, start, min(end, reach)) is not None
