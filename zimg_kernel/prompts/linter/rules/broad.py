"""Hints at two words of an English prompt that one picture seldom has: found by large tables."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .clock_times import clock_times
from .levels import is_long
from .listed import LISTED
from .media_things import of_thing_shown
from .mono import in_colour, of_thing
from .scene import in_parts
from .statement import Statement

_TOKEN = re.compile(r"[a-z0-9]+(?:'s\b)?")
_END = re.compile(r"[.!?;](?=\s|$)|\n")
_KINDS = ("medium", "time", "season", "weather", "place")
_INNER = frozenset((
    "room", "kitchen", "bath", "school", "worship", "clinic", "vehicle", "cell", "gym", "court",
    "bar", "office", "factory", "shop", "street",
))  # fmt: skip
_CRAFTS = frozenset(("cloth", "clay", "paper", "glass", "print", "chalk"))
_SURE = frozenset(("street",))  # two weak words for it are no sure one
_WARM = frozenset(("winter", "tropic"))  # told of whatever heights are named beside
_NEAR_BY = frozenset(("far", "fog"))
_TOLD = frozenset(("mono", "hue"))
_SURE_KINDS = frozenset(("time", "season"))  # of long descriptions, too
_WORDS = load_words(__file__)
_PLACES = frozenset(name for pair in _WORDS["place_pairs"] for name in pair.split("/"))
_MEDIUM_PAIRS = frozenset(frozenset(pair.split("/")) for pair in _WORDS["medium_pairs"])
_MEDIUMS = frozenset().union(*_MEDIUM_PAIRS)
_MEDIA = load_words(__file__, "loose_media")
_SCENE = load_words(__file__, "loose_scene")
_MEDIA["mixed"] = tuple(word for word in _MEDIA["mixed"] if word != "panels?")
_NO_MEDIA, _OF_MEDIA = (
    _MEDIA.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("mixed", "aside")
)
for _name, _vague in (
    ("aside", _WORDS["vague_aside"]), ("view", _WORDS["vague_view"]),
    ("several", _WORDS["near_several"]),
):  # fmt: skip
    _SCENE[_name] = tuple(word for word in _SCENE[_name] if word not in _vague)
_NO_SCENE, _OF_SCENE, _VIEW, _HEIGHTS = (
    _SCENE.pattern(rf"(?<![\w-])<{name}>(?![\w-])")
    for name in ("several", "aside", "view", "season_aside")
)
_NEAR, _RUINS, _NOT_HEAD = (
    _WORDS.pattern(rf"(?<![\w-])<{n}>(?![\w-])") for n in ("near_several", "ruins", "head_aside")
)
_COMPARED = Pattern(r"\b(?:like|as|as if|as though|no|not|without|never|or|than) (?:an?|the)? ?$")

_LENS = Pattern(r"\b(?:depth|bokeh|lens|macro|\d+ ?mm|f ?/? ?\d|focus)")
_AS_AS = Pattern(r"\bas [\w-]+ as ")
_ACCENTS = load_words(__file__, "contradiction").pattern(
    "<accents>|apart[ ]from|save[ ]for|alone[ ]is[ ]coloured|only[ ]one[ ]thing|only[ ]one[ ]object"
)
_PEAKS = Pattern(
    r"\b(?:peaks?|mountains?|mountaintops?|summits?|glaci\w+|icebergs?|alps|ridges?|himalayas?"
    r"|cards?|paper|toy|globe|greenhouses?|cakes?)\b"
)
_BEYOND = Pattern(
    r"\b(?:(?:through|behind|outside|beyond|from) (?:a|an|the|its|his|her|tall|large) (?:[\w-]+ )?"
    r"(?:windows?|pane|panes|glass)|outside|beyond|distan\w+|on the horizon|views?|seen from)\b"
)
_OUTSIDE = Pattern(r"\b(?:windows?|outside|inside|indoors|beyond|distan\w+|horizon|background)\b")
_HEAD = 60  # characters, within which a prompt says what the picture is
_HUNG = Pattern(
    r"\b(?:hangs?|hung|hanging|lies|leans|pinned|stands|framed|lesson|class|painter|artist"
    r"|shop|workshop|museum|kit|set|on (?:a|the|an|his|her) (?:wall|easel|desk|table|shelf))\b"
)
_DONE = re.compile(
    r"\b(?:rendered|drawn|done|executed|created|composed|depicted|portrayed|worked|entirely"
    r"|picture|image|scene|everything|piece|whole|illustrated|photographed|shot|printed|style"
    r"|technique|medium|look|print|film) (?:[\w-]+ ){0,3}$|^(?:an? )?(?:[\w'-]+ ){0,2}$"
)
_MADE = re.compile(
    r"(?:[ -](?:style|illustration|picture|look|art|scene|technique|aesthetic|drawing|painting"
    r"|portrait|landscape|poster|animation|photo|photograph|film|print|sketch|study|still|image"
    r"|artwork|piece|renders?|rendering|design|texture|postcard|tintype|negative|frame|shot|snapshot|view"
    r"|close-up|interior|diptych))(?![\w-])"
)
_LOCATED = re.compile(
    r"(?<![\w-])(?:in|inside|into|on|onto|at|up|down|through|across|over|under|along|amid|among|atop"
    r"|within|around|above|below|between|off|round|throughout"
    r"|(?:end|middle|top|foot|heart|floor|depths|bottom) of)"
    r"(?: (?:the|a|an|its|his|her|their))? (?:[\w-]+ ){0,2}$"
)
_BEFORE, _BEHIND = 70, 45  # characters beside words that may make them those of a picture


class Hit(NamedTuple):
    """Words of a list, and where they stand."""

    start: int
    end: int
    sentence: int
    weak: bool  # alone it does not make a place or a season


class _Tables(NamedTuple):
    """Lists by phrase, pairs of lists by kind, and the words that phrases begin with."""

    lists: dict[str, tuple[str, ...]]
    pairs: dict[str, list[tuple[str, ...]]]
    longest: dict[str, int]
    weak: frozenset[str]
    movable: frozenset[str]


def broad_scene(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a pair of words of two places, seasons, times, kinds of weather or media, once."""
    lower = text.lower
    parted, short = in_parts(text), not is_long(text)
    tables, ends = _tables(), _ends(lower)
    hits = _hits(lower)
    free: dict[str, list[Hit]] = {}
    for kind in _KINDS:
        # What the picture is, is said at the beginning of a long description.
        head = len(lower) if short else _HEAD
        if (_NO_MEDIA if kind == "medium" else _NO_SCENE).search(lower, 0, head):
            continue
        if parted and kind != "medium":
            continue
        if kind == "place" and _RUINS.search(lower):
            continue
        for one, other in tables.pairs[kind]:
            if one not in hits or other not in hits:
                continue
            for name in (one, other):
                if name not in free:
                    free[name] = [h for h in hits[name] if not _aside(lower, ends, h, name, kind)]
            several = {n: n not in _SURE and (n == "hue" or kind != "medium") for n in (one, other)}
            if not all(_enough(lower, free[n], several[n]) for n in several):
                continue
            for a, b in product(free[one], free[other]):
                if kind == "medium" and _of_craft(lower, one, other, a, b):
                    continue
                if a.end <= b.start or b.end <= a.start:
                    first, second = sorted((a, b))
                    weak = kind == "place" or not (short or one in _TOLD or kind in _SURE_KINDS)
                    weak = weak or ("photo" in several and not _CRAFTS.isdisjoint(several))
                    yield (
                        Statement(first.start, first.end, weak=weak),
                        Statement(second.start, second.end, weak=weak),
                    )
                    return


