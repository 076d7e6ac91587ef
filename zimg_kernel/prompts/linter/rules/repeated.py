"""One thing that a second, definite mention gives another colour: a red car, the blue vehicle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import EN_NAMES, alike, singular
from .owners import alone
from .scene import in_parts, inner, sentence_start
from .statement import MOST, Statement

_WORDS = load_words(__file__)
_LISTS = ("vehicle", "boat", "animal", "bird", "building", "flower", "instrument", "garment",
          "seat", "vessel")  # fmt: skip
_GROUPS = [frozenset(group.split("/")) for group in _WORDS["synonyms"]]
_SYNONYMS = {word: group for group in _GROUPS for word in group}
_ALIAS = dict(pair.split("/") for pair in _WORDS["alias"])
_KINDS: dict[str, set[str]] = {}
for _name, _list in (pair.split("/") for pair in _WORDS["kinds"]):
    _KINDS.setdefault(_name, set()).update(_ALIAS.get(word, word) for word in _WORDS[_list])
_WORDS["noun"] = tuple(
    dict.fromkeys(
        word
        for words in (*(_WORDS[name] for name in _LISTS), _WORDS["others"], _ALIAS, _KINDS)
        for word in words
    )
)
_COATS = dict(pair.split("/") for pair in _WORDS["coats"])
_COLOURS = EN_NAMES | _COATS
_WORDS["colour"] = tuple(_COLOURS)
_WORDS["ends"] += load_words(__file__, "colours")["noun_ends"]
_LIST_OF = {_ALIAS.get(word, word): name for name in _LISTS for word in _WORDS[name]}
_NOUN = _WORDS.pattern(r"(?<![\w'-])<noun>(?P<s>s|es)?(?![\w-])")
_COLOUR = _WORDS.pattern(r"(?<![\w-])(?:[a-z]+-)?(?P<colour><colour>)(?![\w-])")
_SHADE = "(?:<shades>[ -]){0,3}"
_SAID = _WORDS.pattern(rf"""
    (?:(?:,[ ])?(?:[ ]?(?:is|are|was|were|looks?|remains?|has[ ]been)[ ])?
      (?:[ ](?:in|on|of|around|at|behind|beside|by|near|over|under|along)[ ](?:the|an?|his|her|its)
        [ ][\w-]+[ ](?=is|was|are|were|has))?(?:(?:is|was|are|were|has[ ]been)[ ])?
      (?:[ ]?painted|[ ]?lacquered|[ ]?dyed|[ ]?enamelled|[ ]?(?:made[ ])?of
        |[ ]?(?:upholstered|covered|clad|wrapped)[ ]in|[ ]in(?=[ ](?:[a-z]+[ ])?<colour>[,.;]))?
      (?:[ ]?an?(?=[ ]))?[ ]?)
    {_SHADE}(?:(?:<colour>|[a-z]+(?=[ ]<colour>(?:[,.;]|[ ]from|[ ]all)))[ -])?(?P<colour><colour>)
    (?=[,.;]|$|[ ](?:with|and[ ](?!<colour>)|all[ ]over|in|on|at|by|for|under|from|against|last
      |long|again|years|lacquer|satin|silk|velvet|wool|leather|lace|linen|cotton|brick|tile|glass|porcelain
      |metal|stone|marble|plastic|paper|fabric|cloth|paint|enamel|tiles|ceramic)\b)
""")
_SURFACE = _WORDS.pattern(rf"'s?[ ]{_SHADE}(?:[a-z]+-)?(?P<colour><colour>)[ ]<surfaces>(?![\w-])")
_SURFACE_IS = _WORDS.pattern(rf"""
    's?[ ]<surfaces>[ ](?:is|are)[ ](?:an?[ ]|all[ ]|now[ ])?{_SHADE}
    (?:[a-z]+-)?(?P<colour><colour>)
    (?=[,.;]|$|[ ](?:with|and[ ](?:its|the|his|her|it)|from|all[ ]over|in|on)\b)
