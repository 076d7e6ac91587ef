"""English statements on one thing that exclude each other: a closed door that stands wide open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import singular
from .scene import compared, parted, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_WORDS["wakefulness_of"] = _WORDS["beings"]
_WORDS["place_of"] = _WORDS["beings"] + _WORDS["objects"]
_WORDS["posture_of"] = _WORDS["beings"]
for _list in ("wakefulness_of", "place_of", "posture_of"):
    _WORDS[_list] = (*(f"{word}(?:s|es)?" for word in _WORDS[_list]), "men", "women", "children")
_ALIAS = dict(pair.split("/") for pair in _WORDS["alias"])
_SEVERAL_SENTENCES = frozenset(_WORDS["kinds"]) - {
    "wakefulness", "place", "posture", "size", "height", "motion",
}  # fmt: skip
_JOINT = _WORDS.pattern(r"<joints>(?![\w'-])")
_ANY_WORD = Pattern(r"[\w'-]+")
_NEAR_AFTER = 2  # words between an adjective and its noun
_OTHER = _WORDS.pattern(r"(?<![\w-])<others>(?:[ ][\w'-]+){0,2}[ ]$")
_DEFINITE = Pattern(
    r"(?<![\w-])(?:the|this|that|its|his|her|their|same|[a-z]+'s)(?: [\w'-]+){0,2} $"
)
_TURNING = _WORDS.pattern(r"(?<![\w-])<turning>(?![\w-])")
_OWN_PART = _WORDS.pattern(r"(?<![\w-])(?:its|their|the|his|her)[ ](?:[\w-]+[ ])?$")
_FRESH = Pattern(r"\b(?:another|a second|one more|an?) (?:[\w-]+ )?$")
_PARTS = frozenset(_WORDS["whole_parts"])
_BEFORE_NOUN = _WORDS.pattern(r"(?<![\w-])(?:an?|the|his|her|its|their)[ ](?:[\w-]+[ ])?$")
_PRONOUN = Pattern(r"(?<![\w-])(?:it|its|they|their|them|he|his|him|she|her)(?![\w-])")


@dataclass(frozen=True)
class _Kind:
    """Pairs of values of one kind, the things that have them, and a quick look for any value."""

    name: str
    things: Pattern
    pairs: tuple[tuple[str, str], ...]
    values: dict[str, Pattern]


def _kind(name: str) -> _Kind:
    pairs = tuple((one, other) for one, other in (p.split("/") for p in _WORDS[f"{name}_pairs"]))
    values = dict.fromkeys(value for pair in pairs for value in pair)
    return _Kind(
        name,
        _WORDS.pattern(rf"(?<![\w-])<{name}_of>(?![\w-])"),
        pairs,
        {v: _WORDS.pattern(rf"(?<![\w-])<{v}>(?![\w-])") for v in values},
    )


_KINDS = [_kind(name) for name in _WORDS["kinds"]]


@dataclass(frozen=True)
class _Said(Statement):
    """A value, and where the thing is named that has it."""

    thing: str
    at: int


class EnglishThings:
    """Statements on the things of a prompt."""

    def __init__(self, text: Text) -> None:
        self.text, self.lower = text, text.lower

    def opposites(self) -> Iterator[tuple[Statement, Statement]]:
        """Yield two statements on one thing that cannot both be true, one pair for each kind."""
        for kind in _KINDS:
            if pair := next(self._pairs(kind), None):
                yield pair

    def _pairs(self, kind: _Kind) -> Iterator[tuple[Statement, Statement]]:
        found: dict[str, list[_Said]] = {}
        for one, other in kind.pairs:
            for value in (one, other):
                if value not in found:
                    found[value] = list(self._said(kind, value))
            for a in found[one]:
                for b in found[other]:
                    first, second = (a, b) if a.start <= b.start else (b, a)
                    if second.start >= first.end and self._same(kind, first, second):
                        yield first, second

    def _said(self, kind: _Kind, value: str) -> Iterator[_Said]:
        for found in kind.values[value].finditer(self.lower):
            start, end = found.span()
            if compared(self.text, Statement(start, end)):
                continue
            thing = self._after(kind, end)
            if not thing and self._of_another(start, end):
                continue
            thing = thing or self._before(kind, start, end)
            if thing:
                yield _Said(start, end, *thing)

    def _of_another(self, start: int, end: int) -> bool:
        """Return whether an adjective stands before a noun that is not of the kind."""
        follows = self.lower[end : end + 1] == " " and self.lower[end + 1 : end + 2].isalpha()
        if not follows or _JOINT.match(self.lower, end + 1):
            return False
        return bool(_BEFORE_NOUN.search(self.lower[max(0, start - 30) : start]))

    def _after(self, kind: _Kind, end: int) -> tuple[str, int] | None:
        """Return the thing that an adjective stands before."""
        at = end
        for _ in range(_NEAR_AFTER + 1):
            if self.lower[at : at + 1] != " " or _JOINT.match(self.lower, at + 1):
                return None
            if found := kind.things.match(self.lower, at + 1):
                follows = kind.things.match(self.lower, found.end() + 1)
                found = follows or found
                return _name(found[0]), found.start()
            word = _ANY_WORD.match(self.lower, at + 1)
            if not word:
                return None
            at = word.end()
        return None

    def _before(self, kind: _Kind, start: int, end: int) -> tuple[str, int] | None:
        """Return the thing last named before a position, in its sentence or by a pronoun."""
        begin = sentence_start(self.text, start)
        last = _last(kind.things, self.lower, begin, start)
        if last is None and begin and _PRONOUN.search(self.lower, begin, start):
            last = _last(kind.things, self.lower, sentence_start(self.text, begin - 1), begin)
        if last is None:
            return None
        if last[0] in _PARTS and _OWN_PART.search(
            self.lower[max(0, last.start() - 30) : last.start()]
        ):
            whole = _last(kind.things, self.lower, begin, last.start())
            last = whole or last
        name, at = _name(last[0]), last.start()
        if not _FRESH.search(self.lower[max(0, at - 24) : at]) and _PRONOUN.search(
            self.lower, last.end(), end
        ):  # candles in a candelabrum, their flames
            named = kind.things.finditer(self.lower, begin, last.start())
            at = next((found.start() for found in named if _name(found[0]) == name), at)
        return name, at

    def _same(self, kind: _Kind, a: _Said, b: _Said) -> bool:
        """Return whether two statements are on one thing, and of one time."""
        if a.thing != b.thing or parted(self.text, a, b):
            return False
        begin = min(a.at, a.start)
        if _TURNING.search(self.lower, begin, a.start) or _TURNING.search(
            self.lower, a.end, b.start
        ):
            return False
        if self._plural_list(a, b):
            return False
        if a.at == b.at:
            return True
        later = max(a.at, b.at)
        before = self.lower[max(0, later - 40) : later]
        if "." in before[:-1]:
            before = before[before.rindex(".") + 2 :]
        one_sentence = "." not in self.lower[a.end : b.start]
        if (
            kind.name not in _SEVERAL_SENTENCES
            and "same" not in before
            and not (kind.name == "place" and one_sentence)
        ):
            return False
        return bool(_DEFINITE.search(before)) and not _OTHER.search(before)

    def _plural_list(self, a: _Said, b: _Said) -> bool:
        between = self.lower[a.end : b.start].strip(" ,")
        if not between:  # "clocks, round, square"
            return " " not in self.lower[a.start : a.end] + self.lower[b.start : b.end]
        return between in ("and", "or", "to", "and some", "and a")


def _last(pattern: Pattern, text: str, start: int, end: int) -> re.Match[str] | None:
    last = None
    for found in pattern.finditer(text, start, end):
        last = found
    return last


def _name(word: str) -> str:
    name = singular(word.split()[-1])
    return _ALIAS.get(name, name)
