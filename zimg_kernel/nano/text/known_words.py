"""Rewriting of prompts in words that the miniature knows, for its text encoder.

A word that it has never read would lead it astray: it was trained on its own small language
only. Misspelt words are corrected, others are replaced by the nearest thing that it can do, and
the rest is left out. Of several things each is given a colour, as in training. The user is told.
What stands in known words already is returned as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from zimg_kernel.nano.world.composites import COMPOSITES

from . import words as w
from .landscape_captions import EN_ELEMENTS, EN_TIMES, ZH_ELEMENTS, ZH_OVERHEAD, ZH_TIMES
from .nearest import SIGNS
from .vocabulary import (
    QUOTED,
    STYLES,
    corrected,
    is_chinese,
    lettering,
    nearest_known,
    unknown_words,
)

Use = Literal["prompt", "instruction", "negative"]

_COLOUR_OF = {
    "tree": "green", "house": "red", "cloud": "gray", "flower": "pink", "fish": "orange",
    "boat": "blue", "car": "red", "rocket": "blue", "mushroom": "red", "cat": "orange",
    "balloon": "red", "mountain": "green", "sun": "yellow", "snowman": "white",
    "lantern": "red", "umbrella": "purple", "circle": "red", "square": "blue",
    "triangle": "green", "star": "yellow", "heart": "red", "diamond": "cyan", "ring": "orange",
    "cross": "red", "crescent": "yellow", "hexagon": "purple",
}  # fmt: skip
"""Usual colour of each thing."""
_MEASURES = "".join(sorted({m for group in w.ZH_MEASURES.values() for m in group}))
_NO_NOUN = {"plus", "dot"}  # "a star plus a cat", "polka dot"
_EN_NAMES = {
    noun: name for name in _COLOUR_OF for noun in w.EN_SHAPES[name] if noun not in _NO_NOUN
}
_ZH_NAMES = {noun: name for name in COMPOSITES for noun in w.ZH_SHAPES[name]}
_ZH_NAMES |= {n: name for name in _COLOUR_OF for n in w.ZH_SHAPES[name] if len(n) > 1}


def _one_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(x) for x in sorted(words, key=len, reverse=True))


_EN_NOUN = re.compile(rf"\b({_one_of(_EN_NAMES)})(?:e?s)?\b", re.I)
_EN_SEVERAL = r"\b(?:two|three|four|five|several|[2-5])\b(?!-)"
_EN_MANY = re.compile(rf"\b(?:(?:{_one_of(_EN_NAMES)})e?s|kitties|snowmen)\b", re.I)
_EN_COLOUR = re.compile(
    rf"\b(?:{_one_of({x for group in w.EN_COLOURS.values() for x in group})}|colou?red)\b", re.I
)
_ZH_NOUN = re.compile(rf"(?:小小的|大大的|小|大)?({_one_of(_ZH_NAMES)})")
_ZH_COLOUR = re.compile("[红橙橘黄绿青蓝紫粉棕褐黑白灰]|咖啡色")
_ELEMENTS = {
    noun.split()[-1] if noun.isascii() else re.sub(rf"^一[{_MEASURES}]", "", noun)
    for table in (EN_ELEMENTS, ZH_ELEMENTS)
    for group in table.values()
    for noun in group
} | {word for times in (EN_TIMES, ZH_TIMES) for group in times.values() for word in group}
_ELEMENTS |= set(ZH_OVERHEAD)
_LAND = re.compile(
    rf"\b(?:{_one_of({x for x in _ELEMENTS if x.isascii()} - _EN_NAMES.keys())})\b"
    rf"|{_one_of({x for x in _ELEMENTS if not x.isascii()} - _ZH_NAMES.keys())}",
    re.I,
)
# In training lettering stands in quotes or after a colon; told twice, it is written twice.
_COLON = re.compile(
    rf"((?:{_one_of(SIGNS)}|text|words?|letters|lettering|字|文字|内容)\s*)[:：]\s*"
    "(?=[\"“「『《'])",
    re.I,
)
SEVERAL = re.compile(rf"[两二三四五2-5][{_MEASURES}]|{_EN_SEVERAL}", re.I)
_LINK = re.compile(r"\s*(?:in|that is|that are|是)\s*", re.I)
_GONE, _SIGN = "\ue000", "\ue001"  # where a word was left out; lettering, while a text is mended
_LOOSE = r"(?:a|an|the|to|of|and|with|that|from|in|on|at|by|for)\b"
_OPENING = r"(?:i(?! want)|love(?! heart)|to(?! the)|of|and|with|that|for)"
_ARTICLE = re.compile(r"\b(?:an?|the) (?:\w+ )?$", re.I)
_HEAD = re.compile(r"\s*(?:[,.;!?]|$|\b(?:and|with|on|in|at|by|under|above|below|next|to)\b)", re.I)
_OF_THINGS = {
    word for t in (w.EN_COLOURS, w.EN_SIZES, w.EN_FILLS) for group in t.values() for word in group
}
_ADJECTIVES = re.compile(
    r"(^|\b(?:and|with|for) )(?:(?:an?|the|one|my) )?" rf"(?:(?:{_one_of(_OF_THINGS)}) )+$", re.I
)
_FILLERS = re.compile(f"[{_GONE}的了吧呢啊是有个一点不要把请画来和与跟在]")


@lru_cache(maxsize=512)
def in_known_words(text: str, use: Use = "prompt") -> str:
    """Return a prompt, an instruction or a negative prompt in words that the miniature knows.

    Parameters
    ----------
    text : str
        Chinese or English. Lettering in quotes is never touched.
    use : {"prompt", "instruction", "negative"}
        A negative prompt keeps nothing out that it does not name, so nothing is put for its
        unknown words; only a prompt is given colours.
    """
    known = _replaced(text, use)
    if use != "prompt":
        return known
    if lettering(known):
        return _COLON.sub(lambda m: m[1] + ("，" if is_chinese(m[1]) else " "), known)
    return with_colours(known)


def _replaced(text: str, use: Use) -> str:
    found = unknown_words(text)
    if not found:
        return text
    for start, word in reversed(found):
        near = corrected(word) if use == "negative" else nearest_known(word)
        before, after = text[:start], text[start + len(word) :]
        if near and _ARTICLE.search(before):
            near = re.sub(r"^(?:an?|the) ", "", near)
        elif not near and _HEAD.match(after):  # its adjectives go with a noun that goes
            before = _ADJECTIVES.sub(r"\1", before)
        text = before + (near or _GONE) + after
    return _tidy(text)


def _tidy(text: str) -> str:
    """Mend what words that were taken out or put in have left; not in lettering."""
    signs = [match[0] for match in QUOTED.finditer(text)]
    text = QUOTED.sub(_SIGN, text)
    clauses = re.split(r"([,，。;；])", text)
    for i, clause in enumerate(clauses):
        if _GONE in clause and not _FILLERS.sub("", clause).strip():
            clauses[i] = ""
    text = re.sub(r" {2,}", " ", "".join(clauses).replace(_GONE, "")).strip()
    text = re.sub(r"\b(\w+)((?: \1)+)\b", r"\1", text, flags=re.I)  # ink painting painting
    text = re.sub(rf"\b(?:{_LOOSE}\s*)+(?=[,.;!?，]|$)", "", text, flags=re.I)
    text = re.sub(rf"^(?:{_OPENING}\s+)+(?=[\w{_SIGN}])", "", text, flags=re.I)
    text = re.sub(rf"([{_MEASURES}])的", r"\1", text)
    text = re.sub(r"(^|[，,。；：、])[的和与跟]+", r"\1", text)
    text = re.sub(r"[和与跟]+(?=[，。,；、]|$)", "", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"([,，。、;；.])(?:\s*[,，。、;；.])+", r"\1", text)
    text = _articles(text.strip(" ,，;；"))
    for sign in signs:
        text = text.replace(_SIGN, sign, 1)
    return text


def _articles(text: str) -> str:
    return re.sub(r"\ba (?=[aeio])", "an ", re.sub(r"\ban (?![aeiou])", "a ", text))


def things(text: str) -> tuple[dict[str, re.Match[str]], set[str]]:
    """Return the first mention of each kind of thing, and the kinds whose colour is named."""
    chinese = is_chinese(text)
    noun, colour = (_ZH_NOUN, _ZH_COLOUR) if chinese else (_EN_NOUN, _EN_COLOUR)
    names = _ZH_NAMES if chinese else _EN_NAMES
    first: dict[str, re.Match[str]] = {}
    coloured: set[str] = set()
    before = 0
    for match in noun.finditer(text):
        kind = names[match[1].lower()]
        first.setdefault(kind, match)
        link = _LINK.match(text, match.end())
        after = colour.match(text, link.end() if link else match.end())
        if after or colour.search(text, before, match.start()):
            coloured.add(kind)
        before = after.end() if after else match.end()
    return first, coloured


def _is_land(text: str) -> bool:
    return bool(_LAND.search(QUOTED.sub("", text))) or _has_style(text)


def _has_style(text: str) -> bool:
    plain = QUOTED.sub("", text).lower()
    return any(style in plain for style in STYLES)


def mixes_counts(text: str) -> bool:
    """Return whether a text names several kinds of things and the number of one.

    Training has no such pictures.
    """
    return bool(SEVERAL.search(text)) and not _has_style(text) and len(things(text)[0]) > 1


def with_colours(text: str) -> str:
    """Name a colour for each of several things that have none; other prompts stay as they are.

    In training a picture of several things names all colours; without them the things run into
    each other. Landscapes and several of a kind are told in other ways.
    """
    if _is_land(text) or SEVERAL.search(text) or _EN_MANY.search(text):
        return text
    first, coloured = things(text)
    if len(first) < 2 or not (first.keys() - coloured) & set(COMPOSITES):
        return text
    chinese = is_chinese(text)
    for kind, match in reversed(first.items()):
        if kind not in coloured:
            at = match.start() if chinese else match.start(1)
            name = w.ZH_COLOURS[_COLOUR_OF[kind]][0] + "的" if chinese else _COLOUR_OF[kind] + " "
            text = text[:at] + name + text[at:]
    return _articles(text)