""")
_IT_IS = _WORDS.pattern(rf"""
    (?:(?<=[.!?][ ])|(?<=\n))it[ ](?:is|has[ ]been)[ ]
    (?:painted|lacquered|dyed|all|entirely|completely|an?|of)[ ]
    {_SHADE}(?:[a-z]+-)?(?P<colour><colour>)
    (?=[,.;]|$|[ ](?:with|and[ ](?:its|the|it)|from|all[ ]over|in|on)\b)
""")
_DETERMINER = _WORDS.pattern(
    r"(?:^|(?<![\w'-]))(?P<det>an?|no|\d+|two|three|four|five|six|<definite>|<another>|[a-z]+'s)[ ]"
)
_APART = _WORDS.pattern(r"(?<![\w-])<apart>(?![\w-])")
_TWO_COLOURS = _WORDS.pattern(r"<colour>(?:,| and| or|-and-|/)[ ]?[\w-]*[ ]?<colour>")
_BREAK = _WORDS.pattern(r"[,.;:!?\n]\s|\b<breaks>\b")
# A word that is no verb makes of "car" a part of another noun: a car park.
_OF_NOUN = _WORDS.pattern(
    r"[ ](?!(?:<ends>|<shades>|<colour>)\b)[a-z]+(?<!s)(?<!ed)(?<!ing)(?<!ly)\b"
)
_HAIRS = {"redhead": "red", "blonde": "yellow", "brunette": "brown"}
_HAIR = _WORDS.pattern(
    r"(?<![\w-])(?:an?|the|this)[ ](?P<who>redhead|blonde|brunette)(?=[,.;]"
    r"|[ ](?:<ends>|\w+s)\b)"
)
_SEVERAL = _WORDS.pattern(r"(?<![\w-])<several>(?![\w-])")
_SECOND = Pattern(r"(?<![\w-])(?:a second|another) ")
_BEFORE = 48  # characters in which a noun's determiner and adjectives are looked for


@dataclass(frozen=True)
class _Named(Statement):
    """A thing that is named, how, and its colour where one is said."""

    noun: str
    word: str
    det: str
    plural: bool
    colour: str

    @property
    def definite(self) -> bool:
        both = self.noun == "eye" and self.det == "two"
        return both or self.det in (*_DEFINITE, "it") or self.det.endswith("'s")


_DEFINITE = frozenset(_WORDS["definite"])
_ANOTHER = frozenset((*_WORDS["another"], "two", "three", "four", "five", "six"))


def recoloured(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield two mentions of one thing in two colours, once."""
    named = list(_named(text))
    coloured = sorted((n for n in named if n.colour), key=lambda n: n.start)[:MOST]
    one_person = alone(text) and not _SEVERAL.search(text.lower)
    if len(coloured) < 2 or in_parts(text):
        return
    for a, b in combinations(coloured, 2):
        definite = b.definite or (
            one_person and b.noun in _OF_ONE and not _SEVERAL.search(text.lower)
        )
        if not definite or alike(a.colour, b.colour) or not _one(named, a, b):
            continue
        if any(
            n.noun == b.noun and alike(n.colour, b.colour) for n in coloured if n.end <= b.start
        ):
            continue
        if b.det.endswith("'s") and a.det != b.det and b.det[:-2] not in text.lower[: a.start]:
            continue  # a girl in a yellow dress beside her mother, the mother's dress
        if _SECOND.search(text.lower, a.end, b.start):
            continue  # a second model in the same coat
        around = (text.lower[max(0, n.start - 16) : n.end + 12] for n in (a, b))
        if any(_APART.search(part) for part in around) or inner(text, a) or inner(text, b):
            continue
        yield a, b
        return


