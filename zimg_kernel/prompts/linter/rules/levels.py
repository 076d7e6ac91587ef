"""Which contradictions are told as a hint, since good prompts have the like, too."""

from __future__ import annotations

from dataclasses import replace

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_LONG, _ZH_LONG = 90, 130
"""Words of an English prompt, and characters of a Chinese one, from which it is long."""

_DAY, _NIGHT = (
    _WORDS.pattern(rf"(?<![\w-])<{name}>(?![a-z-])|<zh_{name}>") for name in ("day", "night")
)


def doubtful(text: Text, fault: Fault) -> bool:
    """Return whether a contradiction may be none.

    A long description has more things in it, so that two words that do not fit are more often of
    two of them: only noon against midnight, and one thing with two colours, are then sure.
    """
    if not _long(text) or fault.message == "both":
        return False
    if fault.message == "counts":
        return True
    a, b = (str(fault.values[name]).lower() for name in "ab")
    return not any(_DAY.search(x) and _NIGHT.search(y) for x, y in ((a, b), (b, a)))


def hint(fault: Fault) -> Fault:
    """Return a contradiction as a hint."""
    return replace(fault, message=f"{fault.message}_perhaps", severity="hint")


def _long(text: Text) -> bool:
    if text.chinese:
        return len(text.plain) > _ZH_LONG
    return len(text.plain.split()) > _LONG
