"""English words that descriptions of pictures hardly have: a past, reasons, beliefs, measures."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_UNSHOWN = _WORDS.pattern(
    r"""
    (?<![\w'-])
    (?:
        <alone>
      | <people>[ ](?:<adverbs>[ ])?(?:<naming> | <believing>[ ]<believed> | <able>)
      | <sworn> | <measures> | <too_much> | <felt>
      | <noises>[ ](?:of[ ](?:[\w-]+[ ]){1,2})?<carrying>
      | <somewhere> | <behind>
    )(?![\w-])
    """
)


def unshown(text: Text) -> Iterator[tuple[int, int]]:
    """Yield the ranges of such words."""
    for found in _UNSHOWN.finditer(text.lower) if text.latin and not text.chinese else ():
        yield found.span()
