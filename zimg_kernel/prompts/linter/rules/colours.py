"""Things with a colour or a number in an English prompt, and names of colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import any_of, load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
EN_COLOURS = load_words(__file__, "colour_names")
EN_NAMES = {word: name for name, words in EN_COLOURS.items() for word in words}
EN_ALIAS = dict(pair.split("/") for pair in _WORDS["alias"])
_LIKE = (
    {"gold", "yellow", "orange"}, {"cyan", "blue"}, {"cyan", "green"}, {"grey", "white"},
    {"brown", "orange"},
    {"pink", "red"}, {"purple", "pink"}, {"brown", "red"}, {"purple", "blue"}, {"gold", "brown"},
    {"grey", "black"},
)  # fmt: skip
_SURE_LIKE = ({"gold", "yellow"}, {"cyan", "blue"}, {"cyan", "green"}, {"gold", "orange"})

_EN_COLOUR = "|".join(sorted(map(re.escape, EN_NAMES), key=len, reverse=True))
_EN_MENTION = _WORDS.pattern(rf"""
    (?:(?<![\w'-])(?P<det><determiners>)[ ](?:(?!(?:an?|the|his|her|its|their)\b)\w+[ ]){{0,2}}?)?
    (?:(?<!\w)(?P<shade><shades>[ -])|(?<![\w-])(?:[a-z]{{3,}}-)?)(?P<colour>{_EN_COLOUR})
    (?P<noun>(?:[ ](?!<noun_ends>\b)[a-z][a-z'-]*){{1,4}})
""")
ZH_COLOUR = _WORDS.pattern(r"<zh_shades>?([红橙橘黄绿青蓝紫粉棕褐黑白灰金银])(?:色|颜色)?")
ZH_NAMES = {
    "红": "red", "橙": "orange", "橘": "orange", "黄": "yellow", "绿": "green", "青": "cyan",
    "蓝": "blue", "紫": "purple", "粉": "pink", "棕": "brown", "褐": "brown", "黑": "black",
    "白": "white", "灰": "grey", "金": "gold", "银": "grey",
}  # fmt: skip
_EN_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "single": 1, "lone": 1, "solitary": 1, "twelve": 12,
    "eleven": 11, "dozen": 12, "both": 2, "pair of": 2, "couple of": 2, "trio of": 3,
    "hundred": 100,
}  # fmt: skip
_EN_COUNT = _WORDS.pattern(rf"""
    (?<![\w.-])(?P<only>(?:only|just|exactly|precisely|in[ ]total|total[ ]of)[ ])?
    (?:a[ ]|an[ ]|(?P<det>(?:all[ ])?(?:the|these|those)|all|his|her|its|their)[ ])?
    (?P<number>{any_of(_EN_NUMBERS)}|[1-9]\d?)(?:[ ]pairs?[ ]of)?
    (?P<noun>(?:[ ](?!<noun_ends>\b|<no_things>)[a-z][a-z'-]*){{1,4}})
""")
_EN_ONLY = Pattern(
    r"\bthe only (?P<noun>[a-z]+) (?=(?:in|on) (?:the|this) (?:picture|frame|image|scene)\b)"
)
_EN_SOLO = Pattern(
    r"\b(?:solo|single[- ]person|one[- ]person|individual) (?:portrait|shot|photo|figure|model)\b"
)
PERSON_ZH = _WORDS.pattern(r".*<zh_persons>")
_PERSON_EN = frozenset(_WORDS["persons"])


@dataclass(frozen=True)
class Mention:
    """Thing with a colour or a number, and its range in the prompt."""

    head: str
    what: str | int
    start: int
    end: int
    det: str = ""
    only: bool = False
    coloured: str = ""


@lru_cache(maxsize=1024)
def alike(a: str, b: str, *, strict: bool = False) -> bool:
    """Return whether two colours can be meant for one and the same surface."""
    return a == b or any({a, b} <= group for group in (_SURE_LIKE if strict else _LIKE))


@lru_cache(maxsize=1024)
def singular(word: str) -> str:
    """Return an English noun in the singular."""
    irregular = {"men": "man", "women": "woman", "children": "child", "people": "person",
                 "wolves": "wolf", "leaves": "leaf", "geese": "goose", "mice": "mouse",
                 "knives": "knife", "feet": "foot", "kids": "child", "kid": "child"}  # fmt: skip
    if word in irregular:
        return irregular[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ch|sh|x|ss)es$", word):
        return word[:-2]
    if word.endswith(("ss", "us", "is")) or word in ("canvas", "lens", "gas"):
        return word
    return word.removesuffix("s")


_NO_PLURALS = frozenset(
    ("sports", "canvas", "lens", "gas", "jeans", "news", "arts", "sales", "glasses")
)
_PLURALS = frozenset(("men", "women", "children", "people", "geese", "mice", "wolves"))
_ARTICLE = Pattern(r" (?:an?|the|his|her|its|their|two|three)\b")
_VERBISH = Pattern(r".*(?:ing|ed|ly)$")


def _en_head(noun: str, after: str = "", *, one: bool = False) -> tuple[str, int]:
    """Return the head noun of a chain of words, and the number of characters up to its end.

    ``after`` is the text behind it; ``one`` says that it is a singular, as after "a".
    """
    words, reach = noun.split(), len(noun)
    for i, word in enumerate(words[:-1]):  # "two women share": the verb ends it
        if word in _PLURALS:
            return singular(word), len(" " + " ".join(words[: i + 1]))
    for i, word in enumerate(words):  # "horses gallop", "horse gallops along": the verb ends it
        if not word.endswith("s") or re.search(r"(?:ss|us|is)$", word) or word in _NO_PLURALS:
            continue
        last = i == len(words) - 1
        if i == 0 and not last and not one:
            words = words[:1]
        elif i and (one or not last or _ARTICLE.match(after)):
            words = words[:i]
        else:
            continue
        noun = " " + " ".join(words)
        reach = len(noun)
        break
    while len(words) > 1 and _VERBISH.match(words[-1]) and words[-1] not in ("building", "ring"):
        reach -= len(words.pop()) + 1
    for i, word in enumerate(words):  # "dog running fast": the verb ends the noun
        if i and _VERBISH.match(word) and word not in ("building", "ring", "wedding"):
            words = words[:i]
            reach = len(" " + " ".join(words))
            break
    return singular(words[-1]), reach


def english_colours(text: Text) -> Iterator[Mention]:
    """Yield the things with a colour in an English prompt."""
    at = 0
    while found := _EN_MENTION.search(text.lower, at):
        at = found.end("colour")
        one = found["det"] in ("a", "an", "one", "another", "single")
        head, reach = _en_head(found["noun"], text.lower[found.end() :], one=one)
        start = found.start("shade") if found["shade"] else found.start("colour")
        head = EN_ALIAS.get(head, head)
        if head in EN_NAMES or re.match(r" (?:and|or|to)\b", found["noun"]):
            continue
        yield Mention(
            head, EN_NAMES[found["colour"]], start, found.start("noun") + reach, found["det"] or "",
            (found["shade"] or "").strip(" -") in ("pure", "all", "solid", "jet"),
        )  # fmt: skip


def english_counts(text: Text) -> Iterator[Mention]:
    """Yield the things with a number in an English prompt."""
    if found := _EN_SOLO.search(text.lower):
        yield Mention("person", 1, *found.span(), "", True)
    for found in _EN_ONLY.finditer(text.lower):
        yield Mention(singular(found["noun"]), 1, *found.span(), "the", True)
    at = 0
    while found := _EN_COUNT.search(text.lower, at):
        at = found.end("number")
        word = found["number"]
        one = word in ("one", "single", "lone", "solitary", "1")
        head, reach = _en_head(found["noun"], text.lower[found.end() :], one=one)
        number = _EN_NUMBERS[word] if word in _EN_NUMBERS else int(word)
        colour = re.search(rf"\b(?:{_EN_COLOUR})\b", found["noun"])
        lone = word in ("single", "lone", "solitary")
        yield Mention(
            "person" if head in _PERSON_EN and lone else head, number, found.start(),
            found.start("noun") + reach, found["det"] or "", bool(found["only"]) or lone,
            colour[0] if colour else "",
        )  # fmt: skip


def same_person(a: Mention, b: Mention) -> bool:
    """Return whether one is "a single person" and the other counts persons."""
    for one, other in ((a, b), (b, a)):
        if one.head in ("人", "person") and (
            PERSON_ZH.fullmatch(other.head) or other.head in _PERSON_EN
        ):
            return one.only or one.head == other.head
    return False
