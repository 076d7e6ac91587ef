"""Hints at what one thing of an English prompt is told again, and otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .levels import is_long
from .materials import ALIKE, material_kind, material_pattern
from .scene import in_parts, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_THINGS, _AGES = load_words(__file__, "things"), load_words(__file__, "ages")
_WORDS["all_beings"] = tuple(
    dict.fromkeys((*_WORDS["beings"], *_THINGS["beings"], *_WORDS["more_beings"]))
)
_POSTURES, _PAIRS = _WORDS["postures"], frozenset(_WORDS["posture_pairs"])
_SPANS = {
    word: (int(low), int(high))
    for word, low, high in (entry.split("/") for entry in _WORDS["spans"])
}
_WORDS["span_words"] = tuple(_SPANS)
_WORDS["tens"], _WORDS["ones"] = _AGES["tens"], _AGES["ones"]
_WORDS["decades"] = _AGES["decades"]
_NUMBERS = {word: n for n, word in enumerate(_AGES["ones"])} | {
    word: 10 * n for n, word in enumerate(_AGES["tens"], 2)
}
_NUMBER = r"(?:\d{1,3}|a[ ]hundred|<tens>(?:[- ]<ones>)?|<ones>)"
_POSTURE = _WORDS.pattern(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{name}><{name}>)" for name in _POSTURES) + r")(?![\w-])"
)
_AGE = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<old>{_NUMBER})[- ]years?[- ]old|aged[ ](?P<aged>{_NUMBER})
    |(?P<of>(?:of|is|barely|about|nearly|over|past)[ ](?:(?:about|around|nearly|barely)[ ])?
      (?P<n>{_NUMBER})(?=[,.;]|$|[ ](?:and|with|years|in|who|[a-z]+s)\b))
    |in[ ](?:his|her)[ ](?:late[ ]|early[ ]|mid-?[ ]?)?(?P<decade><decades>)
    |(?P<word><span_words>))(?![\w-])
""")
_BEING = _WORDS.pattern(r"(?<![\w-])<all_beings>(?![\w-])")
_MARK = Pattern(r"[.;!?:,](?=\s|$)|\n")
_SUBJECT = _WORDS.pattern(r"""
    \s*(?:and[ ]|but[ ]|yet[ ]|while[ ])?(?:
      (?:the|this|that)[ ](?:same[ ])?(?:[\w'-]+[ ]){0,2}?(?P<noun>[\w-]+)
      |(?P<pronoun>he|she|it|(?:his|her|its)(?:[ ](?:own|large|big))?(?=[ ]eyes|[ ]$)))
    (?:[ ]<adverbs>)*[ ]
""")
_TELLS = _WORDS.pattern(r"""
    \s*(?:and[ ]|but[ ]|yet[ ])?(?:(?:the|this|that)[ ](?:same[ ])?(?P<noun>[\w-]+)
      |(?P<pronoun>he|she))(?=[ ]is\b)(?:[ ][\w-]+){0,5}[ ]?
""")
_OTHERS = _WORDS.pattern(r"(?<![\w-])<others>(?![\w-])")
_ASIDE = _WORDS.pattern(r"(?<![\w-])<aside>(?![\w-])")
_VIEW = _WORDS.pattern(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{name}><{name}>)" for name in _WORDS["views"]) + r")(?![\w-])"
)
_VIEW_PAIRS = [tuple(pair.split("/")) for pair in _WORDS["view_pairs"]]
_HELD = _WORDS.pattern(r"(?<![\w-])<held>(?![\w-])")
_COMPANY = Pattern(r"\b(?:with|and|her|his|their|to|beside|near|by|holding|for|at|the|in)\b")
_NEW_BEING = _WORDS.pattern(r"(?<![\w-])an?[ ](?:[\w-]+[ ]){0,2}?<all_beings>(?![\w-])")
_OF_WHOLE = _WORDS.pattern(r"""
    (?:^|(?<=[.,;][ ]))(?:and[ ]|but[ ])?(?:the|its|this)[ ](?P<noun>[\w-]+)[ ]is[ ]
    (?:(?:of|all|solid|pure|entirely|[a-z]+ly|<making>|from|in|out)[ ]){0,4}
    (?:[\w-]+,?[ ]){0,4}?$
""")
_HEAD = 30  # characters in which a prompt says what kind of picture it is
_GAP = 3  # years that two ages of one person are apart at least


