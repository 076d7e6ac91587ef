"""Hints at two colours of one thing, named by its own name, another one or what covers it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from zimg_kernel.prompts.linter.words import load_words

from .evidence_coloured import Coloured, close, coloured, tables_of
from .evidence_counts import numbers_of
from .passage import Passage
from .statement import MOST, Statement
from .things_named import group, one_kind, things_in

_WHOSE = re.compile(r"([\u4e00-\u9fff]{2})的$|(\w+)'s (?:\w+ )?$")
_JOINED = ("和", "与", "、", "跟", "及", "或", " and ", " or ", ", ", " and a ", " beside a ")


def opposed_colours(passage: Passage) -> Iterator[tuple[Statement, Statement]]:
    """Yield the first two colours that one thing is said to have."""
    tables = tables_of(passage.language)
    found = coloured(passage)
    persons = {h.word for h in things_in(passage.language, passage.plain) if "person" in h.says}
    worn = frozenset(tables.lists["worn"])
    sorts, animals = frozenset(tables.lists["sorts"]), group(passage.language, "animals")
    living = {"person", *animals}
    beings = sum(c.number or 2 for c in numbers_of(passage) if c.kind in living)
    several = any(c.kind == "person" and c.number != 1 for c in numbers_of(passage))
    for a, b in combinations(found[:MOST], 2):
        if (
            a.end > b.start
            or (a.cover and not (b.again or a.noun == b.noun))
            or b.fresh
            or not _same(passage, a, b)
        ):
            continue
        if close(tables, a.colour, b.colour) or passage.plain[a.end : b.start] in _JOINED:
            continue
        same = [c for c in found[:MOST] if c.end <= b.start and _same(passage, c, b)]
        if (
            any(close(tables, c.colour, b.colour) for c in same)
            or len({c.colour for c in same}) > 2
        ):
            continue
        if sum(c.fresh for c in same) > 1:
            continue
        if a.kinds & worn and (
            (several and not (b.again and a.noun == b.noun)) or (len(persons) > 1 and not b.again)
        ):
            continue
        if a.kinds <= tables.body and beings > 1 and not b.again:
            continue
        if a.kinds <= tables.body and _owner(passage, a) != _owner(passage, b) != "":
            continue
        if a.kinds & animals and not (
            b.again or b.cover or b.told or b.noun in _any_names(passage)
        ):
            continue
        if a.noun == b.noun and _several(passage, a) != _several(passage, b) and not b.cover:
            continue
        if not b.cover and bool(tables.young.search(b.noun)) != bool(tables.young.search(a.noun)):
            continue
        if a.kinds & sorts and a.noun != b.noun and not b.cover:
            continue
        if passage.long and not (
            b.again or b.cover or a.noun == b.noun or b.noun in _any_names(passage)
        ):
            continue
        yield Statement(a.start, a.end), Statement(b.start, b.end)
        return


@cache
def _names(language: str) -> frozenset[str]:
    lists = load_words(__file__, f"evidence_things_{language}")
    return frozenset((*lists["animal_of"], *lists["vehicle_of"]))


def _any_names(passage: Passage) -> frozenset[str]:
    return _names(passage.language)


def _several(passage: Passage, of: Coloured) -> bool:
    """Return whether an English name is in the plural, where it stands last."""
    word = passage.plain[of.start : of.end].split()[-1]
    return (
        passage.language == "en" and not of.told and word.endswith("s") and not word.endswith("ss")
    )


def _owner(passage: Passage, of: Coloured) -> str:
    """Return the last letters of whose a part is said to be: 白猫的眼睛, the cat's eyes."""
    found = _WHOSE.search(passage.plain[max(0, of.start - 24) : of.start])
    return found[1] or found[2] if found else ""


def _same(passage: Passage, a: Coloured, b: Coloured) -> bool:
    if b.cover:
        return bool(a.kinds & b.kinds)
    return any(one_kind(passage.language, x, y) for x in a.kinds for y in b.kinds)
