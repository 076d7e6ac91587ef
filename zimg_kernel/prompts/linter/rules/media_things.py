"""Names of media that are said of a thing in the picture and not of the picture."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words

_WORDS = load_words(__file__)
_BEFORE = _WORDS.pattern(r"""
    \b(?:<making>)[ ](?:(?:an?|her|his|the)[ ])?(?:[\w-]+[ ]){0,2}$
  | \b(?:<makers>)'s[ ](?:[\w-]+[ ]){0,2}$
  | \b(?:<pictures>)[ ]of[ ](?:(?:an?|the|two|three|some|her|his)[ ])?(?:[\w-]+[ ]){0,2}$
  | \b(?:<beside>)[ ](?:an?|the|his|her)[ ](?:[\w-]+[ ])?$
""")
_WITH = _WORDS.pattern(r"\bwith[ ](?:an?[ ])?(?:[\w-]+[ ])?$")
_AFTER = _WORDS.pattern(r"[ ](?:<surfaces>)(?![\w-])")
_REACH = 36  # characters before a name in which its article and verb are


def of_thing_shown(lower: str, start: int, end: int) -> bool:
    """Return whether a medium is that of a thing: "a photograph of an oil painting"."""
    begin = max(0, start - _REACH)
    if _BEFORE.search(lower, begin, start):
        return True
    return bool(_WITH.search(lower, begin, start) and _AFTER.match(lower, end))
