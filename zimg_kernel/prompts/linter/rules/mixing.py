"""Rule ``mixing``: two languages inside one phrase."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Severity
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, Text

_LATIN = Pattern(r"(?<![A-Za-z0-9-])[A-Za-z]+(?:[-'’][A-Za-z]+)*(?![A-Za-z0-9])")
_HAN_RUN = Pattern(f"[{HAN}]+")
_PARENTHESES = Pattern(r"[(（][^()（）]*[)）]|<[^<>]*>")
_ADDRESS = Pattern(r"(?:https?://|www\.)[!-~]+")
_WORDS = load_words(__file__)
_LOAN, _COMMON = frozenset(_WORDS["loan"]), frozenset(_WORDS["common"])


def _find(text: Text, target: Target) -> Iterator[Fault]:
    if not text.chinese or (target.miniature and text.miniature_lettering):
        return  # the miniature's own captions speak English of Chinese lettering
    severity: Severity = "hint" if target.miniature else "warning"
    bare = text.plain
    for pattern in (_PARENTHESES, _ADDRESS):
        bare = pattern.sub(lambda found: " " * len(found[0]), bare)
    for start, end in text.phrases:
        han = list(_HAN_RUN.finditer(bare, start, end))
        latin = [w for w in _LATIN.finditer(bare, start, end) if _is_word(w[0])]
        if not han or not latin:
            continue
        letters, glyphs = sum(len(w[0]) for w in latin), sum(len(w[0]) for w in han)
        # A Chinese character says about as much as three letters.
        chinese = glyphs * 3 >= letters
        odd = latin if chinese else han
        first, last = odd[0].start(), odd[-1].end()
        word = text.prompt[odd[0].start() : odd[0].end()]
        message = "into_chinese" if chinese else "into_english"
        # A plain word of the other language is a slip; names and terms are none.
        yield Fault(first, last, message, {"word": word}, (), severity)


def _is_word(word: str) -> bool:
    """Return whether a Latin word is a common one, not a name, unit or abbreviation."""
    if word.lower() in _LOAN or word.isupper():
        return False
    return word.lower() in _COMMON or (word.islower() and len(word) > 1)


# The text encoder reads both languages in one sentence, one of them only more surely.
RULE = Rule("mixing", "hint", _find)
