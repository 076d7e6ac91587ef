"""How sure the finds of rule ``clause`` are, and what may be one besides."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .levels import is_long

_WORDS = load_words(__file__)
_WORDS.update(load_words(__file__, "clause_faint"))
_WEAK = _WORDS.pattern("<weak_mind>|<weak_senses>|<weak_story>|<weak_talk>|<zh_weak>")
_PERHAPS = _WORDS.pattern(
    r"""
    (?<![\w'-])
    (?:
        <perhaps> | <nouns>
      | <who>(?:[ ](?:\w+ly|also|still|never|always|both|all|only|just))?[ ]<verbs>
      | (?:is|are|was|were|seems?|feels?)
        (?:[ ](?:very|quite|rather|so|too|still|always|not|really|actually|\w+ly))?
        [ ]<adjectives>(?=[.,;]|$|[ ]<after_adjectives>\b)
    )
    (?![\w-])
    """
)
_ZH_PERHAPS = _WORDS.pattern("<zh_perhaps>|<zh_verbs>|<zh_nouns>|<zh_qualities>")
_TALK = _WORDS.pattern(r"(?<![\w'-])<perhaps_talk>(?![\w-])")
_ZH_TALK = _WORDS.pattern("<zh_perhaps_talk>")
_PANELS = _WORDS.pattern("<panels>")
_AS_IF = Pattern(r"\b(?:as if|as though|looks? like|what if)\b[^.,;]{0,25}$")


def is_weak(text: Text, start: int, end: int) -> bool:
    """Return whether good descriptions have a find, too."""
    if _WEAK.fullmatch(text.lower, start, end) is not None:
        return True
    return _AS_IF.search(text.lower, max(0, start - 50), start) is not None


def alone_enough(text: Text, start: int) -> bool:
    """Return whether a find that long descriptions have, too, is told in this one for sure."""
    if text.chinese or is_long(text) or has_panels(text):
        return False
    return _AS_IF.search(text.lower, max(0, start - 50), start) is None


def has_panels(text: Text) -> bool:
    """Return whether what comes first and next may be seen side by side."""
    return _PANELS.search(text.lower) is not None


def perhaps_request(text: Text) -> Iterator[tuple[int, int]]:
    """Yield the ranges of what is talk to a person in most texts."""
    for pattern in (_TALK,) * text.latin + (_ZH_TALK,) * text.chinese:
        yield from (found.span() for found in pattern.finditer(text.lower))


def perhaps_unseen(text: Text) -> Iterator[tuple[int, int]]:
    """Yield the ranges of what a picture does not show in most texts, and does in some."""
    for pattern in (_PERHAPS,) * text.latin + (_ZH_PERHAPS,) * text.chinese:
        for found in pattern.finditer(text.lower):
            # 面包味 is a word more and a taste.
            if not text.cuts_word(found.start()) or found[0][-1] in "味了":
                yield found.span()
