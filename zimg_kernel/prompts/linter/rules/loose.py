"""Hints at, or warnings of, two statements that seldom stand in one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.text import Text

from .clauses_zh import ChineseClauses
from .levels import apart, hint, is_long
from .loose_colours import loose_colours
from .loose_colours_zh import loose_colours as chinese_colours
from .loose_counts import loose_counts
from .loose_media import loose_media
from .loose_scene import loose_scene
from .statement import Statement


def loose_faults(text: Text, found: Sequence[Fault]) -> Iterator[Fault]:
    """Yield a fault for each kind (colour, number, medium, scene) that was not found yet."""
    colours = chinese_colours(ChineseClauses(text)) if text.chinese else loose_colours(text)
    told: list[Statement] = [Statement(fault.start, fault.end) for fault in found]
    for kind, message, pairs in (
        ("colour", "both", colours),
        ("count", "counts", loose_counts(text)),
        ("medium", "scene", loose_media(text)),
        ("scene", "scene", loose_scene(text)),
    ):
        for a, b in pairs:
            if not any(s.overlaps(t) for s in (a, b) for t in told):
                told += (a, b)
                values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
                fault = Fault(b.start, b.end, message, values)
                yield hint(fault) if a.weak or b.weak or _unsure(text, kind, a, b) else fault


def _unsure(text: Text, kind: str, a: Statement, b: Statement) -> bool:
    """Return whether good prompts have the like of two statements, too."""
    if kind == "medium":
        return is_long(text)
    return apart(text, a, b)
