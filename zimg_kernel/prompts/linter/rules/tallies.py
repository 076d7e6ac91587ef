"""English numbers that what is listed, or who belongs to a group, does not agree with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import inner
from .statement import Statement

_WORDS = load_words(__file__)
_NUMBERS = {word: n for n, word in enumerate(_WORDS["numbers"])}
_ORDINALS = {word: n for n, word in enumerate(_WORDS["ordinals"], 1)}
_GROUPS = {word: int(n) for n, word in (pair.split("/") for pair in _WORDS["groups"])}
_NUMBER = r"(?:<numbers>)"
_COUNT = _WORDS.pattern(rf"""
    (?<![\w-])(?P<n>{_NUMBER})[ ](?:[a-z][\w'-]*[ ]){{0,3}}?
    (?P<noun>[a-z]{{3,}}s|men|women|children|mice|people|geese)(?![\w-])
""")
_END = Pattern(r"[.!?](?=\s|$)|\n")
_DISTANT = Pattern(r"distan|background|horizon|behind(?! (?:it|him|her)\b)|far ")
_ONE = Pattern(r"(?:^|[,;:]|\band|\bwhile)\s*(?:and )?one\b(?! of)")
_NTH = _WORDS.pattern(r"""
    (?:^|[,;:]|\band|\bwhile)\s*(?:and[ ])?(?:the|a|an)[ ](?P<nth><ordinals>)(?![\w-])
    (?![ ](?:floor|row|plane|level|stor))
""")
_EXACTLY = _WORDS.pattern(rf"""
    (?<![\w-])(?:exactly|precisely|only|just|has|shows?|holds?|with)[ ](?:exactly[ ])?
    (?P<n>{_NUMBER})[ ][^,.;:]{{1,40}}(?:,[^,.;:]{{1,30}})?:[ ](?P<list>[^.;:]+)
""")
_OF_THEM = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?:the|all)[ ](?P<n>{_NUMBER})[ ]of[ ]them(?![\w-])
      |all[ ](?P<m>{_NUMBER})(?=[ ]\w+ing\b|[,.;]|$))
""")
_GROUP = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<group><group_words>)|family[ ]of[ ](?P<n>{_NUMBER}))(?![\w-])
""")
_MEMBERS = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<all>(?:all[ ]|the[ ]|its[ ]|their[ ]){{1,2}})|and[ ])(?P<n>{_NUMBER})[ ]
    (?P<who>(?:[a-z]+[ ])?<members>)(?![\w-])
""")
_ALONE = _WORDS.pattern(r"""
    (?<![\w-])(?:(?:a[ ])?(?:solitary|lone|single|lonely)[ ](?P<thing>[a-z][\w-]*)
      |(?:an?[ ](?P<who><persons>)(?:[ ][\w-]+){0,4}?[ ](?:all[ ])?alone))(?![\w-])
""")
_COMPANY = _WORDS.pattern(rf"""
    (?<![\w-])(?:surrounded[ ]by|(?:packed|filled|crowded)[ ]with|full[ ]of
      |among|amid|accompanied[ ]by|joined[ ]by|flanked[ ]by
      |together[ ]with|beside|with)[ ](?:(?:his|her|their|the|its)[ ])?
    (?:(?:{_NUMBER}|many|dozens[ ]of|hundreds[ ]of|a[ ](?:\w+[ ])?(?:crowd|group|throng)[ ]of)[ ])
    (?:[a-z-]+[ ])?<companions>(?![\w-])
  | (?<![\w-])(?:its|his|her)[ ](?:two|three|four|five|six|seven|eight|many)[ ](?:[a-z]+[ ])?
    (?:companions|friends|comrades|fellows|mates)(?![\w-])
""")
_MORE = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<n>{_NUMBER})|many|several|dozens[ ]of|hundreds[ ]of|a[ ]crowd[ ]of
      |a[ ]row[ ]of)(?P<noun>(?:[ ][a-z-]+){{1,3}})
""")


def opposed_tallies(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a number and what does not agree with it."""
    for rule in (_enumerated, _listed, _members, _company):
        for one, other in rule(text):
            if not inner(text, one) and not inner(text, other):
                yield one, other
                break


