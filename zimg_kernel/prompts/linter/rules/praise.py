"""Rule ``praise``: words for how good a picture is to be, with nothing that can be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .boasts import boasts
from .levels import is_long
from .praise_zh import PLENTY, PRAISE

_WORDS = load_words(__file__)

_NO_SCREEN = "(?![ -]*<screens>)"
_EN = _WORDS.pattern(rf"""
    (?<![\w-])
    (?:
        <whole>
      | <grades>[ -](?:picture[ ]|image[ ])?(?:quality|resolution|res|definition)
        (?:[ ](?:image|picture|photo|rendering))?
      | (?:<very>[ -]+)+(?:<fine>|<weak>)
      | <fine> | <mild>
    )
    (?![\w-]){_NO_SCREEN}
""")
_ZH = _WORDS.pattern(rf"""
    (?:<zh_whole>|<zh_very>(?:的)?<zh_fine>(?!术|食|国|元|甲|容|洲))  # 最美国 is no praise
    (?:的|地)?(?!<zh_screens>){_NO_SCREEN}
""")
# A single word of praise does little harm in a sentence that describes.
_MILD = _WORDS.pattern(r"""
    <fine> | <mild> | (?:flawless|perfect)[ ](?:skin|light|focus)
  | (?:highly|finely|richly|very)[ -]detailed | high[ -]resolution | <zh_mild>(?:的|地)?
""")
_MILD_LONG = _WORDS.pattern("<zh_mild_long>(?:的|地)?")
_TWICE = Pattern(r"[\s,，、]*(?:and\s|but\s|又|而|且|和)?[\s,]*")
_MARK = Pattern(r"[,，、;；。.\n!！]")


def _find(text: Text, target: Target) -> Iterator[Fault]:
    # The miniature has read "high quality" and the like in training; there it does no harm.
    severity = "hint" if target.miniature else "warning"
    seen: list[tuple[int, int]] = []
    long = is_long(text)
    patterns = (_EN, _ZH, PRAISE, PLENTY) if text.chinese else (_EN,)
    finds = [(pattern, [*pattern.finditer(text.lower)]) for pattern in patterns]
    words = sorted({found.span() for _, some in finds[:2] for found in some})
    doubled = {  # "lovely, gorgeous": no description any more
        span
        for one, other in pairwise(words)
        if _TWICE.fullmatch(text.lower, one[1], other[0])
        for span in (one, other)
    }
    for pattern, some in finds:
        for found in some:
            start, end = span = found.span()
            if any(start < b and end > a for a, b in seen):
                continue
            seen.append((start, end))
            word = text.prompt[start:end].strip("的地 ") or text.prompt[start:end]
            cut = _cut(text, start, end)
            edits = (TextEdit(*cut),) if cut else ()
            message = "praise" if edits else "reword"
            mild = (
                pattern is PLENTY
                or _MILD.fullmatch(found[0])
                or (long and _MILD_LONG.fullmatch(found[0]))
            )
            level = "hint" if mild and span not in doubled else severity
            yield Fault(start, end, message, {"word": word}, edits, level)  # type: ignore[arg-type]
    for start, end, sure in boasts(text):
        if not any(start < b and end > a for a, b in seen):
            seen.append((start, end))
            cut = _cut(text, start, end)
            message, edits = ("praise", (TextEdit(*cut),)) if cut else ("reword", ())
            level = severity if sure else "hint"
            yield Fault(start, end, message, {"word": text.prompt[start:end]}, edits, level)  # type: ignore[arg-type]


def _cut(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """Return the range that can be cut without breaking the sentence around it, or None."""
    plain = text.plain
    before = plain[:start].rstrip(" ([{（【")
    after = plain[end:].lstrip(" )]}）】")
    opens = not before or bool(_MARK.match(before[-1]))
    closes = not after or bool(_MARK.match(after[0]))
    if opens and closes:
        return start, end
    if closes:  # "a lake, truly stunning" is whole without it; "the lake is stunning" is not
        return None
    word = plain[start:end].lower()
    if plain[end - 1] == "的":
        return start, end
    if plain[start:end].isascii():
        if re.search(r"\b(?:is|are|was|were|looks?|and|or|of|not|as)\s*$", before.lower()):
            return None
        if not after[0].isascii() or not after[0].isalnum():
            return None
        article = re.search(r"\b(an?) $", plain[:start], re.I)
        if re.fullmatch(r"masterpieces?|work of art|artstation", word):
            return None
        if article and (article[1].lower() == "an") != (after[0].lower() in "aeiou"):
            return None
        return start, end
    if re.match(r"(?:杰作|.*(?:作品|质量|画质|品质|大师))", word):
        return None
    return (start, end) if not re.search("[得是很]$", before) else None


RULE = Rule("praise", "warning", _find)
