"""Numbers of things in an English prompt: two nuns, a string quartet, all four of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.words import load_words

from .counted import Count
from .evidence import any_word
from .lexicon import Lexicon
from .passage import Passage
from .things_named import things_in

_STOP = re.compile(
    r"[^a-z' -]|\b(?:in|on|at|of|by|with|and|or|is|are|was|were|under|over|from|to|into|who|that"
    r"|which|the|a|an|his|her|its|their|as|for|through|beside|behind|against|between|like)\b"
)
_PLURAL = re.compile(r"[a-z]+(?<![su])s\b")
_THEM = re.compile(r" of (?:them|these|those|us)\b")
_OF = re.compile(r" of (?:the |his |her |their |these |those |my )?")
_POINTED = re.compile(r"\b(?:the|these|those|his|her|its|their)(?: same)? $")
_ALL = re.compile(
    r"\b(?:all|all the|all of the|each of the|every one of the|both)(?: of (?:the|these|those))? $"
)
_TOTAL = re.compile(r"\b(?:there (?:is|are)|exactly|only|just|total of|in all,?|altogether,?) $")
_IN_ALL = re.compile(r"[^.;]{0,24}\b(?:in all|in total|altogether)\b")
_BOTH = re.compile(
    r" (?:are|have|wear|look|hold|with|in|sit|stand|lie|asleep|facing|looking|wearing)\b|[.,;]"
)
_LENGTH = 34  # characters in which the name of what is counted stands


class _Tables(NamedTuple):
    numbers: dict[str, int]
    counted: re.Pattern[str]
    lone: re.Pattern[str]
    ordinal: re.Pattern[str]
    ordinals: dict[str, int]
    one: re.Pattern[str]
    named: dict[str, int]
    names: Lexicon
    every: re.Pattern[str]
    some: re.Pattern[str]
    elsewhere: re.Pattern[str]
    many: re.Pattern[str]


def _pairs(entries: tuple[str, ...]) -> dict[str, int]:
    return {name: int(number) for name, _, number in (e.partition("/") for e in entries)}


@cache
def _tables() -> _Tables:
    lists = load_words(__file__, "evidence_counts_en")
    numbers, ordinals, named = (_pairs(lists[n]) for n in ("numbers", "ordinals", "pairs"))
    words = "|".join(sorted(numbers, key=len, reverse=True))
    every = tuple(word for word in lists["all"] if "<n>" not in word)
    return _Tables(
        numbers,
        re.compile(rf"(?<![\w-])(?P<n>{words}|both|\d{{1,2}})(?![\w:.,]*\d)(?![\w])(?!-(?!year))"),
        any_word(lists["lone"], False),
        re.compile(rf"\b(?:the|his|her|its|their) (?P<n>{'|'.join(ordinals)})(?= )"),
        ordinals,
        re.compile(r"\b(?:an?|another)(?= )"),
        named,
        Lexicon(
            {
                str(number): [n for n in named if named[n] == number]
                for number in set(named.values())
            },
            chinese=False,
        ),
        any_word(every, False),
        any_word(lists["some"], False),
        any_word(lists["elsewhere"], False),
        any_word(lists["many"], False),
    )


def english_numbers(passage: Passage) -> list[Count]:
    """Return all numbers of things in a prompt, in its order."""
    found: list[Count] = []
    for count in sorted(_found(passage), key=lambda c: (c.start, -c.end, -c.number)):
        if not any(count.start < other.end for other in found):
            found.append(count)
    return found


def _found(passage: Passage) -> Iterator[Count]:
    tables, plain = _tables(), passage.plain
    for hit in tables.names.find(plain):
        again = hit.word.startswith("the ")
        kind = "any" if again else "person"
        yield _count(
            passage,
            hit.start,
            hit.end,
            int(hit.says[0]),
            kind,
            hit.word,
            sole=not again,
            again=again,
        )
    for m in tables.counted.finditer(plain):
        number = (
            2
            if m["n"] == "both"
            else tables.numbers.get(m["n"]) or int(m["n"] if m["n"].isdigit() else 0)
        )
        them = _THEM.match(plain, m.end())
        if them:
            part = not _ALL.search(plain[max(0, m.start() - 24) : m.start()]) and m["n"] != "both"
            part = part and not _POINTED.search(plain[max(0, m.start() - 24) : m.start()])
            yield _count(
                passage, m.start(), them.end(), number, "any", "they", again=True, part=part
            )
            continue
        of = _OF.match(plain, m.end())
        kind, noun, end = _thing(plain, of.end() if of else m.end())
        if m["n"] == "both" and not noun:
            if not _BOTH.match(plain, m.end()):
                continue
            yield _count(passage, m.start(), m.end(), 2, "any", "they", again=True)
        elif kind or noun:
            again = (
                m["n"] == "both"
                or _ALL.search(plain[max(0, m.start() - 24) : m.start()]) is not None
            )
            yield _count(
                passage,
                m.start(),
                end,
                number,
                kind,
                noun,
                again=again,
                part=bool(of) and not again,
            )
        elif _ALL.search(plain[max(0, m.start() - 24) : m.start()]):
            yield _count(passage, m.start(), m.end(), number, "any", "they", again=True)
    for m in tables.lone.finditer(plain):
        kind, noun, end = _thing(plain, m.end())
        if kind or noun:
            yield _count(passage, m.start(), end, 1, kind, noun, sole=True)
    for m in tables.ordinal.finditer(plain):
        kind, noun, end = _thing(plain, m.end())
        if kind:
            yield _count(
                passage,
                m.start(),
                end,
                tables.ordinals[m["n"]],
                kind,
                noun,
                again=True,
                ordinal=True,
            )
    for m in tables.many.finditer(plain):
        kind, noun, end = _thing(plain, m.end())
        if kind:
            yield Count(m.start(), end, number=0, kind=kind, noun=noun, vague=True)
    for m in tables.one.finditer(plain):
        kind, noun, end = _thing(plain, m.end())
        if kind and not _PLURAL.fullmatch(plain[end - len(noun) : end]):
            yield _count(passage, m.start(), end, 1, kind, noun)


def _count(
    passage: Passage, start: int, end: int, number: int, kind: str, noun: str, *,
    sole: bool = False, again: bool = False, part: bool = False, ordinal: bool = False,
) -> Count:  # fmt: skip
    tables, plain = _tables(), passage.plain
    begin, close = passage.clause(start)
    before = plain[max(begin, start - 26) : start]
    after = plain[end : min(passage.sentence(start)[1], end + 40)]
    near, close_by = plain[start : min(close, end + 24)], plain[start : min(close, end + 8)]
    every = _ALL.search(before) or tables.every.search(after)
    pointed = _POINTED.search(before) is not None
    total = bool(_TOTAL.search(before) or _IN_ALL.match(after))
    return Count(
        start,
        end,
        number=number,
        kind=kind,
        noun=noun,
        again=number > 1 and bool(again or every or pointed),
        total=total and not sole and not ordinal,
        sole=sole,
        vague=number == 0,
        part=part
        or tables.some.search(f"{before}\n{close_by}") is not None
        or (not (pointed or every) and tables.elsewhere.search(f"{before}\n{near}") is not None),
        pointed=number > 1 and (pointed or bool(_ALL.search(before))) and not ordinal,
        ordinal=ordinal,
        every=number > 1 and bool(again or every),
    )


def _thing(plain: str, start: int) -> tuple[str, str, int]:
    """Return the kind of what is counted from a character on, its name, and where that ends."""
    piece = plain[start : start + _LENGTH]
    stop = _STOP.search(piece)
    piece = piece[: stop.start()] if stop else piece.rsplit(" ", 1)[0]
    end = start + len(piece)
    hits = [h for h in things_in("en", plain) if start <= h.start and h.end <= end]
    if hits:
        last = hits[0]
        for hit in hits[1:]:
            if plain[last.end : hit.start] == " ":
                last = hit  # oak trees
        return last.says[0], last.word, last.end
    plural = _PLURAL.search(piece)
    return ("", plural[0].removesuffix("s"), start + plural.end()) if plural else ("", "", start)
