"""Persons and animals of a Chinese prompt, and which of them a clause is about."""

from __future__ import annotations

from functools import cache, cached_property
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .lexicon import Lexicon
from .things_named import group

_WORDS = load_words(__file__)
_THINGS = load_words(__file__, "evidence_things_zh")
_PLAIN = frozenset(_WORDS["plain_animals"])
_ANYONE, _ANY_ANIMAL = frozenset(_WORDS["anyone"]), frozenset(_WORDS["any_animal"])
_NEW = Pattern(
    r"(?:[一另某两二三四五六七八九十几数]|\d)[个名位只头匹条群对双][^，。；！？、\n]{0,14}$"
)
_THIS = Pattern(r"(?:[这那该此][个名位只头匹条]?|同一[个名位只头匹条])[^，。；！？、\n]{0,6}$")
_SEVERAL = _WORDS.pattern("<several>")
ASIDE = _WORDS.pattern("<aside>")
_PRONOUN = Pattern("[他她它](?!们)")
_LEAD = _WORDS.pattern("(?:<adverbs>|[，、])*")


class Being(NamedTuple):
    """Person or animal, by its name.

    ``kind`` is "person" or a kind of animal, "animal" for a word that fits any; ``known`` says
    that it is named as one told of before.
    """

    start: int
    end: int
    word: str
    kind: str
    known: bool


@cache
def _table() -> Lexicon:
    lists: dict[str, tuple[str, ...]] = {"-": (*_THINGS["-"], *_WORDS["no_beings"])}
    lists["person"] = (*_THINGS["person"], *_WORDS["more_persons"])
    for kind in group("zh", "animals") - {"person"}:
        lists[kind] = _THINGS.get(kind, ())
    lists["animal"] = (*_THINGS["animal_of"], *_ANY_ANIMAL)
    return Lexicon(lists, chinese=True)


class ChineseBeings:
    """Persons and animals of a prompt, in its order."""

    def __init__(self, clauses: ChineseClauses) -> None:
        self.clauses, self.plain = clauses, clauses.plain

    @cached_property
    def all(self) -> list[Being]:
        """All mentions but pronouns."""
        found = []
        for hit in _table().find(self.plain):
            before = self.plain[self.clauses.begin(hit.start) : hit.start]
            found.append(
                Being(hit.start, hit.end, hit.word, hit.says[0], bool(_THIS.search(before)))
            )
        return found

    @cached_property
    def several(self) -> bool:
        """True if there may be more than one person or animal of a kind."""
        return _SEVERAL.search(self.plain) is not None

    def same(self, a: Being, b: Being) -> bool:
        """Return whether two mentions are of one being, by their names."""
        if a.start == b.start:
            return True
        if _NEW.search(self.plain[self.clauses.begin(b.start) : b.start]) and b.start > a.start:
            return False
        if a.word.endswith(b.word) or b.word.endswith(a.word):
            return True
        if a.kind == b.kind == "person":
            return b.known and bool({a.word, b.word} & _ANYONE)
        if a.kind == b.kind:
            return b.known or len(b.word) == 1 or b.word in _PLAIN
        animal = "person" not in (a.kind, b.kind)
        return animal and b.known and "animal" in (a.kind, b.kind)

    def alone(self, end: int) -> Being | None:
        """Return the being of the text up to a character, if there is one only."""
        found = [b for b in self.all if b.start < end]
        if not found:
            pronoun = _PRONOUN.search(self.plain, 0, end)
            return Being(*pronoun.span(), pronoun[0], "person", True) if pronoun else None
        first = found[0]
        return first if all(self.same(first, b) for b in found[1:]) else None

    def subject(self, start: int) -> Being | None:
        """Return the being that a predicate at a character is said of, if that is sure."""
        begin = self.clauses.begin(start)
        named = [b for b in self.all if begin <= b.start and b.end <= start]
        if named:
            first = named[0]
            lead = _LEAD_IN.fullmatch(self.plain, begin, first.start)
            return first if lead and _LEAD.fullmatch(self.plain, first.end, start) else None
        told = self.plain[begin:start]
        pronoun = _PRONOUN.search(told)
        if pronoun and not _LEAD.fullmatch(self.plain, begin + pronoun.end(), start):
            return None
        if not pronoun and not _LEAD.fullmatch(self.plain, begin, start):
            return None
        return self.alone(start)

    def owner(self, start: int, end: int) -> Being | None:
        """Return the being that words at a range may be said of: the nearest one."""
        begin, close = self.clauses.begin(start), self.clauses.end(max(start, end - 1))
        after = [b for b in self.all if end <= b.start < close]
        gap = self.plain[end : after[0].start] if after else ""
        if after and len(gap) < 12 and ("的" in gap or not gap) and not _TAKES.search(gap):
            return after[0]
        before = [b for b in self.all if begin <= b.start and b.end <= start]
        if before:
            return (
                before[-1] if not _WITH.search(self.plain, begin, before[-1].start) else before[0]
            )
        sentence = [b for b in self.all if self.clauses.sentence_begin(start) <= b.start < start]
        if sentence:
            return sentence[0] if all(self.same(sentence[0], b) for b in sentence[1:]) else None
        return self.alone(start)


_TAKES = Pattern("[着了过向和与给把被对]")
_WITH = Pattern("[和与跟给把被对向替陪抱牵搂]|旁|边")
_LEAD_IN = Pattern(
    r"(?:而|但|可|却|不过|其实|实际上|画面中|画面里|图中|照片中|此刻|此时|这时|现在|只见|的|"
    r"[这那该此同]一?[个名位只头匹条]?|[^，。；的]{1,4}的|[^，。；]{0,3}){0,3}"
)
