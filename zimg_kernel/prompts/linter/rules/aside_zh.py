"""Where two opposed statements of a Chinese prompt both hold: a hothouse, a cinema."""

from __future__ import annotations

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
# What is said somewhere in the prompt, and the words of a fault that it explains.
_ASIDE = tuple(
    (_WORDS.pattern(f"<{name}>"), _WORDS.pattern(f"<{name}_of>"))
    for name in _WORDS
    if f"{name}_of" in _WORDS
)


def holds_aside(text: Text, fault: Fault) -> bool:
    """Return whether both statements of a contradiction are likely true of one picture."""
    said = " ".join(str(value) for value in fault.values.values())
    return text.chinese and any(
        of.search(said) and where.search(text.plain) for where, of in _ASIDE
    )
