"""Text edits applied to a prompt, with the commas around a cut tidied."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zimg_kernel.prompts.text import Text

from .finding import TextEdit

_CUT = "\ue001"  # marks a place where something was taken out
_MARK = rf"(?:[,，、;；。]|\.(?=\s|$|{_CUT}))"
_RUN = rf"(?<![,，、;；。 \t])(?:{_MARK}|[ \t])*{_CUT}(?:{_MARK}|[ \t{_CUT}])*"
_AROUND = re.compile(_RUN)
_LINE = re.compile(rf"^{_RUN}(?:\n|\Z)", re.M)


def apply(prompt: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits to a prompt, except those that reach into quoted text.

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
    edited = _AROUND.sub(_joint, _LINE.sub("", "".join([*parts, prompt[at:]])))
    return edited if edited.strip(" ,，、;；。.\n\t") else prompt


def _joint(found: re.Match[str]) -> str:
    """Return what stays of the commas and blanks on both sides of a cut."""
    text, run = found.string, found[0]
    left, right = text[: found.start()][-1:], text[found.end() :][:1]
    marks = re.findall(r"[,，、;；。.]", run)
    stops = [mark for mark in marks if mark in ".。"]
    if left in ("", "\n"):
        return ""
    if right in ("", "\n"):
        return stops[-1] if stops and left not in ".。" else ""
    if marks:
        mark = (stops or marks)[0]
        return mark if mark in "，、；。" else mark + " "
    return " " if (" " in run or "\t" in run) and (left + right).isascii() else ""
