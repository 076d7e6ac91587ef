"""Contradictions that the tables of words for each kind show, in either language."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import Text

from .evidence import opposed_evidence
from .evidence_colours import opposed_colours
from .evidence_counts import opposed_counts
from .evidence_media import coloured_mono, opposed_media
from .evidence_places import opposed_places
from .evidence_wholes import opposed_hair, opposed_wholes
from .evidence_wholes_zh import chinese_crowd, chinese_wholes
from .passage import Passage
from .statement import Statement, firmly

_ONE_OF = Pattern("[一两三几][张幅帧][^，。；]{0,8}$")


def evident(text: Text) -> Iterator[tuple[str, Statement, Statement]]:
    """Yield the kind of message and two statements, at most one pair of each kind."""
    passage = Passage(text)
    for message, pairs in (
        ("scene", opposed_evidence(passage)),
        ("scene", opposed_places(passage)),
        ("scene", _chinese(passage, opposed_media(passage))),
        ("both", coloured_mono(passage)),
        ("counts", _chinese(passage, opposed_counts(passage))),
        ("both", opposed_colours(passage)),
        ("both", opposed_wholes(passage)),
        ("both", opposed_hair(passage)),
        ("both", chinese_wholes(passage)),
        ("counts", chinese_crowd(passage)),
    ):
        for a, b in pairs:
            yield message, a, b
            break


def _chinese(
    passage: Passage, pairs: Iterator[tuple[Statement, Statement]]
) -> Iterator[tuple[Statement, Statement]]:
    """Yield pairs, those of a Chinese prompt as firm ones: no good one says as much."""
    for pair in pairs:
        each = all(_ONE_OF.search(passage.plain, max(0, s.start - 12), s.start) for s in pair)
        if passage.language != "zh":
            yield pair
        elif not each:  # 一张黑白摄影，一幅抽象油画
            yield from firmly([pair])
