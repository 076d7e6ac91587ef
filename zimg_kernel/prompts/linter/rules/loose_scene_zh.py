"""Chinese words for season, time, weather and place that seldom stand in one picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_SHARED = load_words(__file__, "loose_scene")
_KINDS = ("season", "time", "weather", "place")
_PAIRS = {
    kind: [tuple(pair.split("/")) for pair in _WORDS[f"{kind}_pairs"]]
    + [tuple(pair.split("/")) for pair in _SHARED[f"{kind}_pairs"]]
    for kind in _KINDS
}
_VALUES = dict.fromkeys(value for pairs in _PAIRS.values() for pair in pairs for value in pair)
_WORDS.update({v: (*_WORDS.get(v, ()), *_SHARED.get(f"zh_{v}", ())) for v in _VALUES})
_PATTERNS = {value: _WORDS.pattern(f"<{value}>") for value in _VALUES}
_PLACES = frozenset(value for pair in _PAIRS["place"] for value in pair)
_SEASONS = frozenset(value for pair in _PAIRS["season"] for value in pair)
_WORDS.update({name: _SHARED[f"zh_{name}"] for name in ("aside", "view", "season_aside")})
_WORDS["several"] = _SHARED["zh_several"]
_WORDS["time_aside"] = tuple(
    word
    for word in (*_WORDS["aside"], *_WORDS["more_aside"])
    if word not in (*_WORDS["views"], *_SHARED["zh_view"])
)
_ASIDE = _WORDS.pattern("<aside>|<more_aside>")
_TIME_ASIDE = _WORDS.pattern("<time_aside>")
_TIMES = frozenset(value for pair in _PAIRS["time"] for value in pair) | {"fog", "far_clear"}
_LOOKED = _WORDS.pattern("<more_aside>|<aside>|<view>")
_HEIGHTS = _WORDS.pattern("<season_aside>|<aside>|<more_aside>")
_SEVERAL = _WORDS.pattern("<several>|<more_several>")

_ROOMS = dict(room.split("/", 1) for room in _WORDS["rooms"])
_FRIENDS = frozenset(frozenset(pair.split("/")) for pair in _WORDS["room_friends"])
_LOCATED = {
    name: Pattern(
        rf"(?:{words})(?:里|内|中(?!心|央空)|深处|中央|一角|角落|外景)"
        rf"|(?:在|置身于?|身处|位于)(?:[^，。；的]{{0,4}})(?:{words})|(?:^[^，。；]{{0,10}})(?:{words})"
    )
    for name, words in _ROOMS.items()
}
_FAR = Pattern("远处|远方|远景|天边|背景")
_OTHER_ENDS = frozenset("线门灯图车树花草石鱼鸟酒茶糖机器")
Found = Callable[[str], list[Statement]]


def loose_scene(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield a pair of words of two seasons, times, kinds of weather or places, as weak ones."""
    if clauses.split_near(_SEVERAL):
        return
    found: dict[str, list[Statement]] = {}
    for kind, pairs in _PAIRS.items():
        for one, other in pairs:
            for value in (one, other):
                if value not in found:
                    found[value] = _statements(clauses, value)
                if not found[value]:
                    break
            for a, b in product(found[one], found.get(other, ())):
                if not _fit(clauses, kind, a, b):
                    yield (a, b) if a.start < b.start else (b, a)
                    return
    yield from _two_rooms(clauses)


def _two_rooms(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two rooms of which each is said to be where something is."""
    rooms = {
        name: [s for m in pattern.finditer(clauses.plain)
               if not _aside(clauses, s := Statement(*m.span(), weak=True), _LOOKED)]
        for name, pattern in _LOCATED.items()
    }  # fmt: skip
    for one, other in combinations([name for name in rooms if rooms[name]], 2):
        if frozenset((one, other)) in _FRIENDS:
            continue
        for a, b in product(rooms[one], rooms[other]):
            if not _fit(clauses, "place", a, b):
                yield (a, b) if a.start < b.start else (b, a)
                return


def _fit(clauses: ChineseClauses, kind: str, a: Statement, b: Statement) -> bool:
    """Return whether two statements may both be true: one says where the other is."""
    if a.overlaps(b):
        return True
    first, second = (a, b) if a.start < b.start else (b, a)
    if kind == "place" and clauses.begin(first.start) == clauses.begin(second.start):
        return True
    turned = clauses.parted(first, second) and not clauses.split
    return turned or clauses.split_near(_SEVERAL, first, second)


def _statements(clauses: ChineseClauses, value: str) -> list[Statement]:
    asides = _LOOKED if value in _PLACES else _HEIGHTS if value in _SEASONS else _ASIDE
    asides = _TIME_ASIDE if value in _TIMES else asides
    return [
        s
        for hit in _PATTERNS[value].finditer(clauses.plain)
        if not _aside(clauses, s := Statement(*hit.span(), weak=True), asides)
        and not clauses.inner(s)
        and not clauses.plain[: s.start].endswith(("画", "画着"))
        and not _within_word(clauses, s, value)
        and not (value in _PLACES and _FAR.search(clauses.sentence_before(s)))
    ]


def _within_word(clauses: ChineseClauses, s: Statement, value: str) -> bool:
    """Return whether a longer word is meant, such as 斑马线 by 斑马."""
    return any(
        w.start <= s.start
        and s.end <= w.end
        and w.end - w.start > s.end - s.start > 1
        and w.end > s.end
        and not _PATTERNS[value].search(w.text[s.end - w.start :])
        and w.text[-1] in _OTHER_ENDS
        for w in clauses.text.words
    )


def _aside(clauses: ChineseClauses, s: Statement, asides: Pattern) -> bool:
    """Return whether the words are on a picture, a view or a comparison."""
    begin, end = clauses.begin(s.start), clauses.end(s.end - 1)
    return (
        asides.search(clauses.plain[begin : s.start] + "\n" + clauses.plain[s.end : end])
        is not None
    )