def _enumerated(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Three puppies, one with ..., one with ..., one ... and a fourth."""
    for found in _COUNT.finditer(text.lower):
        end = _sentence_end(text, found.end())
        number = _NUMBERS[found["n"]]
        if number < 2:
            continue
        ones = list(_ONE.finditer(text.lower, found.end(), end))
        ones += [
            m
            for m in re.finditer(r"\band one\b(?! of)", text.lower[:end])
            if m.start() > found.end()
        ]
        starts = sorted({m.end() for m in ones})
        nth = max(
            _NTH.finditer(text.lower, found.end(), end),
            key=lambda m: _ORDINALS[m["nth"]],
            default=None,
        )
        if nth and starts and _ORDINALS[nth["nth"]] == number + 1:
            yield Statement(*found.span()), Statement(nth.start("nth"), nth.end("nth"))
        elif len(starts) == number + 1 and not _COUNT.search(text.lower, found.end(), starts[-1]):
            yield Statement(*found.span()), Statement(starts[-1] - 3, starts[-1])


def _listed(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Exactly four rooms: kitchen, parlour, bathroom, bedroom, nursery and study."""
    for found in _EXACTLY.finditer(text.lower):
        if not re.search(r", | and ", found["list"]) or "one " in found["list"]:
            continue
        head = re.split(r", (?:each|all|every|which|in|on|with|both)\b", found["list"])[0]
        items = [part for part in re.split(r",\s*(?:and )?| and ", head) if part.strip()]
        number = _NUMBERS[found["n"]]
        plain = all(len(item.split()) <= 4 for item in items)
        if plain and number >= 2 and len(items) > number + 1:
            yield Statement(found.start("n"), found.end("n")), Statement(*found.span("list"))


def _members(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """A quartet and its nine players, two men and the five of them."""
    groups = [
        (m, _GROUPS.get(m["group"] or "", 0) or _NUMBERS.get(m["n"] or "", 0))
        for m in _GROUP.finditer(text.lower)
    ]
    for m in _MEMBERS.finditer(text.lower):
        for group, size in groups:
            number = _NUMBERS[m["n"]]
            if group.end() > m.start() or not size:
                continue
            kin = m["who"].split()[-1] in _WORDS["kin"] and group["n"]
            if group["n"] and not kin and not m["all"]:
                continue
            if text.lower[: m.start()].endswith("with "):
                continue  # twins with their three brothers
            if number > size or (kin and number > size - 2):
                yield Statement(*group.span()), Statement(*m.span())
    of_them = _OF_THEM.search(text.lower)
    if of_them:
        counts = [
            m for m in _COUNT.finditer(text.lower, 0, of_them.start()) if m["noun"] in _WORDS["who"]
        ]
        if (
            len(counts) == 1
            and _NUMBERS[of_them["n"] or of_them["m"]] > _NUMBERS[counts[0]["n"]] > 1
        ):
            yield Statement(*counts[0].span()), Statement(*of_them.span())


def _company(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """A solitary tree beside six more trees."""
    for one in _ALONE.finditer(text.lower):
        thing = one["thing"] or one["who"]
        if thing in _WORDS["no_things"]:
            continue
        around = _COMPANY.search(text.lower, one.end())
        if around and not _DISTANT.search(text.lower, one.end(), around.end()):
            yield Statement(*one.span()), Statement(*around.span())
            return
        for more in _MORE.finditer(text.lower, one.end()):
            number = _NUMBERS.get(more["n"] or "", 9)
            several = {thing + "s", thing + "es", thing[:-2] + "en"}
            if number > 1 and several & set(more["noun"].split()):
                distant = re.search(
                    r"distan|background|horizon|behind|far ",
                    text.lower[one.end() : more.end() + 30],
                )
                if not distant or " more" in more[0]:
                    yield Statement(*one.span()), Statement(*more.span())
                    return


def _sentence_end(text: Text, position: int) -> int:
    found = _END.search(text.lower, position)
    return found.start() if found else len(text.lower)
