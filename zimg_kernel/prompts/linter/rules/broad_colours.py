"""Hints at two colours of what may be one English thing, its parts or another name of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from typing import NamedTuple, TypeVar

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import EN_NAMES, alike
from .owners import alone
from .scene import in_parts
from .statement import Statement

_T = TypeVar("_T")
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*(?:'s?(?![a-z]))?|[,.;:!?]")
_END = re.compile(r"[.!?;](?=\s|$)|\n")
_LOOSE = load_words(__file__, "loose_colours")
_APART, _SEVERAL = (
    _LOOSE.pattern(rf"(?<![\w-])<{name}>(?![\w-])") for name in ("apart", "several")
)
_NEW = frozenset(("a", "an", "another", "one", "some", "two", "three", "four", "five", "six"))
_THIS = frozenset(("the", "this", "that", "his", "her", "its", "their", "these", "those"))
_IS = frozenset((
    "is", "are", "was", "looks", "gleams", "shines", "glows", "shimmers", "painted", "dyed",
    "lacquered", "in", "a", "an", "deep", "bright", "dark", "pale", "pure", "entirely", "all",
    "completely", "now", "now", "solid", "glossy", "brilliant", "rich", "light", "vivid", ",",
    "wholly", "plain", "quite", "faded", "soft", "the", "colour", "color", "upholstered",
    "covered", "clad", "sprayed", "coated", "finished", "coloured", "colored", "gloss", "matt",
    "matte", "metallic", "cut", "from", "made", "sewn", "woven", "knitted",
    "seems", "appears", "remains", "polished",
))  # fmt: skip
_FOODS = frozenset(("coffee", "chocolate", "cream", "honey", "plum", "cherry", "lemon", "olive"))
_BEFORE_OF = frozenset(("colour", "color", "is", "are", "made"))
_STUFF = frozenset((
    "velvet", "leather", "silk", "satin", "cotton", "linen", "wool", "fabric", "cloth", "paint",
    "lacquer", "enamel", "fur", "sheen", "shade", "tone", "hue", "colour", "color", "gloss",
))  # fmt: skip
_YOUNG = frozenset(("foal", "calf", "lamb", "piglet", "cub", "fawn"))
_LOCKS = frozenset(("lock", "strand", "curl", "tress", "ringlet"))  # of hair that is there
_OWN = frozenset(("his", "her", "its", "their"))
_LIKE = ({"pink", "purple"}, {"cyan", "blue"}, {"cyan", "green"}, {"gold", "white"},
         {"white", "grey"}, {"brown", "orange"}, {"yellow", "orange"},
         {"brown", "red"})  # fmt: skip


class _Coloured(NamedTuple):
    start: int
    end: int
    thing: str  # empty for a part
    classes: frozenset[str]  # of which a part or a whole may be
    colour: str
    det: str
    worn: bool
    owner: str = ""  # the thing that a part is said to be of


class _Tables(NamedTuple):
    colours: dict[str, str]
    things: dict[str, str]
    fixed: dict[str, tuple[str, str]]
    wholes: dict[str, frozenset[str]]
    parts: dict[str, frozenset[str]]
    stops: frozenset[str]
    worn: frozenset[str]
    animals: frozenset[str]


@cache
def _tables() -> _Tables:
    words = load_words(__file__)
    colours = {**EN_NAMES, **dict(entry.split("/") for entry in words["colours"])}
    wholes: dict[str, frozenset[str]] = {}
    parts: dict[str, frozenset[str]] = {}
    for table, entries in ((wholes, words["wholes"]), (parts, words["parts"])):
        for word, name in (entry.split("/") for entry in entries):
            table[word] = table.get(word, frozenset()) | frozenset(words[name])
    fixed = {
        word: (thing, colour) for word, thing, colour in (e.split("/") for e in words["fixed"])
    }
    things = dict(entry.split("/") for entry in words["things"])
    worn = frozenset((*words["clothes"], "hair", "beard", "moustache", "eye", "hat", "scarf"))
    stops, animals = frozenset(words["stops"]), frozenset(words["animals"])
    return _Tables(colours, things, fixed, wholes, parts, stops, worn, animals)


def broad_colours(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of what may be one thing in two colours, once."""
    lower = text.lower
    several = next((m for m in _SEVERAL.finditer(lower) if "row" not in m[0]), None)
    if in_parts(text) or several:
        return
    tables = _tables()
    found, named = _mentions(lower, tables)
    one_person = alone(text)
    for a, b in combinations(found, 2):
        if a.end > b.start or b.det in _NEW or not _one(a, b) or _like(a.colour, b.colour):
            continue
        # Another thing of the kind, with or without a colour, may be the one that is meant.
        kind = {a.thing} | (b.classes if not b.thing or b.thing != a.thing else frozenset())
        if b.owner:
            kind = {a.thing}
        elif b.det.endswith("'s"):
            kind -= _YOUNG
        if len({start for start, thing, new in named if new and thing in kind}) > 1:
            continue
        worn = a.worn and not (a.det == b.det and a.det in ("his", "her"))
        if worn and not one_person and b.det != a.det:
            continue
        if any(_one(c, b) and _like(c.colour, b.colour) for c in found if c.end <= b.start):
            continue
        near = lower[max(0, a.start - 16) : a.end + 16], lower[max(0, b.start - 20) : b.end + 16]
        if b.thing in tables.animals and b.det in _OWN and a.det not in _OWN:
            continue  # a white horse and its chestnut foal
        if not any(_APART.search(part) for part in near):
            yield (
                Statement(a.start, a.end, weak=True),
                Statement(b.start, b.end, weak=True),
            )
            return


