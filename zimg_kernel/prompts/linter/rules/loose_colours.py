"""Two colours of what may be one English thing: a yellow raincoat, the blue cloth of the coat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import EN_NAMES, alike, singular
from .owners import alone
from .scene import in_parts, inner
from .statement import MOST, Statement, weakly

_WORDS = load_words(__file__)
_REPEATED = load_words(__file__, "repeated")
_ALIAS = dict(pair.split("/") for pair in (*_REPEATED["alias"], *_WORDS["alias"]))
_KINDS: dict[str, frozenset[str]] = {}
for _name, _list in (pair.split("/") for pair in _WORDS["kinds"]):
    _KINDS[_name] = _KINDS.get(_name, frozenset()) | frozenset(_WORDS[_list])
_IN_Y = Pattern("[^aeiou]y$")
_LISTS = (
    "animals",
    "birds",
    "cars",
    "boats",
    "clothes",
    "flowers",
    "buildings",
    "instruments",
    "gems",
    "others",
)
_WORDS["noun"] = tuple(
    dict.fromkeys(
        word
        for words in (*(_WORDS[name] for name in _LISTS), _ALIAS, _KINDS)
        for word in sorted(words, key=len, reverse=True)
    )
)
_WORDS["noun"] = (*(w[:-1] + "ies" for w in _WORDS["noun"] if _IN_Y.search(w)), *_WORDS["noun"])
_COLOURS = {**EN_NAMES, "silver": "silver", "silvery": "silver"}
for _entry in (*_REPEATED["coats"], *_WORDS["colours"]):
    _word, _, _name = _entry.partition("/")
    _COLOURS[_word] = _name
_WORDS["colour"] = tuple(sorted(_COLOURS, key=len, reverse=True))
_GAP = r"(?:(?!(?:<ends>|<colour>)\b)[a-z][a-z'-]*,?[ ])"
_COLOUR = r"(?:<colour>[ -])?(?P<colour><colour>)"
_MY = r"(?P<det>the|this|that|his|her|its|their|[a-z]+'s)"
_THING = r"(?P<noun><noun>)(?P<s>s|es)?(?![\w-])"
_FORMS = (
    # "a long red coat"
    _WORDS.pattern(rf"(?<![\w'-])(?:[a-z]+-)?{_COLOUR}[ ]{_GAP}{{0,3}}?{_THING}(?!'s)"),
    # "the green wool of her coat"
    _WORDS.pattern(
        rf"(?<![\w'-]){_COLOUR}[ ](?:[a-z]+[ ])?<surfaces>[ ]"
        r"(?:(?!of\b|on\b|from\b)[a-z]+[ ]){0,2}?(?:of|on|from|covering)[ ]"
        rf"{_MY}[ ](?:[a-z-]+[ ]){{0,2}}?{_THING}"
    ),
    # "the faded red of the door"
    _WORDS.pattern(
        rf"(?<![\w'-])the[ ](?:[a-z]+[ ])?{_COLOUR}[ ]of[ ]{_MY}[ ](?:[a-z-]+[ ]){{0,1}}?{_THING}"
    ),
    # "the coat's green wool"
    _WORDS.pattern(
        rf"(?<![\w'-])(?P<noun><noun>)(?P<s>s)?'s?[ ](?:[a-z-]+,?[ ]){{0,2}}?{_COLOUR}"
        rf"[ ](?:[a-z]+[ ])?<surfaces>(?![\w-])"
    ),
    # "the coat is green", "the coat's wool is green"
    _WORDS.pattern(
        rf"(?<![\w'-]){_THING}(?:'s?[ ]<surfaces>)?,?[ ]"
        rf"(?:is|are|was|looks?|painted|<shows>)[ ](?:in[ ])?(?:[a-z-]+[ ]){{0,3}}?{_COLOUR}"
        r"(?=[,.;]|$|[ ](?:and|with|from|all|in|on|against|like|stands?|sits?|lies|hangs?)\b)"
    ),
    # "its green fur", of the only animal
    _WORDS.pattern(
        rf"(?<![\w'-])(?P<det>its|his|her|their)[ ](?:[a-z-]+,?[ ]){{0,2}}?{_COLOUR}[ ]"
        r"(?:[a-z]+[ ])?(?P<skin>fur|coat|pelt|hide|plumage|feathers|fleece)(?![\w-])"
    ),
    # "a cat with long white fur", "its skin brilliant green"
    _WORDS.pattern(
        rf"(?<![\w'-]){_THING}(?:[ ](?:[a-z]+[ ]){{0,3}}?with|[^.;]{{0,30}},)[ ]"
        rf"(?:its[ ]|a[ ])?(?:[a-z-]+,?[ ]){{0,2}}?"
        rf"(?:{_COLOUR}[ ](?:fur|coat|plumage|feathers|pelt)"
        r"|(?:fur|coat|skin|plumage)[ ](?:[a-z]+[ ])?(?P<of><colour>))(?![\w-])"
    ),
    # "a python, creamy white,", "a tractor in faded red stands"
    _WORDS.pattern(rf"(?<![\w'-]){_THING},[ ](?:[a-z]+[ ])?{_COLOUR}(?=,|[ ](?:from|all)\b)"),
    _WORDS.pattern(
        rf"(?<![\w'-]){_THING}[ ]in[ ](?:<shades>[ ])?{_COLOUR}"
        r"(?=[,.;]|[ ](?:[a-z]+s|by|on|at|with)\b)"
    ),
    # "its hull painted a deep red", "its red hull"
    _WORDS.pattern(
        rf"(?<![\w'-])(?P<det>its)[ ](?:(?:[a-z-]+[ ])?{_COLOUR}[ ](?P<body><bodies>)"
        r"|(?P<bodywork><bodies>)[ ](?:(?:is|are|was|has[ ]been|painted|lacquered|in|an?)[ ])*"
        r"(?:[a-z]+[ ])?(?P<of><colour>))(?![\w-])"
    ),
    # "a samoyed lies there, white as snow"
    _WORDS.pattern(
        rf"(?<![\w'-])(?:an?|the)[ ](?:[a-z-]+[ ])?{_THING}[^.,;]{{0,40}},[ ]"
        r"(?:(?:pure|all|snow|jet)[ -])?(?P<colour><colour>)[ ](?:and[ ][a-z]+[ ])?"
        r"(?:as|from|all)[ ]"
    ),
)
_DET = Pattern(
    r"(?<![\w'-])(an?|another|one|two|three|four|five|the|this|that|his|her|its|their|[a-z]+'s) "
    r"(?:(?!(?:an?|another|the|this|that|his|her|its|their)\b)[\w'-]+,? ){0,4}$"
)
_APART = _WORDS.pattern(r"(?<![\w-])<apart>(?![\w-])")
_SEVERAL = _WORDS.pattern(r"(?<![\w-])<several>(?![\w-])")
_ANIMALS = frozenset(_WORDS["animals"])
_WORN = frozenset((*_WORDS["clothes"], *_WORDS["worn"]))
_PAIRED = frozenset(_WORDS["paired"])
_NEW = frozenset(("a", "an", "another", "one"))
_MANY = frozenset(("another", "two", "three", "four", "five"))
_ANY = Pattern(r"(?<![\w'-])(?:an?|another|one|two|three|four|five|six|some|several|many) $")


@dataclass(frozen=True)
class _Coloured(Statement):
    noun: str
    colour: str
    det: str
    plural: bool


def loose_colours(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of one kind of thing in two colours, once."""
    found = sorted(_coloured(text), key=lambda c: (c.start, -c.end))[:MOST]
    if len(found) < 2 or in_parts(text) or _SEVERAL.search(text.lower):
        return
    one_person = alone(text)
    for a, b in combinations(found, 2):
        if a.end > b.start or _alike(a.colour, b.colour) or a.plural != b.plural:
            continue
        if not _one(found, a, b) or b.det in _NEW or b.det in _MANY or not b.det:
            continue
        if a.noun in _WORN and not one_person and not (a.det == b.det in ("his", "her")):
            continue
        if any(c.noun == b.noun and c.end <= b.start and _alike(c.colour, b.colour) for c in found):
            continue
        around = (_sentence(text.lower, c) for c in (a, b))
        if not any(_APART.search(part) for part in around) and not (
            inner(text, a) or inner(text, b)
        ):
            roof = text.lower[a.start : b.end].endswith("roof")  # often of another colour
            yield from weakly([(a, b)]) if roof else [(a, b)]
            return


