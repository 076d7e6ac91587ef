"""One thing that a Chinese prompt names again in another colour: 一辆灰色轿车, 这辆红色的车."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .colours import alike
from .statement import MOST, Statement

_WORDS, _TINTS = load_words(__file__), load_words(__file__, "tints_zh")
_KIND_OF = {
    word.split("(")[0].rstrip("?"): kind for kind in _WORDS["things"] for word in _WORDS[kind]
}
_NO_COLOURS = ("covers", "mixed", "no_things", "of_body")
COLOUR_NAMES = {
    w: name for name, words in _TINTS.items() if name not in _NO_COLOURS for w in words
} | {
    word: name.removeprefix("more_")
    for name, words in _WORDS.items()
    if name.startswith("more_")
    for word in words
}
_WORDS["colour"] = tuple(sorted(COLOUR_NAMES, key=len, reverse=True))
_WORDS["noun"] = tuple(
    sorted((w for kind in _WORDS["things"] for w in _WORDS[kind]), key=len, reverse=True)
)
_COLOUR = r"(?P<colour><colour>)色?"
_ATTRIBUTE = _WORDS.pattern(
    rf"(?<![烧晒冻泛发染映]){_COLOUR}(?P<of>的)?[^，。；、：！？\n的和与]{{0,4}}?(?P<noun><noun>)"
)
_PREDICATE = _WORDS.pattern(rf"""
    (?P<noun><noun>)(?:的?(?:颜色|<surfaces>))?(?:整体|全|都|则|却|已经?|竟)?<given>(?:了|一片|一层)?
    [^，。；！？\n是为]{{0,5}}?{_COLOUR}(?=[，。；！？\n]|$|的|[漆底面料绒哑皮布缎丝])
""")
_SURFACE = _WORDS.pattern(
    rf"(?P<noun><noun>)(?:身上|那|的|一身|那身|整身|浑身){{0,2}}{_COLOUR}的?[^，。；、\n]{{0,3}}?<surfaces>"
)
_THIS = _WORDS.pattern(
    "(?:这|那|该|整|同一|同)<measures>[^，。；！？\n]{0,9}$|[它他她]的?[^，。；\n]{0,4}$"
)
_SOME = _WORDS.pattern("(?:一|某)<measures>[^，。；！？\n]{0,9}$")
GENERIC = frozenset(_WORDS["generic"])
_WORN = frozenset(("scarf", "hat", "helmet", "bag", "dress", "coat", "shirt", "robe"))
WEARER = _WORDS.pattern("<wearers>")
_APART = _WORDS.pattern("<apart>")
_ONE_OF = Pattern("[一两三四五六七八九十几]")


@dataclass(frozen=True)
class _Coloured(Statement):
    """A thing, its colour, and whether a sentence states it or the thing is named as known."""

    kind: str
    noun: str
    colour: str
    stated: bool
    fresh: bool


def recoloured(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of one thing in two colours, once."""
    found = sorted(_coloured(clauses), key=lambda s: s.start)[:MOST]
    if len(found) < 2 or clauses.split:
        return
    several = len(set(WEARER.findall(clauses.plain))) > 1  # each has a coat of their own
    for a, b in combinations(found, 2):
        if a.kind != b.kind or not ({a.noun, b.noun} & GENERIC or a.noun == b.noun):
            continue  # two breeds are two dogs
        if a.end > b.start or b.fresh or not (a.stated or b.stated):
            continue
        if alike(a.colour, b.colour) or {a.colour, b.colour} in _CLOSE:
            continue
        if sum(s.fresh for s in found if s.kind == a.kind) > 1 or (a.kind in _WORN and several):
            continue
        if any(_APART.search(clauses.clause(s)) for s in (a, b)) or clauses.parted(a, b):
            continue
        if not any(clauses.inner(s, of_thing=True) for s in (a, b)):
            yield a, b
            return


_CLOSE = ({"beige", "white"}, {"beige", "yellow"}, {"beige", "grey"}, {"beige", "brown"},
          {"beige", "gold"}, {"beige", "orange"}, {"beige", "pink"})  # fmt: skip


def _coloured(clauses: ChineseClauses) -> Iterator[_Coloured]:
    plain = clauses.plain
    for pattern in (_PREDICATE, _SURFACE, _ATTRIBUTE):
        for found in pattern.finditer(plain):
            before = clauses.before(Statement(*found.span()))
            this = _THIS.search(before) is not None
            fresh = not this and _SOME.search(before) is not None
            colour = COLOUR_NAMES[found["colour"]]
            kind = kind_of(found["noun"])
            stated = this or pattern is not _ATTRIBUTE
            if kind:
                yield _Coloured(*found.span(), kind, found["noun"], colour, stated, fresh)


@lru_cache(maxsize=1024)
def kind_of(noun: str) -> str:
    """Return the list of things that a noun is in, or an empty text."""
    return _KIND_OF.get(noun) or next(
        (kind for word, kind in _KIND_OF.items() if noun.startswith(word)), ""
    )