def _one(a: _Coloured, b: _Coloured) -> bool:
    """Return whether the second of two mentions may be of the first one's thing, or a part."""
    if b.owner:
        return a.thing == b.owner and bool(a.classes | b.classes)
    if not a.thing:
        return not b.thing and a.classes == b.classes and b.det in _THIS
    if a.thing == b.thing:
        return b.det in _THIS or b.det.endswith("'s")
    return a.thing in b.classes and (b.det in _THIS or b.det.endswith("'s"))


def _like(a: str, b: str) -> bool:
    if not a or not b:
        return False
    return a == b or alike(a, b, strict=True) or any({a, b} <= pair for pair in _LIKE)


def _mentions(lower: str, tables: _Tables) -> tuple[list[_Coloured], list[tuple[int, str, bool]]]:
    """Return coloured things, and all things with their places and whether they are new."""
    tokens = list(_TOKEN.finditer(lower))
    words = [token[0] for token in tokens]
    ends = [match.end() for match in _END.finditer(lower)]
    coloured: list[_Coloured] = []
    named: list[tuple[int, str, bool]] = []
    for i, raw in enumerate(words):
        word = raw.removesuffix("'s").removesuffix("'")
        two = f"{words[i - 1]} {word}" if i else word
        thing = _known(word, tables.things)
        fixed = tables.fixed.get(two) or tables.fixed.get(word)
        classes = _known(word, tables.wholes) or frozenset()
        part = tables.parts.get(word, frozenset())
        if not (thing or fixed or classes or part):
            continue
        following = words[i + 1] if i + 1 < len(words) else ""
        compound = _known(following, tables.things) or following in tables.parts
        if compound and not raw.endswith("'s"):
            continue  # "rose dress", "apple tree"
        colour, at, det = _before(words, i, tables)
        if not colour and det in _THIS and not raw.endswith("'s"):
            colour, at = _of(words, i, det, tables)
        if fixed and not colour:
            thing, colour, at = fixed[0], fixed[1], i
        last = i
        if not colour and not raw.endswith("'s"):
            colour, last = _after(words, i, tables)
            at = i
        if word in _LOCKS and det in ("a", "one"):
            det = "the"
        new = det in _NEW or not det
        if thing:
            named.append((tokens[i].start(), thing, new))
        if not colour:
            continue
        start, end = tokens[at].start(), tokens[last].end()
        if bisect_right(ends, start) != bisect_right(ends, tokens[last].start()):
            continue
        worn = bool(thing and thing in tables.worn)
        if thing:
            coloured.append(_Coloured(start, end, thing, classes, colour, det, worn))
        if part and (det in _THIS or det.endswith("'s")) and not (thing and det in ("a", "an")):
            whose = det.removesuffix("'s")
            owner = "" if whose == det else (_known(whose, tables.things) or "")
            if sum(owner == name for _, name, _ in named) < 2:
                owner = ""  # another word for a thing that was named
            coloured.append(_Coloured(start, end, "", part, colour, det, worn=False, owner=owner))
        elif classes and not thing:
            coloured.append(_Coloured(start, end, "", classes, colour, det, worn=False))
    return coloured, named


