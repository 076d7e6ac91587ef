"""Hints at two colours of what may be one English thing, its parts or another name of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colour_tables import Coloured, Named, like, tables
from .coloured_things import NEW, THIS, mentions
from .levels import is_long
from .owners import alone
from .scene import in_parts
from .statement import MOST, Statement

_SEVERAL = load_words(__file__, "loose_colours").pattern(r"(?<![\w-])<several>(?![\w-])")
_APART = load_words(__file__).pattern(r"(?<![\w-])<apart>(?![\w-])")
_WOMEN, _MEN = (
    load_words(__file__).pattern(rf"(?<![\w'-])<{name}>(?![\w-]|'s)") for name in ("women", "men")
)
_TRIM = Pattern(
    r"\bwith (?:an? |the |its )?(?:[\w-]+ ){1,3}(?:hood|roof|sleeves?|collar|lining|handles?|lid"
    r"|cap|doors?|wheels?|trim|cuffs|laces|soles?|hem|rims?|spokes|shutters|buttons|straps?|legs)\b"
)
_GENERIC = frozenset(("bird", "car", "boat", "flower", "robot", "truck"))
_REACH = 80  # characters beside a colour in which words may tell of several things
_YOUNG = frozenset(("foal", "calf", "lamb", "piglet", "cub", "fawn"))
_OWN = frozenset(("his", "her", "its", "their"))


def broad_colours(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of what may be one thing in two colours, once."""
    lower = text.lower
    if in_parts(text):
        return
    several = [m.start() for m in _SEVERAL.finditer(lower) if "row" not in m[0]]
    reach = _REACH if is_long(text) else len(lower)
    known = tables()
    found, named = mentions(lower, known)
    one_person = alone(text)
    for a, b in combinations(found[:MOST], 2):
        if a.end > b.start or b.det in NEW or not _one(a, b) or like(a.colour, b.colour):
            continue
        # Another thing of the kind, with or without a colour, may be the one that is meant.
        kind = {a.thing} | (b.classes if not b.thing or b.thing != a.thing else frozenset())
        if b.owner and b.owner not in _GENERIC:
            kind = {a.thing}
        elif b.det.endswith("'s"):
            kind -= _YOUNG
        if _several(named, kind, a):
            continue
        worn = a.worn and not (a.det == b.det and a.det in ("his", "her"))
        one_of = (
            one_person
            or (b.det == "her" and len(_WOMEN.findall(lower)) < 2)
            or (b.det == "his" and len(_MEN.findall(lower)) < 2)
        )
        if worn and not one_of and b.det != a.det and b.det not in ("the", "this", "that"):
            continue
        if any(_one(c, b) and like(c.colour, b.colour) for c in found if c.end <= b.start):
            continue
        near = lower[max(0, a.start - 16) : a.end + 16], lower[max(0, b.start - 20) : b.end + 16]
        if b.thing in known.animals and b.det in _OWN and a.det not in _OWN:
            continue  # a white horse and its chestnut foal
        if any(min(abs(at - a.start), abs(at - b.start)) < reach for at in several):
            continue
        if a.thing != b.thing and _TRIM.search(lower, max(0, b.start - 12), b.end + 12):
            continue  # a yellow raincoat with a red hood
        if not any(_APART.search(part) for part in near):
            yield (
                Statement(a.start, a.end, weak=is_long(text)),
                Statement(b.start, b.end, weak=is_long(text)),
            )
            return


def _several(named: list[Named], kind: frozenset[str] | set[str], a: Coloured) -> bool:
    """Return whether there are several things of some kinds, of which one may be meant.

    One that is told of is meant rather than one that is where it is: "a kettle on a stove".
    """
    things = [n for n in named if n.new and n.thing in kind]
    if any(not n.placed and a.start <= n.start <= a.end for n in things):
        things = [n for n in things if not n.placed or n.thing == a.thing]
    return len({n.start for n in things}) > 1


def _one(a: Coloured, b: Coloured) -> bool:
    """Return whether the second of two mentions may be of the first one's thing, or a part."""
    if b.owner and b.owner not in _GENERIC:
        return a.thing == b.owner and bool(a.classes | b.classes)
    if not a.thing:
        return not b.thing and a.classes == b.classes and b.det in THIS
    if a.thing == b.thing:
        return b.det in THIS or b.det.endswith("'s")
    return a.thing in b.classes and (b.det in THIS or b.det.endswith("'s"))
