"""Apply edits to a prompt, and tidy the commas around what was taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .finding import Edit
from .text import Text

_CUT = "\ue001"  # marks a place where something was taken out
_AROUND = re.compile(
    rf"(?P<before>[ \t]*[,，、;；]?)[ \t]*{_CUT}[ \t{_CUT}]*(?P<after>[,，、;；]?[ \t]*)"
)


def apply(prompt: str, edits: Iterable[Edit]) -> str:
    """Return a prompt with edits made; those that reach into quoted text are left out.

    Of edits that overlap only the first is made. If nothing would be left, the prompt stays.
    """
    quotes = Text(prompt).quotes
    parts: list[str] = []
    at = 0
    for edit in sorted(set(edits), key=lambda e: (e.start, e.end)):
        inside = any(edit.start < end and edit.end > start for start, end in quotes)
        if inside or edit.start < at:
            continue
        parts += [prompt[at : edit.start], edit.text or _CUT]
        at = edit.end
    mended = _AROUND.sub(_joint, "".join([*parts, prompt[at:]]))
    return mended if mended.strip(" ,，、;；。.\n\t") else prompt


def _joint(found: re.Match[str]) -> str:
    """What stays of the commas and blanks on both sides of a cut."""
    text = found.string
    first = not text[: found.start()].strip() or text[: found.start()].endswith("\n")
    last = found.end() == len(text) or text[found.end()] in "\n。.!?！？"
    before, after = found["before"], found["after"]
    if first:
        return ""
    if last:
        return "" if before.strip() or not after.strip() else after.rstrip()
    if before.strip() and after.strip():
        return after if after[0] in ",，、;；" else before
    if before.strip():
        return before if before[-1] in "，、；" else before + " "
    if after.strip():
        return after
    around = text[found.start() - 1] + text[found.end()]
    return " " if (before or after) and around.isascii() else ""
