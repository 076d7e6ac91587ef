"""Things beside lettering: which prompts name them where training has none.

A picture of the training with a sign has the sign alone, or one thing above it.
"""

from __future__ import annotations

import re

from . import words as w
from .known_words import SEVERAL, things
from .nearest import SIGNS
from .vocabulary import is_chinese, split_lettering

_SIGN = re.compile("|".join(re.escape(word) for word in SIGNS) + "|,{2,}", re.I)
_ABOVE = re.compile(r"\b(above|over|atop|on top of)\b( it\b)?|上[面方边](?!写)", re.I)
_BELOW = re.compile(r"\b(below|beneath|under|underneath)\b( it\b)?|下[面方边]", re.I)
_AS_ADJECTIVE = re.compile(r"[- ]?(?:shaped|sign|board|placard|text|letters)\b", re.I)
_SHORT_NAMES = "".join({n for names in w.ZH_SHAPES.values() for n in names if len(n) == 1})
_SHORT = re.compile(rf"[的色][大小]?([{_SHORT_NAMES}])(?![\u3400-\u9fff])")


def spoils_sign(prompt: str) -> bool:
    """Return whether a prompt names things beside lettering that would be lost, or spoil it.

    Parameters
    ----------
    prompt : str
        In Chinese or English.
    """
    text, lettering = split_lettering(prompt)
    if not lettering:
        return False
    found = _places(text)
    if len(found) != 1 or SEVERAL.search(text):
        return bool(found)
    sign = _SIGN.search(text)
    return sign is None or not _above(text, found[0], sign.start())


def _places(text: str) -> list[int]:
    """Return where each kind of thing is first named, in their order."""
    named = things(text)[0].values()
    places = {m.start(1) for m in named if not _AS_ADJECTIVE.match(text, m.end())}
    if is_chinese(text):
        places |= {m.start(1) for m in _SHORT.finditer(text)}
    return sorted(places)


def _above(text: str, thing: int, sign: int) -> bool:
    """Return whether a text tells in words of the training that the thing is above the sign."""
    chinese = is_chinese(text)
    for relation, below in ((_ABOVE, False), (_BELOW, True)):
        for match in relation.finditer(text):
            at = match.start()
            first, second = (thing, sign) if below else (sign, thing)
            if chinese:  # "猫，下面是牌子", "牌子在猫下面", "牌子，上面是猫"
                if first < at < second or (below and sign < thing < at):
                    return True
            elif match[2] or (below and not text[match.end() :].strip(" .")):
                if first < second:  # "a sign, above it a cat", "a sign with a cat above it"
                    return True
            elif second < at < first:  # "a cat above a sign", "a sign below a cat"
                return True
    return False
