"""Whose a thing is: whether two mentions are of things of one person or animal."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text, has_han

from .colours import Mention

_WORDS = load_words(__file__, "contradiction")
_WORN = frozenset(_WORDS["worn"])
_LIKE = {word: _WORDS.pattern(rf"\b<{word}_like>\b") for word in ("her", "his")}
_OWNER = _WORDS.pattern(r"(?<![\w-])<owners>(?![\w-])|(?!人)<zh_owners>")
NEW_OWNER = _WORDS.pattern(r"""
    \b(?:a|an|another|the[ ]other|one|two|second)[ ](?:[\w-]+[ ]){0,3}?<owners>\b
  | (?:一|另一|另|两|旁边的?)[个位只名]?[^，。,]{0,6}<zh_owners>
""")
_ZH_SEVERAL = Pattern(
    "[两二三四五六几数][个名位][^，。；]{0,4}(?:[女男]孩|人|[女男]子|少[女年]|孩子|姑娘|学生)|姐妹|兄弟"
    "|双胞胎|情侣|夫妻"
)
_ZH_OF = Pattern("([\u4e00-\u9fff]{1,4})的$")
_ZH_PRONOUN = Pattern("[他她它]")
_COMMA = Pattern(r"[,，。；;]")
_POSSESSIVES = ("his", "her", "its", "their")


def others_thing(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether two things have different owners, as "her dress" and "his dress" have."""
    if a.det != b.det and all(m.det in _POSSESSIVES or m.det.endswith("'s") for m in (a, b)):
        return True
    owners = [_ZH_OF.search(text.lower[max(0, m.start - 6) : m.start]) for m in (a, b)]
    if owners[0] and owners[1] and owners[0][1] != owners[1][1]:
        return True  # 黑猫的眼睛, 白猫的眼睛
    if a.head in ("发", "眼睛") and _ZH_SEVERAL.search(text.lower):
        return True
    owners_named = _owners(text.lower)
    earlier = [o for o in owners_named if o.end <= a.start]
    later = [o for o in owners_named if a.end <= o.start and o.end <= b.start]
    if earlier and later and has_han(later[-1].word):
        own = _ZH_PRONOUN.search(text.lower, earlier[-1].end, a.start)  # 将军吻她，她的礼服
        if own or earlier[-1].word != later[-1].word:
            return True
    # 黑发男子: the first owner may follow its colour.
    first = _COMMA.search(text.lower, a.end, b.start) if has_han(text.lower[a.end :]) else None
    cut = first.end() if first else a.end
    before = {o.word for o in owners_named if o.end <= cut}
    between = {o.word for o in owners_named if o.start >= cut and o.end <= b.end}
    return bool(between - before - {b.head})


def alone(text: Text) -> bool:
    """Return whether a prompt names no more than one person or animal."""
    return _alone(text.lower)


@lru_cache(maxsize=4)
def _alone(lower: str) -> bool:
    named = [owner.word for owner in _owners(lower)]
    words = set(named) - ({"one"} if named.count("one") == 1 else set())  # "her right one"
    return len(words) < 2 and len(list(islice(NEW_OWNER.finditer(lower), 2))) < 2


class _Owner(NamedTuple):
    """Person or animal named in a prompt."""

    start: int
    end: int
    word: str


@lru_cache(maxsize=4)
def _owners(lower: str) -> tuple[_Owner, ...]:
    return tuple(_Owner(*found.span(), found[0]) for found in _OWNER.finditer(lower))


def same_owner(text: Text, a: Mention, b: Mention) -> bool:
    """Return whether two things have one owner, or are one where there is but one of them."""
    between = text.lower[a.end : b.start]
    if a.det == b.det and a.det in _LIKE:  # "her blue apron ... her yellow apron"
        return not _LIKE[a.det].search(between)
    if b.det in (*_POSSESSIVES, "the") and a.head == b.head and a.head not in _WORN:
        return f" {b.head}" not in between
    owner = re.search(r"(?<!\w)(\w+)'s (?:\w+ )?$", text.lower[: b.start])
    return bool(
        owner and re.search(rf"\b(?:an?|the) (?:\w+ ){{0,2}}{owner[1]}\b", text.lower[: a.start])
    )