def _one(named: list[_Named], a: _Named, b: _Named) -> bool:
    """Return whether both mentions are of the only thing of their kind."""
    kind = {a.noun}
    if a.noun != b.noun:
        if a.noun not in _KINDS.get(b.noun, ()):
            return False
        kind = _KINDS[b.noun] | {b.noun}
    elif b.word not in (a.word, b.noun) and b.word not in _SYNONYMS.get(a.word, ()):
        return False  # a terrier and a retriever are two dogs
    if a.plural != b.plural:
        return False
    if a.det in _POSSESSIVE and b.det in _POSSESSIVE and a.det != b.det:
        return False
    if a.det.endswith("'s") and b.det.endswith("'s") and a.det != b.det:
        return False
    # "The animal" is none of the grazing sheep.
    same = [n for n in named if n.noun in kind and (n.det or n.start < a.end)]
    if len({n.noun for n in same if n.noun != b.noun or n.noun == a.noun}) > 1:
        return False
    introduced = [n for n in same if not n.definite]
    one = len(introduced) <= 1 or b.noun in _OF_ONE
    return one and not any(n.det in _ANOTHER and not n.definite for n in same)


_OF_ONE = frozenset(("hair", "eye", "beard", "moustache", "mane"))


def _its(text: Text) -> Iterator[_Named]:
    """Yield the subject of a sentence with the colour that the next one says of it."""
    lower = text.lower
    for found in _IT_IS.finditer(lower):
        begin = sentence_start(text, found.start() - 2)
        things = [m for m in _NOUN.finditer(lower, begin, found.start()) if not m["s"]]
        if things and len(lower[begin : things[0].start()].split()) <= _SUBJECT:
            word = things[0][0]
            colour = _COLOURS[found["colour"]]
            yield _Named(*found.span(), _ALIAS.get(word, word), word, "it", False, colour)


_SUBJECT = 5  # words at most before the noun that a sentence begins with
_SKINS = frozenset(("paint", "fur", "plumage", "hull"))
_POSSESSIVE = frozenset(("his", "her", "its", "their"))


def _named(text: Text) -> Iterator[_Named]:
    lower = text.lower
    for found in _HAIR.finditer(lower):  # a redhead
        yield _Named(*found.span(), "hair", "hair", "a", False, _HAIRS[found["who"]])
    yield from _its(text)
    whole: tuple[str, str, bool] | None = None
    for found in _NOUN.finditer(lower):
        behind = lower[found.end() : found.end() + 1]
        if behind == " " and not found["s"] and _OF_NOUN.match(lower, found.end()):
            continue  # a car park
        word = singular(found[0])
        word = word if word in _NOUNS else singular(found[0].removesuffix("es"))
        noun = _ALIAS.get(word, word)
        before = lower[max(0, found.start() - _BEFORE) : found.start()]
        before = before[max((stop.end() for stop in _BREAK.finditer(before)), default=0) :]
        dets = list(_DETERMINER.finditer(before))
        det = dets[-1]["det"] if dets else ""
        phrase = before[dets[-1].end() :] if dets else before
        colours = list(_COLOUR.finditer(phrase))
        colour, end = "", found.end()
        if behind == "'" and (
            surface := _SURFACE.match(lower, found.end()) or _SURFACE_IS.match(lower, found.end())
        ):
            colour, end = _COLOURS[surface["colour"]], surface.end()
        elif colours and len(colours) == 1:
            colour = _COLOURS[colours[0]["colour"]]
        elif not colours and (said := _SAID.match(lower, found.end())):
            colour, end = _COLOURS[said["colour"]], said.end()
        start = found.start() - len(phrase) if colours else found.start()
        yield _Named(start, end, noun, word, det, bool(found["s"]), colour)
        if noun in _LIST_OF:
            whole = noun, word, bool(found["s"])
        elif colour and det == "its" and noun in _SKINS and whole and not whole[2]:
            yield _Named(start, end, *whole[:2], det, False, colour)


_NOUNS = frozenset(_WORDS["noun"])