def media_named(lower: str) -> tuple[dict[str, list[Hit]], frozenset[frozenset[str]]]:
    """Return where the words of each medium stand, and the pairs of media that no picture has."""
    hits = _hits(lower)
    return {n: hits[n] for n in hits if n in _MEDIUMS}, _MEDIUM_PAIRS


def _enough(lower: str, hits: list[Hit], several: bool) -> bool:
    """Return whether words make a place, season or medium: a sure one, or two for a place."""
    if any(not h.weak for h in hits):
        return True
    return several and len({lower[h.start : h.end] for h in hits}) > 1


def _of_craft(lower: str, one: str, other: str, a: Hit, b: Hit) -> bool:
    """Return whether a photograph may be one of something stitched, folded or modelled."""
    if "photo" not in (one, other):
        return False
    made, name = (b, other) if one == "photo" else (a, one)
    shot = a if one == "photo" else b
    if name in _CRAFTS and _LENS.search(lower, shot.start, shot.end):
        return True
    return name in _CRAFTS and not _of_picture(lower, made.start, made.end)


def _located(lower: str, start: int) -> bool:
    """Return whether something is said to be in or at a place."""
    return _LOCATED.search(lower, max(0, start - 40), start) is not None


def _singulars(phrase: str) -> tuple[str, ...]:
    """Return a phrase, and what it may be the plural of."""
    if phrase.endswith("es"):
        return phrase, phrase[:-1], phrase[:-2]
    return (phrase, phrase[:-1]) if phrase.endswith("s") else (phrase,)


def _of_picture(lower: str, start: int, end: int) -> bool:
    """Return whether words that may be of a thing are said of the whole picture."""
    return bool(_DONE.search(lower, max(0, start - 40), start) or _MADE.match(lower, end))


