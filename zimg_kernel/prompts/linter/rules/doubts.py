"""What makes all contradictions of a prompt doubtful: its length, parts of a whole, mirrors."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .levels import is_long

_WORDS = load_words(__file__)
# 三只橘猫，两只黑猫
_PARTS = _WORDS.pattern(r"""
    <numbers>(?P<unit><units>)[^，,、。；]{0,9}[，,、和与]\s*<numbers>(?P=unit)
  | <numbers><units>[^，,、。；]{1,9}[，,、]\s*(?:其中|剩下|余下|其余|另外?)<numbers>
""")
_SHOWN = _WORDS.pattern("<mirrors>|<two_tone>|<framed>|(?:<pictures>)<beside>")


def doubtful(text: Text) -> bool:
    """Return whether two opposed statements of a prompt may be of two things.

    A long description has many things; a Chinese one may tell the parts of a group, or show a
    thing a second time in a mirror or a painting.
    """
    shown = text.chinese and (_PARTS.search(text.plain) or _SHOWN.search(text.plain))
    return is_long(text) or bool(shown)
