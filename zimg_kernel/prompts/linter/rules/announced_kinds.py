"""What words that may be text for the picture look like: a title, a saying, a price."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Severity
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

_WORDS = load_words(__file__, "announced")

_NEAR = _WORDS.pattern(r"(?:[^,.;:\n\ue000]|:(?=\d)|\.(?=\w)|(?<=\b[A-Z])\.)+")
_TAIL = _WORDS.pattern(r"""
    [ ](?:in|with)[ ](?:[\w-]+[ ]){0,3}<manners>\b.*$
  | [ ]<written>[ ](?:on|in|across|over|around|round|along|above|below|into|down|with|by)\b.*$
  | [ ](?:on|across|above|below|along|over|around|round|at|under|down|underneath|beneath)[ ]
    (?:the|its|his|her|their|an?)\b(?![ ][A-Z]).*$
""")
_IN_LETTERS = _WORDS.pattern(r".*[ ]in[ ](?:[\w-]+[ ]){0,3}<manners>\b")
_GENERIC = _WORDS.pattern(r"(?:<generic>)s?(?![\w'’])")
_NO_TEXT = _WORDS.pattern(r"(?:<no_text>)(?![\w'’])")
_FIRST = _WORDS.pattern(r"<first_words>(?![\w-])")
_WEAK = _WORDS.pattern(r"<weak_words>(?![\w-])")
_TALK = _WORDS.pattern(
    r"(?<![\w'])(?:i|i'm|you|your|you're|we|our|us|me|my|please|don't|can't|won't|didn't)(?![\w-])"
)
_CLAUSE = _WORDS.pattern(r"[ ](?:is|are|was|were|will|has|have|can|cannot)[ ]\w")
_TITLE = _WORDS.pattern(r"""
    [A-Z0-9][\w'’&.-]*(?:[ ](?:<small_words>[ ]){0,3}?[A-Z0-9&][\w'’&.-]*)+[!?]?
""")
_CAPS = _WORDS.pattern(
    r"[A-Z][A-Z0-9'’&!-]{3,}(?![a-z])|[A-Z][A-Z0-9'’&!-]*(?:[ ][A-Z0-9][A-Z0-9'’&!-]*)+(?![a-z])"
)
_CODE = _WORDS.pattern(r"""
    .*(?:\b\d{1,2}[:.]\d\d\b|[€£$]\ ?\d|\d[ ]?%|\b<amounts>\b|\b<months>\b[ ]\d|\d[ ]<months>\b
      |\b[A-Z]{1,4}[ -]?\d{2,}|\b[a-z]+[ ]\d{2,}\b)
""")
_PLACED = re.compile(r".* (?:on|across|in|over|down|around|round) (?:it|its|the|his|her|their)\b")
_POSTED = re.compile(r"(?:wanted|missing|reserved|lost|sold|closed)\b")
_FIGURE = re.compile(r"[€£$]?\d[\d.,:/-]*(?![\w.])|(?:[A-Z]\.){1,4}|[A-Z]{1,4}(?![\w])")
_STYLE = re.compile(r"[\w'’& .-]*?[ -](?:style|inspired|pattern|design|print|fabric)\b")

Found = tuple[int, int, Severity]
"""Start, end and level of a text for the picture."""


def graded(text: Text, at: int, *, sure: str, maybe: str = "") -> Iterator[Found]:
    """Yield the text that begins at a position, if its kind is among those given."""
    if text.plain[at : at + 1] == " ":
        at += 1
    near = _NEAR.match(text.plain, at)
    if not near or text.plain[near.end() : near.end() + 2].strip()[:1] == HIDDEN:
        return
    whole = near[0].rstrip()
    tail = _TAIL.search(whole)
    kept = (whole[: tail.start()] if tail else whole).rstrip()
    kinds = _kinds(whole, kept)
    level: Severity | None = (
        "warning" if kinds & set(sure.split()) else "hint" if kinds & set(maybe.split()) else None
    )
    if level:
        yield at, at + len(kept), level


def _kinds(whole: str, kept: str) -> set[str]:
    """Return what words look like: a title, a saying, a code."""
    if not kept or not (kept[0].isalnum() or kept[0] in "#@"):
        return set()
    lower, count = kept.lower().replace("’", "'"), kept.count(" ") + 1
    generic = _GENERIC.match(kept)
    if _NO_TEXT.match(kept) or _STYLE.match(kept):
        return set()
    found = set()
    if _CAPS.match(kept) and len(kept) > 1:
        found.add("caps")
    title = _TITLE.match(kept)
    if title and (count < 7 or title.end() == len(kept) or title[0].count(" ") > 1):
        found |= {"title", "lettered"} if _IN_LETTERS.match(whole) else {"title"}
        if title.end() == len(kept):
            found.add("exact")
        if _FIRST.match(lower) or re.search(r"\d|&|'s\b| (?:for|to|is|your|my|we|be) ", lower):
            found.add("phrase")
    elif kept[0].isupper():
        found.add("single" if count == 1 else "sentence")
    first = _FIRST.match(lower)
    talk = _TALK.search(lower) or (kept[-1] in "?!" and (first or not generic))
    if count > 1 and not found:
        if talk:
            found.add("talk")
        elif first and not _WEAK.match(lower):
            found.add("first")
        elif first:
            found.add("weak")
    elif count > 1 and talk:
        found.add("talk")
    if found & {"first", "weak"} and _PLACED.match(whole) and "weak" not in found:
        found.add("placed")
    if (
        kept[0].isupper()
        and count > 1
        and first
        and not (_WEAK.match(lower) and not _POSTED.match(lower))
    ):
        found.add("opening")
    if _FIGURE.match(kept):
        found.add("figure")
    if (
        generic
        and found <= {"first", "weak"}
        and not ((first and " " in first[0]) or _POSTED.match(lower))
    ):
        found.clear()
    if _CODE.match(kept) and not generic:
        found.add("code")
    if not found and generic:
        return {"article"} if re.match(r"(?:the|an?) \w", kept) else set()
    if not found or found <= {"weak", "first"}:
        if _CLAUSE.search(kept):
            found.add("clause")
        found.add("bare")
        if count > 1 or "clause" in found:
            found |= {"plain", "long"} if count > 2 else {"plain"}
    return found
