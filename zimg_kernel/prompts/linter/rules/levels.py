"""Which contradictions are told as a hint, since good prompts have the like, too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import Mention
from .statement import Statement, weakly

_WORDS = load_words(__file__)
_LONG, _ZH_LONG = 90, 130
"""Words of an English prompt, and characters of a Chinese one, from which it is long."""

_OTHERS = _WORDS.pattern(r"(?<![\w-])<others>(?![\w-])")
_ZH_OTHERS, _SOME = _WORDS.pattern("<zh_others>"), _WORDS.pattern("<some>|<zh_some>")


Pairs = Iterable[tuple[Statement, Statement]]


def less_sure(text: Text, pairs: Pairs, *, colours: bool = False) -> Pairs:
    """Yield pairs, as weak ones where each may be of another thing.

    A long description in Chinese has more things in it, so that two words of a weak kind, such as
    two places or two postures, are more often of two of them; in English, and with two colours, it
    is where another thing is named.
    """
    for a, b in pairs:
        if apart(text, a, b) if colours or not text.chinese else is_long(text):
            yield from weakly([(a, b)])
        else:
            yield a, b


def apart(text: Text, a: Statement | Mention, b: Statement | Mention) -> bool:
    """Return whether the sentence of the second of two statements may be on another thing."""
    between = text.lower[a.end : b.start]
    start = a.end + max(between.rfind(end) + 1 for end in (". ", "。", "; ", "；"))
    stop = min(len(text.lower), b.end + 12)
    return (_ZH_OTHERS if text.chinese else _OTHERS).search(text.lower, start, stop) is not None


def partial(text: Text, end: int) -> bool:
    """Return whether a number before that character may be of some of a group."""
    return _SOME.search(text.lower, end, end + 40) is not None


def hint(fault: Fault) -> Fault:
    """Return a contradiction as a hint."""
    return replace(fault, message=f"{fault.message}_perhaps", severity="hint")


def sure(fault: Fault) -> Fault:
    """Return a contradiction as a warning that no length of the prompt puts in doubt."""
    return replace(fault, severity="warning")


@lru_cache(maxsize=2)
def is_long(text: Text) -> bool:
    """Return whether a prompt is a long description."""
    if text.chinese:
        return len(text.plain) > _ZH_LONG
    return len(text.plain.split()) > _LONG
