"""Hints at two statements that seldom stand in one picture, by words that are no proof."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.text import Text

from .clauses_zh import ChineseClauses
from .loose_colours import loose_colours
from .loose_colours_zh import loose_colours as chinese_colours
from .loose_counts import loose_counts
from .loose_media import loose_media
from .loose_scene import loose_scene
from .statement import Statement


def loose_faults(text: Text) -> Iterator[Fault]:
    """Yield a hint for each kind: colour, number, medium, scene."""
    colours = chinese_colours(ChineseClauses(text)) if text.chinese else loose_colours(text)
    told: list[Statement] = []
    for message, pairs in (
        ("both_perhaps", colours),
        ("counts_perhaps", loose_counts(text)),
        ("scene_perhaps", loose_media(text)),
        ("scene_perhaps", loose_scene(text)),
    ):
        for a, b in pairs:
            if not any(s.overlaps(t) for s in (a, b) for t in told):
                told += (a, b)
                values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
                yield Fault(b.start, b.end, message, values, severity="hint")