class _Told(NamedTuple):
    start: int
    end: int
    value: str
    span: tuple[int, int] = (0, 0)


def restated(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two views, postures, ages or materials of one thing, the first that is found."""
    if in_parts(text):
        return
    for finder in (_views, _beings, _materials):
        for a, b in finder(text):
            weak = is_long(text)
            yield Statement(a.start, a.end, weak=weak), Statement(b.start, b.end, weak=weak)
            return


def _views(text: Text) -> Iterator[tuple[_Told, _Told]]:
    lower = text.lower
    told = [_Told(*m.span(), m.lastgroup or "") for m in _VIEW.finditer(lower)]
    if len(told) < 2:
        return
    for n, b in enumerate(told):
        for a in told[:n]:
            if (a.value, b.value) not in _VIEW_PAIRS and (b.value, a.value) not in _VIEW_PAIRS:
                continue
            clauses = f"{_clause(lower, a)}\n{_clause(lower, b)}"
            if _HELD.search(clauses) or _ASIDE.search(lower, min(a.end, _HEAD), b.end):
                continue
            if {a.value, b.value} == {"rear", "front"} and _NEW_BEING.search(_clause(lower, b)):
                continue
            if _OTHERS.search(lower, a.end, b.start):
                continue
            yield a, b


def _clause(lower: str, told: _Told) -> str:
    close = _MARK.search(lower, told.end)
    return lower[_clause_start(lower, told.start) : close.start() if close else len(lower)]


def _clause_start(lower: str, at: int) -> int:
    start = 0
    for found in _MARK.finditer(lower, max(0, at - 120), at):
        start = found.end()
    return start or (0 if at < 120 else at - 120)


def _beings(text: Text) -> Iterator[tuple[_Told, _Told]]:
    postures = [_Told(*m.span(), m.lastgroup or "") for m in _POSTURE.finditer(text.lower)]
    if len(postures) > 1:
        yield from _pairs(text, postures, _SUBJECT)
    ages = [told for m in _AGE.finditer(text.lower) if (told := _age(m))]
    if len(ages) > 1:
        yield from _pairs(text, ages, _TELLS)


def _pairs(text: Text, told: list[_Told], subject: Pattern) -> Iterator[tuple[_Told, _Told]]:
    lower = text.lower
    for n, b in enumerate(told[1:], 1):
        start = _clause_start(lower, b.start)
        found = subject.fullmatch(lower, start, b.start)
        # "is ninety" is the number's own copula
        if not found and lower.startswith("is ", b.start):
            found = subject.fullmatch(lower, start, b.start + 3)
        if not found or not start:
            continue
        name = _named(lower, found, start)
        if not name or _several(lower, name):
            continue
        for a in told[:n]:
            if a.end <= start and _opposed(a, b, name) and _of(text, a, name):
                begin = a.start if a.start > _HEAD else min(a.end, _HEAD)
                close = _MARK.search(lower, b.end)
                last = close.start() if close else len(lower)
                if not _ASIDE.search(lower, sentence_start(text, begin), a.start) and not (
                    _ASIDE.search(lower, a.end, min(len(lower), a.end + 30))
                    or _ASIDE.search(lower, start, last)
                ):
                    yield a, b


def _named(lower: str, found: re.Match[str], start: int) -> str:
    """Return the being that a clause is on: by its name, or the only one there is."""
    noun = found["noun"]
    if noun and re.search(rf"(?<![\w-]){re.escape(noun)}(?![\w-])", lower[:start]):
        return noun if noun not in ("it", "scene", "picture", "image") else ""
    earlier = {m[0] for m in _BEING.finditer(lower, 0, start)}
    if (noun and noun not in _WORDS["anyone"]) or _OTHERS.search(lower, 0, start):
        return ""
    # "the dancer" after a ballerina; "she" after a violinist that is a girl
    generic = earlier - frozenset(_WORDS["anyone"]) or earlier
    return next(iter(generic)) if len(generic) == 1 else ""


def _several(lower: str, name: str) -> bool:
    plural = re.search(rf"(?<![\w-]){re.escape(name)}(?:s|es|'s (?:son|daughter))(?![\w-])", lower)
    return bool(plural) or any(
        _OTHERS.search(lower, max(0, m.start() - 18), m.start())
        for m in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lower)
    )


def _opposed(a: _Told, b: _Told, name: str) -> bool:
    if a.span != (0, 0):
        return a.span[0] > b.span[1] + _GAP or b.span[0] > a.span[1] + _GAP
    if not _BEING.fullmatch(name) and not name.endswith(("er", "or", "ian", "ant", "ist")):
        return False
    if name in _WORDS["riders"] and {a.value, b.value} & {"sit", "move", "lie"}:
        return False
    return f"{a.value}/{b.value}" in _PAIRS or f"{b.value}/{a.value}" in _PAIRS


def _of(text: Text, a: _Told, name: str) -> bool:
    """Return whether an earlier statement is on a being."""
    lower = text.lower
    after = re.compile(rf" (?:[\w'-]+,? ){{0,2}}{re.escape(name)}(?![\w-])")
    if a.span != (0, 0) and (after.match(lower, a.end) or lower[a.start : a.end] == name):
        return True
    begin = sentence_start(text, a.start)
    last, after_last = None, 0
    for m in _being_or(name).finditer(lower, begin, a.start):
        last = m[0]
        after_last = m.end()
    if last == name and a.span != (0, 0) and _BEING.fullmatch(lower, a.start, a.end):
        return not _COMPANY.search(lower, after_last, a.start)  # "mother with her baby"
    if last is None:  # "she" of the sentence
        pronoun = re.match(r"\s*(?:he|she|it)\b", lower[begin : a.start])
        only = {m[0] for m in _BEING.finditer(lower, 0, a.start)} <= {name, *_WORDS["anyone"]}
        return bool(pronoun) and only
    return last == name


@cache
def _being_or(name: str) -> re.Pattern[str]:
    words = "|".join((re.escape(name), *_WORDS["all_beings"]))
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


def _age(found: re.Match[str]) -> _Told | None:
    start, end = found.span()
    if word := found["word"]:
        return _Told(start, end, "age", _SPANS[word])
    if decade := found["decade"]:
        n = 10 * (_AGES["decades"].index(decade) + 1)
        return _Told(start, end, "age", (n, n + 9))
    number = found["old"] or found["aged"] or found["n"]
    years = (
        int(number)
        if number.isdigit()
        else 100
        if number == "a hundred"
        else sum(_NUMBERS[part] for part in re.split("[- ]", number))
    )
    return _Told(start, end, "age", (max(0, years - 2), years + 2))


def _materials(text: Text) -> Iterator[tuple[_Told, _Told]]:
    lower = text.lower
    told = [_Told(*m.span(), material_kind(m[0])) for m in material_pattern().finditer(lower)]
    for n, b in enumerate(told[1:], 1):
        found = _OF_WHOLE.search(lower, max(0, b.start - 90), b.start)
        if not found:
            continue
        noun = found["noun"]
        whole = noun in _WORDS["wholes"]
        if not whole and _several(lower, noun):
            continue
        for a in told[:n]:
            if a.end > found.start() or a.value == b.value or {a.value, b.value} in ALIKE:
                continue
            begin = sentence_start(text, a.start)
            thing = r"[\w-]+" if whole else re.escape(noun)
            if not whole and not re.search(rf"(?<![\w-]){thing}(?![\w-])", lower[: a.end + 30]):
                continue
            first = r"^\s*(?:an?|the) (?:[\w'-]+ ){0,3}?" if a.start > 0 else ""
            near = re.search(
                rf"(?<![\w-]){thing} of (?:the |an? )?(?:[\w-]+ ){{0,2}}$", lower[begin : a.start]
            ) or (
                re.search(rf"{first}(?<![\w-]){thing}(?![\w-])", lower[begin : a.start])
                and re.search(r"[,:] (?:[\w-]+ ){0,3}$", lower[begin : a.start])
            )
            after = re.match(rf" (?:[\w-]+ )?{thing}(?![\w-])", lower[a.end :])
            if (near or after) and not _ASIDE.search(lower[found.end("noun") : b.end]):
                yield a, b