def _known(word: str, table: Mapping[str, _T]) -> _T | None:
    """Return what a table says of a word, or of the singular of a plural."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in table:
            return table[form]
    return None


def _before(words: list[str], i: int, tables: _Tables) -> tuple[str, int, str]:
    """Return the only colour before a noun, where it stands, and the determiner."""
    colour, at, det = "", i, ""
    for j in range(i - 1, max(-1, i - 7), -1):
        word = words[j]
        if word in _NEW or word in _THIS or word.endswith("'s"):
            det = word
            break
        if word == "whose":
            det = next((f"{w}'s" for w in words[j - 1 : max(-1, j - 9) : -1]
                        if _known(w, tables.things)), "")  # fmt: skip
            break
        if name := _colour(word, tables):
            if colour and words[at] in _FOODS:
                colour = ""  # "blue enamel coffee pot"
            if colour and not (at == j + 1 and _like(name, colour)):
                return "", i, det  # of two colours
            colour, at = colour or name, j
        elif (
            word == "has"
            and words[i] in tables.parts
            and j > 1
            and words[j - 2] in ("the", "this", "that")
        ):
            det = f"{words[j - 1]}'s"  # "the bird has white feathers"
            break
        elif word in tables.stops or word in (".", ";", ":", "!", "?"):
            break
    if not det:
        return colour, at, ""
    return colour, at, det


def _of(words: list[str], i: int, det: str, tables: _Tables) -> tuple[str, int]:
    """Return the colour in "the deep burgundy of its upholstery", and where it stands."""
    for j in range(i - 1, max(0, i - 4), -1):
        if words[j] == det and words[j - 1] == "of":
            for k in (j - 2, j - 3):
                if k >= 0 and (name := _colour(words[k], tables)):
                    return name, k
                if k >= 0 and words[k] not in _STUFF:
                    return "", i
    return "", i


def _colour(word: str, tables: _Tables) -> str:
    """Return the colour that a word names, also as "mustard-yellow"."""
    if word in tables.colours or "-" not in word:
        return tables.colours.get(word, "")
    first, _, last = word.rpartition("-")
    if last in ("coloured", "colored", "hued", "painted", "toned"):
        return tables.colours.get(first, "")
    one, other = tables.colours.get(first, ""), tables.colours.get(last, "")
    return "" if one and other and not _like(one, other) else other


def _after(words: list[str], i: int, tables: _Tables) -> tuple[str, int]:
    """Return the colour behind a noun: "is bright green", ", entirely in red"."""
    for j in range(i + 1, min(len(words), i + 7)):
        word = words[j]
        if name := _colour(word, tables):
            last = j
            while last + 1 < len(words) and _like(name, _colour(words[last + 1], tables)):
                last += 1
            following = words[last + 1] if last + 1 < len(words) else "."
            ends = following in (",", ".", ";", "from", "all", "as", "and", "in", "with", "on")
            ends = ends or following in tables.parts or following in _STUFF
            if j == i + 1 or not ends:
                return "", i
            more = words[last + 2] if last + 2 < len(words) else ""
            if following == "and" and _colour(more, tables):
                return "", i
            return name, last
        stuff = words[j + 2] if j + 2 < len(words) else ""  # "of sapphire velvet"
        if word not in _IS and not (
            word == "of" and (words[j - 1] in _BEFORE_OF or stuff in _STUFF)
        ):
            return "", i
    return "", i
