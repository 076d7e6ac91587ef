"""Rule ``vague``: prompts without one word of material, craft, light or composition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_WORDS["en"] = tuple(map(re.escape, _WORDS["en"]))
_EN = _WORDS.pattern(r"""
    (?<![\w-])
    (?:
        <hours>[ ]hour | <lights>[ ](?:\w+[ ])?(?:light|lights|lighting|sun) | light[ ]<light_from>
      | <shots>[ -](?:shot|view|angle) | <phrases> | \d+[ ]?mm | f/\d
      | <en>
    )
    (?![\w])
""")
_ZH = _WORDS.pattern("<zh>")
_TOO_SHORT = 2  # characters, below which a prompt is not checked


def _find(text: Text, target: Target) -> Iterator[Fault]:
    if target.miniature or len(text.prompt.strip()) < _TOO_SHORT:
        return  # the miniature knows none of these words
    if not _EN.search(text.lower) and not (text.chinese and _ZH.search(text.plain)):
        start = len(text.prompt) - len(text.prompt.lstrip())
        yield Fault(start, len(text.prompt.rstrip()), "vague")


RULE = Rule("vague", "hint", _find)
