"""English words with capitals in the middle of a sentence that name nothing: lettering."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__, "attached"))
_WORDS.update(load_words(__file__, "written_words"))
_WORDS.update(load_words(__file__, "placed_words"))
_WORDS.update(load_words(__file__))

_WORD = r"[A-Za-z0-9&][\w'’&:!?-]*"
_CAPITAL = Pattern(rf"""
    (?<=[a-z0-9'’)][ ]|[,:;][ ]|.[-–—][ ])
    (?P<text>(?P<first>[A-Z][\w'’&-]*)(?P<rest>(?:[ ]{_WORD}){{0,9}}))
""", re.VERBOSE)  # fmt: skip
_TITLE = _WORDS.pattern(
    r"[A-Z0-9][\w'’&-]*(?:[ ](?:<small_words>[ ]){0,3}?[A-Z0-9&][\w'’&:-]*)+[!?]?"
)
_TAIL = _WORDS.pattern(r"""
    [ ](?:(?:in|with)[ ](?:[\w'’-]+[ ]){0,5}?
        (?:<letters>|hand|<inks>|white|black|gold|silver|red|blue)\b
      |(?:<lettered>|<more_written>|<marked>)\b
      |(?:on|across|over|above|below|under|along|around|beneath)[ ]
        (?:the|its|his|her|their|an?|it)\b
      |(?:and|takes|fills|glows|runs|sits|stands|hangs)[ ][a-z]).*
""")
_SPOKEN = _WORDS.pattern(r"(?:<spoken>)(?![\w-])")
_NAMES = _WORDS.pattern(r"(?:<no_text>|<named>)(?![\w'’])")
_BEARS = _WORDS.pattern(
    r".*?(?:^|[ ])(?:<standing>)(?:[ ](?:out|up|forth|down))?(?:[ ](?:with|on[ ]it|of))?[ ]$"
)
_LEADS = _WORDS.pattern(
    r".*(?:^|[ ])(?:with|it|them|as|is|are|was|were|of|saying"
    r"|(?!<no_verbs>)[a-z]{2,}(?:s|ed|ing|en|wn|ut|nt))[ ]$"
)
_SAYS = _WORDS.pattern(r".*(?:^|[ ])<says>[ ]$")
_SCENE = _WORDS.pattern(r"(?i:.*\b(?:<scene_ends>)$|(?:<scene_starts>)\b)|[A-Z]\w+[ ][a-z]+s$")
_CLAUSE = Pattern(
    r"[A-Z][a-z'’]+(?: [\w'’]+){0,3}"
    r" (?:is|are|was|were|will|can|comes?|makes?|needs?|never|always) [a-z]"
)
_WRITING = _WORDS.pattern(
    r"\b(?:<letters>|<lettered>|<more_written>|<marked>|<text_nouns>|<manners>|the line)(?![\w-])"
)
_CARRIER = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>|<bearers>)(?![\w'-])")
# a World's Okayest Fisherman cap
_WORN = _WORDS.pattern(r"""
    (?<=\b(?:his|her|the)[ ]|...\b(?:an?)[ ]|[a-z]{4}[ ])
    (?P<text>[A-Z][\w'’&-]*(?:[ ](?:<small_words>[ ])?[A-Z][\w'’&-]*)+)[ ]
    (?:<worn>)(?![\w-])
""")
# its headline, Mayor Eats Evidence, takes up half the sheet
_APPOSED = _WORDS.pattern(r"""
    \b(?:<text_nouns>|<letters>)(?:[ ](?!and\b)[^,.;:\n\ue000]{2,25})?,[ ]
    (?P<text>[A-Z0-9][\w'’&-]*(?:[ ][\w'’&-]+){1,7})(?=[,.;]|$)
""")
_PUT = _WORDS.pattern(r"""
    [ ](?:<lettered>|<marked>)[ ](?:on|in|into|across|over|under|along|round|around)\b
  | [ ](?:across|on|along|over|around|round|down)[ ](?:the|its|his|her|their|one)[ ](?:[\w-]+[ ])?
    (?:<bearers>|<spots>)\b
""")
# surname Castellanos printed under the portrait
_SINGLE = _WORDS.pattern(r"""
    \b[a-z]+[ ](?P<text>[A-Z][a-z'’]+)[ ](?:<lettered>|<marked>)[ ]
    (?:on|in|into|across|over|under|along|round|around|below|above|beneath|at)\b
""")
_NEAR = 60  # characters before words in which that they are written is told
_MOST = 0.5  # share of capital words above which they tell nothing


def capital_words(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    plain = text.plain
    if not text.latin or text.chinese or _titled(plain):
        return
    for pattern in (_WORN, _APPOSED, _SINGLE):
        for found in pattern.finditer(plain):
            if _free(text, *found.span("text")) and not _NAMES.match(found["text"]):
                yield *found.span("text"), "hint"
    for found in _CAPITAL.finditer(plain):
        start, end = found.span("text")
        if _NAMES.match(found["text"]) or not _free(text, start, end):
            continue
        tail = _TAIL.search(plain, start, end)
        stop = tail.start() if tail else end
        words = plain[start:stop]
        title = _TITLE.match(words)
        if " " in words and _is_text(
            text, found, words, tail, bool(title and title.end() == len(words))
        ):
            yield start, stop, "hint"


def _is_text(
    text: Text, found: re.Match[str], words: str, tail: re.Match[str] | None, title: bool
) -> bool:
    """Return whether words are text: by what they are, what stands before, and what bears them."""
    start, stop = found.start(), found.start() + len(words)
    begin, close = _sentence(text, start)
    lead = text.plain[text.phrase_of(start)[0] : start].lower()
    if not lead.strip() and text.plain[start - 2] == ":":
        begin = _sentence(text, begin - 2)[0] if begin > 2 else begin
    told = _WRITING.search(text.lower, begin, start) or (
        tail and _WRITING.search(text.lower, stop, min(close, stop + 60))
    )
    if not (told or _CARRIER.search(text.lower, begin, close)):
        return False
    if _SPOKEN.match(found["first"].lower()) or _CLAUSE.match(words):
        return True
    colon = text.plain[start - 2] == ":"
    if not colon and _SCENE.match(words):
        return False
    if lead.strip():
        if _SAYS.match(lead) or (told and _LEADS.match(lead)):
            return True
        return title and bool(_BEARS.match(lead))
    before = text.lower[max(begin, start - _NEAR) : start]
    put = tail is not None and _PUT.match(tail[0]) is not None
    near = _WRITING.search(before) or colon
    return (title and put) or bool(near)


def _titled(plain: str) -> bool:
    """Return whether most words of a prompt begin with capitals."""
    words = re.findall(r"[A-Za-z][\w'’-]+", plain)
    return len(words) < 3 or sum(w[0].isupper() for w in words) > _MOST * len(words)


def _free(text: Text, start: int, end: int) -> bool:
    """Return whether no quoted text is near."""
    begin, close = _sentence(text, start)
    return HIDDEN not in text.plain[begin:close]


def _sentence(text: Text, at: int) -> tuple[int, int]:
    """Return the range of the sentence around a position."""
    start = max(text.plain.rfind(mark, 0, at) for mark in (". ", "\n")) + 1
    ends = [end for mark in (". ", "\n") if (end := text.plain.find(mark, at)) >= 0]
    return start, min(ends, default=len(text.plain))