@cache
def _tables() -> _Tables:
    words = _WORDS
    pairs = {kind: [tuple(p.split("/")) for p in words[f"{kind}_pairs"]] for kind in _KINDS}
    lists: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(name for kind in _KINDS for pair in pairs[kind] for name in pair):
        for phrase in words[name]:
            lists[phrase] = (*lists.get(phrase, ()), name)
    for phrase in words["nothing"]:
        lists[phrase] = ("nothing",)
    longest: dict[str, int] = {}
    for phrase in lists:
        head = phrase.partition(" ")[0]
        longest[head] = max(longest.get(head, 1), 1 + phrase.count(" "))
    return _Tables(lists, pairs, longest, frozenset(words["weak"]), frozenset(words["movable"]))


def _ends(lower: str) -> list[int]:
    """Return where sentences end."""
    return [found.end() for found in _END.finditer(lower)]


@lru_cache(maxsize=1)
def _hits(lower: str) -> Mapping[str, list[Hit]]:
    """Return where the words of each list stand, the longest phrases first."""
    tables, ends = _tables(), _ends(lower)
    tokens = list(_TOKEN.finditer(lower))
    words = [found[0] for found in tokens]
    hits: dict[str, list[Hit]] = {}
    for start, last, name in clock_times(lower):
        hits[name] = [*hits.get(name, ()), Hit(start, last, bisect_right(ends, start), weak=False)]
    at = 0
    while at < len(words):
        step = 1
        word = words[at]
        reach = tables.longest.get(word, 0)
        if word[-1] == "s":
            reach = max(tables.longest.get(form, 0) for form in _singulars(word))
        if not reach:
            at += 1
            continue
        for size in range(min(reach, len(words) - at), 0, -1):
            forms = _singulars(" ".join(words[at : at + size]))
            phrase = next((form for form in forms if form in tables.lists), "")
            names = tables.lists.get(phrase)
            last = tokens[at + size - 1].end()
            start = tokens[at].start()
            if names and not _END.search(lower, start, last):
                weak = phrase in tables.weak and not (
                    _of_picture(lower, start, last)
                    if names[0] in _MEDIUMS
                    else names[0] in _PLACES
                    and phrase not in tables.movable
                    and _located(lower, start)
                )
                hit = Hit(start, last, bisect_right(ends, start), weak)
                for name in names:
                    hits.setdefault(name, []).append(hit)
                step = size
                break
        at += step
    return hits


def _aside(lower: str, ends: list[int], hit: Hit, name: str, kind: str) -> bool:
    """Return whether the words are on a picture, a view or a comparison."""
    compared = _COMPARED.search(lower, max(0, hit.start - 12), hit.start)
    as_such = kind in ("medium", "time") and compared is not None and compared[0][:2] == "as"
    as_such = as_such and not _AS_AS.search(lower, max(0, hit.start - 24), hit.start)
    if compared and kind != "weather" and not as_such:
        return True
    if name in _INNER:
        return False
    if name == "mono" and (
        LISTED.search(lower, max(0, hit.start - 16), hit.start)  # "in ochre, black and white"
        or in_colour(lower)
        or of_thing(lower, hit.start, hit.end)
    ):
        return True
    if kind == "medium" and of_thing_shown(lower, hit.start, hit.end):
        return True
    begin = ends[hit.sentence - 1] if hit.sentence else 0
    end = ends[hit.sentence] if hit.sentence < len(ends) else len(lower)
    begin, end = max(begin, hit.start - _BEFORE), min(end, hit.end + _BEHIND)
    around = f"{lower[begin : hit.start]}\n{lower[hit.end : end]}"
    if kind == "medium" and hit.end < _HEAD:  # what the picture is, before what is in it
        begin, end = hit.start, min(end, hit.end + 25)
        return bool(_NOT_HEAD.search(lower, 0, hit.start) or _HUNG.search(lower, hit.end, end))
    if name == "hue":
        return _ACCENTS.search(lower) is not None
    if kind == "medium":
        return _OF_MEDIA.search(around) is not None or _NO_MEDIA.search(around) is not None
    return (
        _NO_SCENE.search(around) is not None
        or _OF_SCENE.search(around) is not None
        or (kind != "weather" and _NEAR.search(around) is not None)
        or (kind == "place" and _VIEW.search(around) is not None)
        or (kind == "season" and _BEYOND.search(around) is not None)
        or (kind == "weather" and name not in _NEAR_BY and _OUTSIDE.search(around) is not None)
        or (kind == "season" and name not in _WARM and _HEIGHTS.search(around) is not None)
        or (name == "winter" and _PEAKS.search(around) is not None)
    )
