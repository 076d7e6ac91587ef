"""Tables of English things with a colour: their names, kinds, parts and colours."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple, TypeVar

from zimg_kernel.prompts.linter.words import load_words

from .colours import EN_NAMES, alike

_T = TypeVar("_T")
_LIKE = ({"pink", "purple"}, {"cyan", "blue"}, {"cyan", "green"}, {"gold", "white"},
         {"white", "grey"}, {"brown", "orange"}, {"yellow", "orange"},
         {"brown", "red"}, {"tabby", "grey"}, {"tabby", "brown"}, {"tabby", "orange"},
         {"tabby", "gold"})  # fmt: skip


class Coloured(NamedTuple):
    """Thing, whole or part that has a colour."""

    start: int
    end: int
    thing: str  # empty for a part
    classes: frozenset[str]  # of which a part or a whole may be
    colour: str
    det: str
    worn: bool
    owner: str = ""  # the thing that a part is said to be of


class Named(NamedTuple):
    """Thing that is named."""

    start: int
    thing: str
    new: bool
    placed: bool  # behind a preposition


class ColourTables(NamedTuple):
    """Tables of ``words/broad_colours.yaml``."""

    colours: dict[str, str]
    things: dict[str, str]
    fixed: dict[str, tuple[str, str]]
    wholes: dict[str, frozenset[str]]
    parts: dict[str, frozenset[str]]
    stops: frozenset[str]
    worn: frozenset[str]
    animals: frozenset[str]


@cache
def tables() -> ColourTables:
    """Return the tables of ``words/broad_colours.yaml``."""
    words = load_words(__file__, "broad_colours")
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
    return ColourTables(colours, things, fixed, wholes, parts, stops, worn, animals)


def known_as(word: str, table: Mapping[str, _T]) -> _T | None:
    """Return what a table says of a word, or of the singular of a plural."""
    if word in table:
        return table[word]
    for form in (word[:-1], word.removesuffix("es")) if word.endswith("s") else ():
        if form in table:
            return table[form]
    return None


def colour_of(word: str, known: ColourTables) -> str:
    """Return the colour that a word names, also as "mustard-yellow"."""
    if word in known.colours or "-" not in word:
        return known.colours.get(word, "")
    first, _, last = word.rpartition("-")
    if last in ("coloured", "colored", "hued", "painted", "toned", "only"):
        return known.colours.get(first, "")
    one, other = known.colours.get(first, ""), known.colours.get(last, "")
    return "" if one and other and not like(one, other) else other


@lru_cache(maxsize=1024)
def like(a: str, b: str) -> bool:
    """Return whether two colours can be meant for one surface."""
    if not a or not b:
        return False
    return a == b or alike(a, b, strict=True) or any({a, b} <= pair for pair in _LIKE)
