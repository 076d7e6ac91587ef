"""Statements on the whole scene (time, place, weather, view) that exclude each other."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import WordLists, load_words
from zimg_kernel.prompts.text import Text, has_han

from .levels import is_long
from .statement import Statement, weakly

_WORDS = load_words(__file__)
_EXCLUSIVE = [tuple(pair.split("/")) for pair in _WORDS["exclusive"]]
_SITES = load_words(__file__, "places")
_BEHIND = 24  # characters after a place in which it is said to be in the distance
_NEAR = 60  # characters around two statements in which "half" and the like part them


def _site(names: tuple[str, ...]) -> str:
    """Return an expression for "in the middle of a dense pine forest"."""
    at, places, others = ("|".join(words) for words in (_SITES["at"], names, _SITES["not_places"]))
    return (
        rf"(?:{at}) (?:an?|the|his|her|their|its|this) (?:[\w'-]+,? ){{0,3}}?"
        rf"(?:{places})(?! (?:{others})(?![\w-]))"
    )


Either = tuple[Pattern | None, Pattern | None]


def _either(name: str) -> Either:
    """Return patterns of the English and the Chinese words of a list."""
    lists = WordLists(
        english=(
            *(word for word in _WORDS[name] if not has_han(word)),
            *([_site(_SITES[name])] if name in _SITES else ()),
        ),
        chinese=tuple(word for word in _WORDS[name] if has_han(word)),
    )
    return (
        lists.pattern(r"(?<![\w-])<english>(?![\w-])") if lists["english"] else None,
        lists.pattern("<chinese>") if lists["chinese"] else None,
    )


_VALUES = {name: _either(name) for name in dict.fromkeys(v for pair in _EXCLUSIVE for v in pair)}
_SPLIT, _FRAMED, _HUNG = (_either(name) for name in ("split", "framed", "hung"))
_VIEW, _VIEW_NEAR = _either("view"), _either("view_near")
_IN_PARTS = _WORDS.pattern(r"(?<![\w-])<in_parts>(?![\w-])")
_SIMILE = _WORDS.pattern(
    r"(?<![\w-])<simile>(?![\w-])"
    r"(?:[ ](?:an?|the|in|it|there|were|was|any|of|is))*[ ]?(?:[\w-]+[ ])?$"
)
_ZH_PICTURE_OF = Pattern(
    r"[^，,。；的]{0,4}的(?:[^，,。；的]{0,3})(?:画|照片|海报|图案|壁纸|插图|屏幕|封面)(?!面)"
)
_OF_PERSONS = frozenset(_WORDS["persons"])
_PERSON = _WORDS.pattern(r"(?<![\w-])<person_words>(?![\w-])")
_SEASONS = frozenset(_WORDS["seasons"])
_SHELTER = _WORDS.pattern(r"(?<![\w-])<shelter>(?![\w-])")
_WEATHER = frozenset(("clear", "rain", "dry", "windless", "calm"))
_RUINS = Pattern(
    r"\b(?:ruin\w*|derelict|abandoned|overgrown|roofless|trains?|railway|dining car|tram|ferry"
    r"|viaduct)\b"
)
_SHELTERED = Pattern(
    r"\b(?:outside|indoors|inside|kitchen|after (?:the|a)|before the|breakwater|beyond"
    r"|harbou?r wall)\b"
)
_PLACES = frozenset(_WORDS["places"])
_TIMES = frozenset(("noon", "day", "morning", "afternoon", "dawn", "dusk", "dark"))
_NO_PICTURES = tuple(_WORDS["framed_things"])
_CLAUSE = Pattern(r"[.!?](?=\s|$)|[。！？；;\n]")


def opposites(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs of statements that cannot both be true of one picture, one pair for a kind."""
    found: dict[str, list[Statement]] = {}
    told: list[tuple[Statement, Statement]] = []
    several = len({hit[0] for hit in _PERSON.finditer(text.lower)}) > 1
    for one, other in _EXCLUSIVE:
        if several and one in _OF_PERSONS:
            continue
        for name in (one, other):  # the other one is looked for where there is the first
            if name not in found:
                found[name] = _statements(text, name)
            if not found[name]:
                break
        for a, b in product(found[one], found.get(other, ())):
            first, second = (a, b) if a.start <= b.start else (b, a)
            if second.start < first.end or parted(text, first, second):
                continue
            if one in _SEASONS and _SHELTER.search(text.lower):
                continue
            if one in _PLACES and (_seen_from(text, first) or _seen_from(text, second)):
                continue
            # The same words tell of noon against night and of day against night.
            if any(first.overlaps(x) or second.overlaps(y) for x, y in told):
                break
            told.append((first, second))
            pair = ((first, second),)
            weak = is_long(text) and (one in _OF_PERSONS or (text.chinese and one not in _TIMES))
            weak = weak or _sheltered(text, one)
            weak = weak or (one in _PLACES and _RUINS.search(text.lower) is not None)
            yield from weakly(pair) if weak else pair
            break


