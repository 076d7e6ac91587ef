"""Two numbers of one kind of beings or things in a Chinese prompt, however they are named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .numbers_zh import NUMBER, number_of
from .statement import Statement

_WORDS = load_words(__file__)
_COUNTED = _WORDS.pattern(rf"""
    (?<![第每另前后其])(?P<n>{NUMBER})(?P<of>[只个条匹头位名朵颗辆艘件把盏棵架座]|人(?![高宽称民]))
    (?P<gap>[^，。；、的]{{0,5}}的)?(?P<noun><persons>|<animals>|<things>)?
""")
_NAMED = [(int(n), word) for n, word in (pair.split("/", 1) for pair in _WORDS["named"])]
_GROUPS = [(n, _WORDS.pattern(word)) for n, word in _NAMED]
_PERSONS, _ANIMALS = _WORDS.pattern("(?:<persons>)$"), _WORDS.pattern("(?:<animals>)$")
_ALL = Pattern("[^，。；]{0,4}(?:全|都|一齐|一起|同时|齐刷刷|齐声|步伐一致|并肩)")
_APART, _NEAR = _WORDS.pattern("<apart>"), _WORDS.pattern("<near>")


def two_numbers(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two numbers of one kind in two sentences, as weak statements, once."""
    if clauses.split or _APART.search(clauses.plain):
        return
    found = list(_counts(clauses))
    for kind in dict.fromkeys(kind for kind, _, _ in found):
        same = [(n, s) for of, n, s in found if of == kind]
        for (one, a), (other, b) in combinations(same, 2):
            if len(same) != 2 and not _same_name(clauses, a, b, [s for _, s in same]):
                continue
            if one == other or min(one, other) < 1 or max(one, other) < 2 or other < 2:
                continue
            if clauses.sentence_begin(a.start) == clauses.sentence_begin(b.start):
                continue
            if any(_NEAR.search(clauses.clause(s)) for s in (a, b)):
                continue
            if not clauses.parted(a, b) and not clauses.inner(a) and not clauses.inner(b):
                yield a, b
                return


def _same_name(
    clauses: ChineseClauses, a: Statement, b: Statement, counted: list[Statement]
) -> bool:
    """Return whether two numbers, and no other ones, are of all that have one name: 宫女."""
    names = [clauses.plain[s.end - 2 : s.end] for s in counted]
    name = clauses.plain[a.end - 2 : a.end]
    all_of_them = _ALL.match(clauses.plain, b.end) is not None
    return name == clauses.plain[b.end - 2 : b.end] and names.count(name) == 2 and all_of_them


def _counts(clauses: ChineseClauses) -> Iterator[tuple[str, int, Statement]]:
    counts: list[tuple[str, int, Statement]] = []
    for number, pattern in _GROUPS:
        for hit in pattern.finditer(clauses.plain):
            if not any(s.start < hit.end() and hit.start() < s.end for _, _, s in counts):
                counts.append(("person", number, Statement(*hit.span(), weak=True)))
    for hit in _COUNTED.finditer(clauses.plain):
        noun, of = hit["noun"] or "", hit["of"]
        if of == "人" or of in "位名" or (noun and _PERSONS.search(noun)):
            kind = "person"
        elif of in "只条匹头" and (not noun or _ANIMALS.search(noun)):
            kind = "animal" if noun else ""
        else:
            kind = noun
        s = Statement(*hit.span(), weak=True)
        if kind and not any(s.overlaps(t) for _, _, t in counts):
            counts.append((kind, number_of(hit["n"]), s))
    yield from sorted(counts, key=lambda count: count[2].start)