def _sentence(lower: str, c: Statement) -> str:
    """Return the words near a statement in its sentence."""
    before = lower[max(0, c.start - 20) : c.start].rpartition(". ")[2]
    return before + lower[c.start : c.end] + lower[c.end : c.end + 16].partition(". ")[0]


@lru_cache(maxsize=1024)
def _alike(a: str, b: str) -> bool:
    """Return whether two colours can be meant for one surface."""
    one, two = a.removeprefix("pure "), b.removeprefix("pure ")
    if "silver" in (a, b):
        return one == two or bool({one, two} & {"grey", "white"})
    if "tabby" in (a, b):
        return not {one, two} & _NO_TABBY
    if "beige" in (a, b):
        return not {one, two} & _FAR_FROM_BEIGE
    return one == two or (a == one and b == two and alike(a, b) and {a, b} != {"gold", "brown"})


_NO_TABBY = frozenset(("white", "blue", "green", "purple", "pink", "cyan", "red"))
_FAR_FROM_BEIGE = frozenset(("black", "blue", "green", "purple", "red", "cyan"))


def _one(found: list[_Coloured], a: _Coloured, b: _Coloured) -> bool:
    kind = {b.noun} | _KINDS.get(b.noun, frozenset())
    if a.noun not in kind:
        return False
    same = [c for c in found if c.noun in kind and (c.det in _NEW or c.det in _MANY or not c.det)]
    return len(same) <= 1 and not any(c.det in _MANY for c in same)


def _coloured(text: Text) -> Iterator[_Coloured]:
    lower = text.lower
    for number, pattern in enumerate(_FORMS):
        for found in pattern.finditer(lower):
            groups = found.groupdict()
            colour = _COLOURS[found["colour"] or groups["of"] or ""]
            start, end = found.span()
            if groups.get("skin"):
                noun, plural = "animal", False
            elif groups.get("body") or groups.get("bodywork"):
                noun, plural = "body", False
            else:
                word = singular(found["noun"])
                noun = _ALIAS.get(word, word.removeprefix("swimming "))
                plural = (bool(found["s"]) or found["noun"].endswith("ies")) and noun not in _PAIRED
            before = lower[max(0, start - 40) : start].rpartition(". ")[2]
            det = groups.get("det") or (m[1] if (m := _DET.search(before)) else "")
            if number == 6 and not det and noun in _ANIMALS:
                det = "the"
            if number in (3, 4, 5) and det in ("", "a", "an"):
                det = "the" if number != 4 or det == "" else det
            yield _Coloured(start, end, noun, colour, det, plural)
