"""Whether an English picture as a whole is said to be without colours."""

from __future__ import annotations

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .listed import LISTED
from .scene import inner
from .statement import Statement

_WORDS = load_words(__file__, "contradiction")
_WORDS.update(load_words(__file__))
_MONO = _WORDS.pattern(r"""
    (?:(?:^|(?<=[.,;:!?\n][ ])|(?<=\n))|\b<mono_after>[ ])
      (?:(?:an?|the|this|his|her)[ ])?(?:(?!<mono_not_before>\b)[\w'-]+,?[ ]){0,4}?
      <mono>[ ](?!<mono_things>\b)(?:(?!with\b|of\b|and\b)[\w-]+[ ]){0,3}?
      <mono_pictures>\b(?![ ]<shown_within>\b)
  | (?<![\w-])<mono_ways>(?![\w-])
  | (?:in|purely|entirely|strictly)[ ](?:pure[ ]|strict[ ]|stark[ ])?<mono>(?![ ]\w+(?:s|ed)\b)
  | (?:^|[,.;][ ])<mono>(?=[,.;]|$)
""")
_MONO_WORD = _WORDS.pattern(r"(?<![\w-])(?:<mono>|<mono_ways>)")
_IN_COLOUR = Pattern(
    r"^(?:an? )?(?:[\w-]+ ){0,2}colou?r (?:photo|picture|film|print|image|illustration)"
    r"|\b(?:picture|image|photo|photograph|scene|rest) (?:itself )?is in (?:full )?colou?r\b"
    r"|^(?=.*\b(?:hangs?|hung|frame|pinned)\b)[\s\S]*\bcolou?r (?:\w+ )?(?:photo(?:graph)?|shot)\b"
)
# "banded in black and white", "a penguin in black and white"; not "shot in black and white"
_OF_THING = _WORDS.pattern(r"(?<![\w-])(?!<mono_said>\b)[a-z][\w'-]*[ ]in[ ]$")
_WASHED = _WORDS.pattern(
    r"[ ](?:[\w-]+[ ])?with[ ](?:[\w-]+[ ]){0,3}(?:wash(?:es)?|tints?|touches|hints?)\b"
)
_NEXT = _WORDS.pattern(
    r"[ -](?:<mono_things>|television|tv|photographs?[ ](?:hangs?|hung|pinned))(?![\w-])"
)
_BESIDE = Pattern(r"\b(?:beside|next to|in front of|against|behind) (?:an?|the) (?:[\w-]+ )?$")
_FRAMED = Pattern(
    r"[^.;!?]{0,60}\b(?:hangs?|hung|pinned|framed|thin frame|on (?:a|the) (?:\w+ )?wall)\b"
)


def without_colours(text: Text) -> tuple[int, int] | None:
    """Return the range of words that say so; None where another part or thing is meant."""
    lower = text.lower
    if not _MONO_WORD.search(lower) or _IN_COLOUR.search(lower):
        return None
    for found in _MONO.finditer(lower):
        if not (
            inner(text, Statement(*found.span()))
            or LISTED.search(lower[: found.start() + 2])
            or of_thing(lower, *found.span())
        ):
            return found.span()
    return None


def in_colour(lower: str) -> bool:
    """Return whether a picture is said to be a colour photograph."""
    return _IN_COLOUR.search(lower) is not None


def of_thing(lower: str, start: int, end: int) -> bool:
    """Return whether words for black and white are on a thing, or on a picture that hangs."""
    if _BESIDE.search(lower, max(0, start - 30), start):
        return True
    begin = start + 3 if lower.startswith("in ", start) else start
    if _OF_THING.search(lower, max(0, begin - 40), begin):
        return True
    return bool(_WASHED.match(lower, end) or _NEXT.match(lower, end) or _FRAMED.match(lower, end))
