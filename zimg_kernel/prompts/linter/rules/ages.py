"""Ages in an English prompt: a child with wrinkles, an old woman with the face of a girl."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import inner, parted, sentence_start
from .statement import Statement

_WORDS = load_words(__file__)
_NUMBERS = {word: n for n, word in enumerate(_WORDS["ones"])} | {
    word: 10 * n for n, word in enumerate(_WORDS["tens"], 2)
}
_NUMBER = r"(?:\d{1,3}|<tens>(?:[- ]<ones>)?|<ones>)"
_AGE = _WORDS.pattern(rf"""
    (?<![\w-])(?:(?P<a>{_NUMBER})[- ](?:years?|yrs?)[- ]?old|aged?[ ](?:of[ ])?(?P<b>{_NUMBER})|
      of[ ](?:about[ ])?(?P<c>{_NUMBER})(?:[ ]years)?
        (?=[,.;]|$|[ ](?:in|with|at|sits|stands|years)\b)
      |in[ ](?:his|her|their)[ ](?:late[ ]|early[ ]|mid-?[ ]?)?(?P<d><decades>))(?![\w-])
""")
_PERSON = _WORDS.pattern(
    r"(?<![\w-])(?:(?P<young><young>)|(?P<old><old>)|(?P<neutral><neutral>))(?![\w-])"
)
_FEATURE = _WORDS.pattern(
    r"(?<![\w-])(?:(?P<old><old_features>)|(?P<young><young_features>))(?![\w-])"
)
_TOLD = _WORDS.pattern(r"""
    (?<![\w-])(?:he|she)[ ]is[ ](?:an?|the)[ ](?:[\w-]+[ ]){0,2}?
    (?:(?P<old><old>|middle-aged)|(?P<young><young>))(?![\w-])
""")
_YOUNGEST, _OLDEST = 18, 55  # years of an age that is neither a child's nor an old person's
_OF_A = Pattern(r" (?:of|on) (?:an?|the|this) (?:[\w-]+ ){0,2}")
_INFANT = Pattern(r"(?:newborn|bab(?:y|ies)|infant|toddler).*")
_AGAINST = {"young": ("old",), "old": ("young", "teen")}
_SHE_IS = Pattern(r"\b(?:he|she) is an? (?:[\w-]+ )?$")
_NOT = _WORDS.pattern(r"(?<![\w-])<not_of_one>(?![\w-])")


def opposed_ages(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two statements on the age of one person, once."""
    if not (_FEATURE.search(text.lower) or _AGE.search(text.lower)):
        return
    features = [(m.start(), m.end(), m.lastgroup or "") for m in _FEATURE.finditer(text.lower)]
    features += [(m.start(), m.end(), m.lastgroup or "") for m in _TOLD.finditer(text.lower)]
    features += [(m.start(), m.end(), kind) for m in _AGE.finditer(text.lower) if (kind := _of(m))]
    persons = [
        m
        for m in _PERSON.finditer(text.lower)
        if not any(start <= m.start() < end for start, end, _ in features)
        and not (m["neutral"] and _SHE_IS.search(text.lower[max(0, m.start() - 30) : m.start()]))
    ]
    features.sort()
    for n, (start, end, kind) in enumerate(features):
        if inner(text, Statement(start, end)):
            continue
        person = next((p for p in reversed(persons) if p.end() <= start), None)
        if any(0 <= p.start() - end <= 1 for p in persons):
            continue  # "his three-year-old granddaughter": another person's
        begin = person.start() if person else sentence_start(text, start)
        if not person and n == 0:
            person = next((p for p in persons if p.start() >= end), None)
            if person and not _OF_A.fullmatch(text.lower, end, person.start()):
                person = None
        age = "young" if kind == "teen" else kind
        # Of a person the same sentence may tell the age first.
        earlier = [f for f in features[:n] if f[0] >= begin - 30 and f[2] in _AGAINST[age]]
        candidates = [Statement(*f[:2]) for f in earlier]
        if person and (
            person.lastgroup in _AGAINST[age] or (kind == "teen" and _INFANT.fullmatch(person[0]))
        ):
            candidates.append(Statement(*person.span()))
        said = max(candidates, key=lambda s: s.start, default=None)
        if said is None:
            continue
        first, second = sorted((said, Statement(start, end)), key=lambda s: s.start)
        if first.end > second.start or parted(text, first, second):
            continue
        if not _NOT.search(text.lower, first.end, second.start):
            yield first, second
            return


def _of(found: re.Match[str]) -> str:
    word = next(found[name] for name in "abcd" if found[name])
    if found["d"]:
        return (
            "old"
            if word in ("sixties", "seventies", "eighties", "nineties")
            else ("young" if word == "teens" else "")
        )
    years = int(word) if word.isdigit() else sum(_NUMBERS[part] for part in re.split("[- ]", word))
    if 5 < years < _YOUNGEST:
        return "teen"
    return "young" if years < _YOUNGEST else "old" if years >= _OLDEST else ""