def _sheltered(text: Text, name: str) -> bool:
    """Return whether another weather may be meant elsewhere, or afterwards."""
    return name in _WEATHER and _SHELTERED.search(text.lower) is not None


def _statements(text: Text, name: str) -> list[Statement]:
    found = []
    english, chinese = _VALUES[name]
    for pattern in (english, chinese if text.chinese else None):
        for hit in pattern.finditer(text.lower) if pattern else ():
            if pattern is chinese and text.cuts_word(hit.start()) and name not in _PLACES:
                continue
            statement = Statement(*hit.span())
            if not inner(text, statement):
                found.append(statement)
    return found


def inner(text: Text, statement: Statement) -> bool:
    """Return whether a statement is a comparison, or on a picture within the picture."""
    sentence = sentence_start(text, statement.start)
    before = text.lower[sentence : statement.start]
    if compared(text, statement) or _ZH_PICTURE_OF.match(text.lower, statement.end):
        return True
    frame = _last(_FRAMED, before)
    if frame is None:
        return False
    # A prompt may begin with what the whole picture is: "oil painting of ...".
    whole = sentence + frame < 30 and "," not in before[:frame]
    whole = whole and not before[frame:].startswith(_NO_PICTURES)
    if not whole:
        return len(before) - frame < 70
    return _search(_HUNG, text.lower, 0, len(text.lower)) and len(before) - frame < 60


def compared(text: Text, statement: Statement) -> bool:
    """Return whether a statement is a comparison or is denied."""
    sentence = sentence_start(text, statement.start)
    return bool(_SIMILE.search(text.lower[max(sentence, statement.start - 40) : statement.start]))


def sentence_start(text: Text, position: int) -> int:
    """Return where the sentence around a character begins."""
    ends = _sentence_ends(text.lower)
    n = bisect_right(ends, position)
    return ends[n - 1] if n else 0


def sentence_mark(text: Text, position: int) -> int | None:
    """Return where the first mark stands that ends a sentence, from a character on."""
    ends = _sentence_ends(text.lower)
    n = bisect_right(ends, position)
    return ends[n] - 1 if n < len(ends) else None


@lru_cache(maxsize=4)
def _sentence_ends(lower: str) -> tuple[int, ...]:
    return tuple(found.end() for found in _CLAUSE.finditer(lower))


def _last(patterns: Either, part: str) -> int | None:
    ends = [found.start() for p in patterns if p is not None for found in p.finditer(part)]
    return max(ends, default=None)


def _search(patterns: Either, text: str, start: int, end: int) -> bool:
    return any(p.search(text, max(0, start), end) for p in patterns if p is not None)


def in_parts(text: Text) -> bool:
    """Return whether the picture is one of several parts, as a diptych is."""
    return _has_parts(text.lower)


@lru_cache(maxsize=4)
def _has_parts(lower: str) -> bool:
    return _IN_PARTS.search(lower) is not None


def parted(text: Text, a: Statement, b: Statement) -> bool:
    """Return whether the text says that both are meant: half of the picture each."""
    if in_parts(text):
        return True
    return any(_search(_SPLIT, text.lower, start, end) for start, end in around(text, a, b, _NEAR))


def around(text: Text, a: Statement, b: Statement, reach: int) -> list[tuple[int, int]]:
    """Return the ranges near two statements, one range if they are in one sentence."""
    ranges = []
    for s in (a, b):
        close = sentence_mark(text, s.end)
        last = len(text.lower) if close is None else close
        ranges.append(
            (max(sentence_start(text, s.start), s.start - reach), min(last, s.end + reach))
        )
    whole = ranges[0][0], ranges[1][1]
    one = sentence_start(text, a.start) == sentence_start(text, b.start)
    return [whole] if one else ranges


def _seen_from(text: Text, statement: Statement) -> bool:
    """Return whether a place is one that is looked at from another."""
    start = sentence_start(text, statement.start)
    end = sentence_mark(text, statement.end)
    last = len(text.lower) if end is None else end + 1
    begin = text.lower.rfind(",", start, statement.start) + 1 or start
    close = text.lower.find(",", statement.end, last)
    near = begin, min(last if close < 0 else close, statement.end + _BEHIND)
    return _search(_VIEW, text.lower, start, last) or _search(_VIEW_NEAR, text.lower, *near)
