"""All pairs of Chinese statements that cannot both be true of one picture."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.text import Text

from .clauses_zh import ChineseClauses
from .levels import less_sure
from .mono_zh import coloured_mono
from .numbered_zh import renumbered
from .persons_zh import opposed_ages
from .repeated_zh import recoloured
from .restated_zh import restated_colours
from .retold_zh import retold
from .scene_zh import ChineseScene
from .statement import Statement, firmly
from .styles_zh import opposed_media
from .things_zh import ChineseThings
from .tints_zh import opposed_colours
from .totals_zh import opposed_totals

_ONE_OF = Pattern("[一两三几][张幅帧][^，。；]{0,8}$")  # 一张黑白摄影，一幅抽象油画


def chinese_opposites(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield the pairs, nothing for a prompt without Chinese words."""
    if not text.chinese:
        return
    clauses = ChineseClauses(text)
    scene, things = ChineseScene(clauses), ChineseThings(clauses)
    yield from firmly(scene.opposites())
    yield from less_sure(text, things.opposites())
    yield from less_sure(text, opposed_colours(things, scene))
    yield from firmly(less_sure(text, recoloured(clauses), colours=True))
    yield from firmly(less_sure(text, restated_colours(clauses), colours=True))
    yield from firmly(retold(clauses))
    yield from opposed_ages(clauses)
    yield from opposed_totals(clauses)
    yield from firmly(renumbered(clauses))
    yield from firmly(coloured_mono(clauses))
    for a, b in opposed_media(clauses):
        if not all(_ONE_OF.search(clauses.before(s)) for s in (a, b)):
            yield a, b
