"""Hints at a number told anew otherwise: two nuns, all four of them; 两个女孩, 她们四个."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from .counted import Count
from .evidence_counts_en import english_numbers
from .evidence_counts_zh import chinese_numbers
from .passage import Passage
from .statement import Statement
from .things_named import group, one_kind

_LISTS = re.compile(r"^[^.;。；]*(?::|：|分别)[^.;。；]*$")
_MOST_GROUPS = 8  # of which all sums are formed
_ANYONE = frozenset(("人", "person"))
_ALONE = frozenset(f"{only} the {n} of them" for only in ("just", "only") for n in ("two", "three"))
_PRONOUNS = frozenset(("她们", "他们", "它们", "", "they"))


@lru_cache(maxsize=1)
def numbers_of(passage: Passage) -> Sequence[Count]:
    """Return all numbers of things in a prompt, in its order."""
    return (chinese_numbers if passage.language == "zh" else english_numbers)(passage)


def opposed_counts(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first number, and one that does not fit it."""
    counts = numbers_of(passage)
    for at, b in enumerate(counts):
        if b.part or b.vague or not (b.again or b.total or not passage.long):
            continue
        before = _before(passage, counts[:at], b)
        if before and _opposed(passage, before, b):
            first = next((a for a in before if a.number > 1 or a.sole), before[0])
            yield Statement(first.start, first.end), Statement(b.start, b.end)
            return


def _before(passage: Passage, counts: Sequence[Count], b: Count) -> list[Count]:
    """Return the numbers of the same things that stand before one."""
    if b.kind == "any":
        counts = [a for a in counts if a.end <= b.start]
        first = next((a for a in counts if a.number > 1 or a.sole), None)
        living = {"person", *group(passage.language, "animals")}
        return [
            a
            for a in counts
            if first and (a.kind in living or (a.kind or a.noun) == (first.kind or first.noun))
        ]
    return [a for a in counts if _same(passage, a, b)]


def _same(passage: Passage, a: Count, b: Count) -> bool:
    if a.end > b.start:
        return False
    if b.noun in _PRONOUNS:
        if a.kind == "person" or b.kind == "person":
            return a.kind == b.kind
        return not b.measure or a.measure in ("", b.measure)
    if a.kind and b.kind:
        return one_kind(passage.language, a.kind, b.kind)
    return bool(a.noun and a.noun == b.noun)


def _opposed(passage: Passage, before: Sequence[Count], b: Count) -> bool:
    named = [a for a in before if _alike(a, b)]
    if b.again and b.number > 1 and any(a.number > 1 or a.sole for a in named):
        before = named  # four musicians among some guests, the seven musicians
    told = [a for a in before if a.number > 1 or a.sole or a.total]
    whole = b.kind == "any" and b.number > 1 and (b.every or b.pointed)
    if whole and len(told) == 1 and not told[0].part and b.number < told[0].number:
        return True  # five puppies, all three of them
    if any(a.part for a in told) or (not b.total and any(a.vague for a in before)):
        return False
    if not told:  # a car, these three cars
        return b.pointed and b.number > 1 and len(before) == 1 and before == named
    if b.pointed and any(a.sole and 1 < a.number < b.number and a.noun in _ALONE for a in told):
        return True
    sums = {0}
    groups = [a for a in before if a.number > 1]
    for a in before[:_MOST_GROUPS]:
        if a.number == 1 and any(_listed(passage, g, a) for g in groups):
            continue  # four musicians: a pianist, a drummer
        sums |= {total + a.number for total in sums}
    if b.number in sums or (b.ordinal and b.number < max(sums)):
        return False
    if b.number > max(sums):
        return b.again or b.total or bool(named)
    same = bool(named) or (b.pointed and b.every)
    sure = same and (b.pointed if passage.language == "zh" and passage.long else b.every)
    return b.total or (b.again and b.number > 1 and sure and len(before) == 1)


def _listed(passage: Passage, group: Count, one: Count) -> bool:
    """Return whether one of a group is told of: three men: a smith, 四位乐手，分别是鼓手."""
    between = passage.plain[group.end : one.start]
    return group.end < one.start and _LISTS.search(between) is not None


def _alike(a: Count, b: Count) -> bool:
    """Return whether two groups go by the same name."""
    if b.noun in _ANYONE and a.kind == "person" and (a.number > 1 or a.sole):
        return True
    return bool(a.noun and b.noun) and (a.noun.endswith(b.noun) or b.noun.endswith(a.noun))
